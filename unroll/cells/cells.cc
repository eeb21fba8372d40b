#include "unroll/cells/cells.h"

#include <algorithm>

#include "unroll/cells/cells-inl.h"

namespace unroll {
namespace {

template <class... Cell>
std::span<const CellFacts> FactsOfList(HWY_NAMESPACE::CellList<Cell...> /*list*/) {
  static constexpr CellFacts kFacts[] = {FactsOf<Cell>()...};
  return kFacts;
}

}  // namespace

std::span<const CellFacts> Cells() { return FactsOfList(HWY_NAMESPACE::AllCells()); }

bool AddsItsBiases(const CellFacts& cell, int gate) {
  return std::any_of(cell.sums.begin(), cell.sums.end(), [gate](const SumSpec& sum) {
    return sum.gate == gate && sum.kind == Sum::kBoth;
  });
}

int RowsOf(const CellFacts& cell, UnitTensor tensor) {
  return static_cast<int>(
      std::count_if(cell.unit_weights.begin(), cell.unit_weights.end(),
                    [tensor](const UnitWeight& weight) { return weight.tensor == tensor; }));
}

bool Takes(const CellFacts& cell, const CellOptions& options) {
  const CellOptions plain;
  unsigned wanted = 0;
  if (options.activation != plain.activation) wanted |= kTakesActivation;
  if (options.gate_activation != plain.gate_activation) wanted |= kTakesGateActivation;
  if (options.output_activation != plain.output_activation) wanted |= kTakesOutputActivation;
  if (options.clip != plain.clip) wanted |= kTakesClip;
  if (options.input_forget) wanted |= kTakesInputForget;
  return (wanted & ~cell.options) == 0;
}

const CellFacts* FindCell(std::string_view name) {
  for (const CellFacts& cell : Cells()) {
    if (cell.name == name) return &cell;
  }
  return nullptr;
}

std::string CellNames() {
  std::string names;
  for (const CellFacts& cell : Cells()) {
    if (!names.empty()) names += ", ";
    names += cell.name;
  }
  return names;
}

const CellFacts& LinearCell() {
  static constexpr CellFacts kFacts = FactsOf<HWY_NAMESPACE::Linear>();
  return kFacts;
}

}  // namespace unroll
