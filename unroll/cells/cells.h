// The facts about each cell that do not depend on an instruction set.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "unroll/cells/cell.h"
#include "unroll/cells/options.h"

namespace unroll {

/// What the rest of the library knows about a cell; see cell.h.
struct CellFacts {
  std::string_view name;
  int gates;                      ///< G, blocks of rows in PyTorch's weights
  std::span<const SumSpec> sums;  ///< input-only, both, recurrent-only, own
  int input_sums, recurrent_sums, first_recurrent;
  std::span<const UnitWeight> unit_weights;  ///< the cell's own, one a unit each
  bool reads_input;                          ///< I must be H
  int stages;
  int states;        ///< S
  int slots;         ///< vectors that the tape keeps for each panel, step and row
  int forget_gate;   ///< the gate that a forget bias is added to, or -1
  unsigned options;  ///< bits of Option: which it takes
};

/// All cells, in the order of the list in cells-inl.h.
std::span<const CellFacts> Cells();

/// Whether `gate` only ever sees the sum of its two biases in PyTorch's weights. If not, each of
/// them belongs to one of its products.
bool AddsItsBiases(const CellFacts& cell, int gate);

/// The cell of that name, or null.
const CellFacts* FindCell(std::string_view name);

/// Rows [H] that the cell's own weights fill of one of PyTorch's tensors; 0: none.
int RowsOf(const CellFacts& cell, UnitTensor tensor);

/// Whether the cell takes every option that is not at its default.
bool Takes(const CellFacts& cell, const CellOptions& options);

/// "elman, gru, lstm": for messages and help.
std::string CellNames();

/// The cell without memory that dense layers are made of.
const CellFacts& LinearCell();

template <class Cell>
constexpr CellFacts FactsOf() {
  static_assert(SumsAreInOrder<Cell>(),
                "kSums: input-only first, then both, recurrent-only, own; stage after stage");
  // The sums' place is taken by what was saved, that by the gradients of the sums; states behind.
  constexpr int kReused = kNumSums < Cell >> Cell::kSaved ? kNumSums<Cell> : Cell::kSaved;
  return {Cell::kName,
          Cell::kGates,
          Cell::kSums,
          kInputSums<Cell>,
          kRecurrentSums<Cell>,
          kFirstRecurrent<Cell>,
          Cell::kUnitWeights,
          Cell::kReadsInput,
          Cell::kStages,
          Cell::kStates,
          kReused + Cell::kStates - 1,
          Cell::kForgetGate,
          Cell::kOptions};
}

}  // namespace unroll
