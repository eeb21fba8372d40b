// The contract between a cell and the walks that unroll it in time.
//
// A cell is ONE INSTANT of one vector of units: pointwise arithmetic and its derivative, on
// registers. The products with W and U, memory, rows and time belong to sequence/; the cell only
// says which sums it wants and how much must be remembered.
//
//   struct Lstm {
//     static constexpr std::string_view kName = "lstm";
//     static constexpr int kGates = 4;        // blocks of rows in PyTorch's weights
//     static constexpr SumSpec kSums[] = {};  // input-only, then both, then recurrent-only
//     static constexpr int kStates = 2;       // carried in time; state 0 is the output h
//     static constexpr int kSaved = 5;        // what Backward wants beside the states
//     template <class D, class V> static void Forward(D d, ForwardStep<Lstm, V>& s);
//     template <class D, class V> static void Backward(D d, BackwardStep<Lstm, V>& s);
//   };
//
// Three promises keep a cell safe on the padding that fills up the last vector of units, where
// every weight, state and incoming gradient is zero:
//   1. Forward gives finite numbers.
//   2. Backward is linear in d_state, so that zero goes to zero.
//   3. Neither looks at a neighbouring lane.
#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace unroll {

/// Which products a sum is made of. The bias belongs to every kind.
enum class Sum {
  kInput,      ///< W x_t + b
  kBoth,       ///< W x_t + U h_{t-1} + b
  kRecurrent,  ///< U h_{t-1} + b
};

/// One sum of a cell, and the gate (block of rows in PyTorch's weights) it comes from.
struct SumSpec {
  Sum kind;
  int gate;
};

/// N vector registers; N may be 0, as an array's may not.
template <class V, int N>
struct Vectors {
  V v[N > 0 ? N : 1];
  V& operator[](int i) { return v[i]; }
  const V& operator[](int i) const { return v[i]; }
};

template <class Cell>
inline constexpr int kNumSums = static_cast<int>(std::size(Cell::kSums));

/// Sums with an input part are [0, kInputSums); those with a recurrent part are
/// [kFirstRecurrent, kNumSums). So each product reads and writes one unbroken run of vectors.
template <class Cell>
constexpr int CountSums(Sum kind) {
  int n = 0;
  for (const SumSpec& sum : Cell::kSums) n += sum.kind == kind;
  return n;
}
template <class Cell>
inline constexpr int kFirstRecurrent = CountSums<Cell>(Sum::kInput);
template <class Cell>
inline constexpr int kInputSums = kNumSums<Cell> - CountSums<Cell>(Sum::kRecurrent);
template <class Cell>
inline constexpr int kRecurrentSums = kNumSums<Cell> - kFirstRecurrent<Cell>;

/// Whether kSums is in the order the walks rely on; checked when a cell enters the table.
template <class Cell>
constexpr bool SumsAreInOrder() {
  for (int i = 1; i < kNumSums<Cell>; ++i) {
    if (Cell::kSums[i].kind < Cell::kSums[i - 1].kind) return false;
  }
  return true;
}

/// One step forward in time, for one vector of units of one sequence.
template <class Cell, class V>
struct ForwardStep {
  Vectors<V, kNumSums<Cell>> sum;   ///< in
  Vectors<V, Cell::kStates> state;  ///< in: at t-1; out: at t
  Vectors<V, Cell::kSaved> saved;   ///< out; dropped when nobody will go backward
};

/// One step backward; d_ marks a derivative of the loss. What a cell does not read is never loaded.
template <class Cell, class V>
struct BackwardStep {
  Vectors<V, Cell::kSaved> saved;     ///< in: as Forward left it
  Vectors<V, Cell::kStates> before;   ///< in: state at t-1
  Vectors<V, Cell::kStates> after;    ///< in: state at t
  Vectors<V, Cell::kStates> d_state;  ///< in: of the state at t; out: of the state at t-1, without
                                      ///<     what flows through U, which the walk adds
  Vectors<V, kNumSums<Cell>> d_sum;   ///< out
};

}  // namespace unroll
