// unroll gradcheck: are the gradients right on this machine?
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/output.h"
#include "unroll/cells/cells.h"
#include "unroll/kernels/instruction_sets.h"
#include "unroll/microscope/gradient_check.h"

namespace unroll::cli {
namespace {

constexpr std::size_t kLeastCases = 300, kLooked = 5;

/// What was seen of one cell.
struct Row {
  std::size_t cases = 0, numbers = 0, kinks = 0;
  double worst = 0;
  std::string where;  ///< the case of the worst, and the tensor
};

void Add(const GradientCase& one, const GradientResult& result, Row& row) {
  ++row.cases;
  row.numbers += result.looked, row.kinks += result.kinks;
  if (result.worst <= row.worst) return;
  row.worst = result.worst, row.where = fmt::format("{} ({})", result.where, one.InWords());
}

std::string InWords(const std::map<std::string_view, Row>& rows) {
  std::string text = fmt::format("{:<18} {:>6} {:>8} {:>7} {:>10}\n", "cell", "cases", "numbers",
                                 "kinks", "worst");
  for (const auto& [cell, row] : rows) {
    text += fmt::format("{:<18} {:>6} {:>8} {:>7} {:>10.1e}\n", cell, row.cases, row.numbers,
                        row.kinks, row.worst);
  }
  return text + fmt::format("every error is relative and must stay below {:.0e}; on {}\n",
                            kGradientTolerance, CurrentInstructionSet());
}

Json InJson(const std::map<std::string_view, Row>& rows) {
  Json cells = Json::List();
  for (const auto& [cell, row] : rows) {
    cells.Add({{"cell", cell},
               {"cases", row.cases},
               {"numbers", row.numbers},
               {"kinks", row.kinks},
               {"worst", row.worst},
               {"where", row.where}});
  }
  return {{"instruction_set", CurrentInstructionSet()},
          {"tolerance", kGradientTolerance},
          {"cells", cells}};
}

}  // namespace

Result<void> RunGradcheck(Words words) {
  std::string cell;
  bool json = false;
  Flags flags("unroll gradcheck",
              "Check gradients against central differences, in double, on this machine.");
  std::vector<std::string> names;
  for (const CellFacts& facts : Cells()) names.emplace_back(facts.name);
  flags.AddChoice("--cell", names, "Check one cell alone", &cell);
  flags.AddSwitch("--json", "Print one JSON document", &json);
  if (auto read = flags.Read(words); !read) return read;
  if (flags.help_wanted()) return Print(flags.Help());

  std::map<std::string_view, Row> rows;
  const Row* worst = nullptr;
  for (const GradientCase& one : DrawGradientCases(kLeastCases)) {
    if (!cell.empty() && !one.Is("cell", cell)) continue;
    const Result<GradientResult> result = CheckGradients(one, kLooked);
    if (!result) return tl::unexpected(result.error());
    Row& row = rows[one["cell"]];
    Add(one, *result, row);
    if (worst == nullptr || row.worst > worst->worst) worst = &row;
  }
  if (auto printed = Print(json ? InJson(rows).Text() : InWords(rows)); !printed) return printed;
  if (worst->worst <= kGradientTolerance) return {};
  throw std::logic_error(
      fmt::format("{}: expected a relative error of at most {:.0e}, found {:.1e}", worst->where,
                  kGradientTolerance, worst->worst));
}

}  // namespace unroll::cli
