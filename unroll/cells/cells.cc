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
