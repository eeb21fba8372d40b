#include "cli/schedule.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <vector>

#include "cli/numbers.h"

namespace unroll::cli {
namespace {

constexpr WholeRange kEvery{1, 1'000'000'000};
constexpr RealRange kShare{0, 1};  // of the rate

std::vector<std::string_view> PartsOf(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t colon = 0; (colon = text.find(':')) != text.npos;) {
    parts.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  parts.push_back(text);
  return parts;
}

}  // namespace

Result<Schedule> ParseSchedule(std::string_view text) {
  const std::vector<std::string_view> parts = PartsOf(text);
  Schedule schedule;
  if (parts.size() == 1 && parts[0] == "constant") return schedule;
  if (parts.size() == 3 && parts[0] == "step") {
    schedule.kind = ScheduleKind::kStep;
    return ParseWhole(parts[1], "--schedule EVERY", kEvery).and_then([&](std::uint64_t every) {
      schedule.every = every;
      return ParseReal(parts[2], "--schedule FACTOR", kShare).map([&](double factor) {
        schedule.factor = factor;
        return schedule;
      });
    });
  }
  if (parts.size() <= 2 && parts[0] == "cosine") {
    schedule.kind = ScheduleKind::kCosine;
    if (parts.size() == 1) return schedule;
    return ParseReal(parts[1], "--schedule FLOOR", kShare).map([&](double floor) {
      schedule.floor = floor;
      return schedule;
    });
  }
  return Fail(Failure::kUsage, "--schedule", kSchedulesInWords,
              fmt::format("\"{}\"", Escaped(text)));
}

}  // namespace unroll::cli
