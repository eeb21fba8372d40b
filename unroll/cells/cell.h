// The contract between a cell and the walks that unroll it in time.
//
// A cell is ONE INSTANT of one vector of units: pointwise arithmetic and its derivative, on
// registers. The products with W and U, memory, rows and time belong to sequence/; the cell only
// says which sums it wants and how much must be remembered.
//
//   struct Gru : CellBase {
//     static constexpr std::string_view kName = "gru";
//     static constexpr int kGates = 3;        // blocks of rows in PyTorch's weights
//     static constexpr SumSpec kSums[] = {};  // input-only, then both, recurrent-only, own
//     static constexpr int kStates = 1;       // carried in time; state 0 is the output h
//     static constexpr int kSaved = 4;        // what Backward wants beside the states
//     template <class D, class A, class V>
//     static void Forward(D d, const A& act, ForwardStep<Gru, V>& s);
//     template <class D, class A, class V>
//     static void Backward(D d, const A& act, BackwardStep<Gru, V>& s);
//   };
//
// `act` holds the activations and options that were chosen (activations-inl.h). What else a cell
// may have stands in CellBase: weights of its own, x itself, a second product in the same step.
//
// Three promises keep a cell safe on the padding that fills up the last vector of units, where
// every weight and incoming gradient is zero, and states are whatever Forward made of that:
//   1. Forward gives finite numbers.
//   2. Backward is linear in d_state (and d_operand), so that zero goes to zero.
//   3. Neither looks at a neighbouring lane.
#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace unroll {

/// Which products a sum is made of. The bias belongs to every kind.
enum class Sum {
  kInput,      ///< W x_t + b
  kBoth,       ///< W x_t + U a_t + b
  kRecurrent,  ///< U a_t + b
  kOwn,        ///< b alone; the cell adds what it makes of x itself
};

/// One sum of a cell, and the gate (block of rows in PyTorch's weights) it comes from. a_t, the
/// operand of U, is h_{t-1}; in the second stage it is what the first one made.
struct SumSpec {
  Sum kind;
  int gate;
  int stage = 0;
};

/// A tensor of weights in PyTorch's layout that may hold one number a unit instead of one a
/// product.
enum class UnitTensor { kWeightIh, kWeightHh, kWeightPeephole };

/// One weight per unit, and where it stands in PyTorch's layout: a row [H] of that tensor.
struct UnitWeight {
  UnitTensor tensor;
  int row = 0;
};

/// Options that a cell may take; bits of CellBase::kOptions.
enum Option : unsigned {
  kTakesActivation = 1,
  kTakesGateActivation = 2,
  kTakesOutputActivation = 4,
  kTakesClip = 8,
  kTakesInputForget = 16,
};

/// What most cells have none of.
///
/// A cell of two stages does Forward and Backward in its second and has two functions more:
///   FirstStage(d, act, ForwardStep&)           sum of the first stage, state -> operand; it may
///   put
///                                              its gates in its sums' place
///   FirstStageBackward(d, act, BackwardStep&)  d_operand -> d_sum of the first stage, and adds to
///                                              d_state; it finds in d_sum what Backward left there
/// A cell with weights of its own has one function more:
///   UnitGradient(d, UnitGradientStep&)         d_sum, states, x -> d_unit of this step
struct CellBase {
  static constexpr std::array<UnitWeight, 0> kUnitWeights{};
  static constexpr bool kReadsInput = false;  ///< gets x itself; I = H
  static constexpr int kStages = 1;
  static constexpr int kForgetGate = -1;  ///< the gate that a forget bias is added to
  static constexpr unsigned kOptions = kTakesActivation | kTakesClip;
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
template <class Cell>
inline constexpr int kNumUnitWeights = static_cast<int>(std::size(Cell::kUnitWeights));

/// Sums with an input part are [0, kInputSums); those with a recurrent part are
/// [kFirstRecurrent, kFirstRecurrent + kRecurrentSums), stage after stage. So each product reads
/// and writes one unbroken run of vectors.
template <class Cell>
constexpr int CountSums(Sum kind) {
  int n = 0;
  for (const SumSpec& sum : Cell::kSums) n += sum.kind == kind;
  return n;
}
template <class Cell>
inline constexpr int kFirstRecurrent = CountSums<Cell>(Sum::kInput);
template <class Cell>
inline constexpr int kInputSums = CountSums<Cell>(Sum::kInput) + CountSums<Cell>(Sum::kBoth);
template <class Cell>
inline constexpr int kRecurrentSums =
    CountSums<Cell>(Sum::kBoth) + CountSums<Cell>(Sum::kRecurrent);

/// Sums of the recurrent product of one stage.
template <class Cell>
constexpr int StageSums(int stage) {
  int n = 0;
  for (const SumSpec& sum : Cell::kSums) {
    n += sum.stage == stage && (sum.kind == Sum::kBoth || sum.kind == Sum::kRecurrent);
  }
  return n;
}

/// Whether kSums is in the order the walks rely on; checked when a cell enters the table.
template <class Cell>
constexpr bool SumsAreInOrder() {
  for (int i = 1; i < kNumSums<Cell>; ++i) {
    if (Cell::kSums[i].kind < Cell::kSums[i - 1].kind) return false;
    if (Cell::kSums[i].stage < Cell::kSums[i - 1].stage) return false;
  }
  return true;
}

/// One step forward in time, for one vector of units of one sequence.
template <class Cell, class V>
struct ForwardStep {
  Vectors<V, kNumSums<Cell>> sum;          ///< in
  Vectors<V, Cell::kStates> state;         ///< in: at t-1; out: at t
  Vectors<V, Cell::kSaved> saved;          ///< out; dropped when nobody will go backward
  Vectors<V, kNumUnitWeights<Cell>> unit;  ///< in: the cell's own weights
  V x;                                     ///< in, where the cell reads it
  V operand;                               ///< out of a first stage: what the second multiplies
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
  Vectors<V, kNumUnitWeights<Cell>> unit;  ///< in: the cell's own weights
  V d_x;                                   ///< out, where the cell reads x
  V d_operand;                             ///< in, for FirstStageBackward
};

/// What one step adds to the gradient of the cell's own weights.
template <class Cell, class V>
struct UnitGradientStep {
  Vectors<V, kNumSums<Cell>> d_sum;          ///< in
  Vectors<V, Cell::kStates> before, after;   ///< in: states at t-1 and at t
  V x;                                       ///< in, where the cell reads it
  Vectors<V, kNumUnitWeights<Cell>> d_unit;  ///< out
};

}  // namespace unroll
