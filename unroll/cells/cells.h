// The facts about each cell that do not depend on an instruction set.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "unroll/cells/cell.h"

namespace unroll {

/// What the rest of the library knows about a cell; see cell.h.
struct CellFacts {
  std::string_view name;
  int gates;                      ///< G, blocks of rows in PyTorch's weights
  std::span<const SumSpec> sums;  ///< input-only, both, recurrent-only
  int input_sums, recurrent_sums, first_recurrent;
  int states;  ///< S
  int slots;   ///< vectors that the tape keeps for each panel, step and row
};

/// All cells, in the order of the list in cells-inl.h.
std::span<const CellFacts> Cells();

/// Whether `gate` only ever sees the sum of its two biases in PyTorch's weights. If not, each of
/// them belongs to one of its products.
bool AddsItsBiases(const CellFacts& cell, int gate);

/// The cell of that name, or null.
const CellFacts* FindCell(std::string_view name);

/// "elman, gru, lstm": for messages and help.
std::string CellNames();

/// The cell without memory that dense layers are made of.
const CellFacts& LinearCell();

template <class Cell>
constexpr CellFacts FactsOf() {
  static_assert(SumsAreInOrder<Cell>(), "kSums: input-only first, then both, then recurrent-only");
  // The sums' place is taken by what was saved, that by the gradients of the sums; states behind.
  constexpr int kReused = kNumSums < Cell >> Cell::kSaved ? kNumSums<Cell> : Cell::kSaved;
  return {Cell::kName,          Cell::kGates,          Cell::kSums,   kInputSums<Cell>,
          kRecurrentSums<Cell>, kFirstRecurrent<Cell>, Cell::kStates, kReused + Cell::kStates - 1};
}

}  // namespace unroll
