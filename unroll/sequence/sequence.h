// Three walks of a cell through time.
//
//   Forward    t = 0 .. T-1    writes the tape                    train, evaluate
//   Backward   t = T-1 .. 0    reads it, uses it up: BPTT         train
//   Advance    one t           no tape, no allocation, no lock    stream, generate
//
// All three give the same bits for the same row, whatever B, the number of threads, the split and
// the length of the walk: every sum runs in one order, bias, then inputs, then units, in one
// accumulator. Arrays lie as batch.h says.
#pragma once

#include <cstddef>
#include <vector>

#include "unroll/base/threads.h"
#include "unroll/sequence/batch.h"
#include "unroll/sequence/split.h"
#include "unroll/sequence/threshold.h"
#include "unroll/sequence/walks.h"
#include "unroll/sequence/weights.h"

namespace unroll {

/// What walks: a cell with its weights. Many threads may walk with the same weights at once.
template <class Real>
struct WalkWeights {
  const Walks<Real>* walks;
  std::size_t I, H;
  PackedWeights<const Real> weights;
  const Real* w_back;  ///< [ceil(I / L), P, GI, L, L] the same W and
  const Real* u_back;  ///< [P, P, GU, L, L] U for the way back; renewed by PackBack after an update
  CellOptions options{};
};

/// What Forward remembers for Backward.
template <class Real>
struct Tape {
  /// [P, T, B, slots of the cell, L]: one slot per panel, step and row, which holds the sums, then
  /// what the cell saved, then the gradients of the sums, each in place of the one before. See
  /// TapeSize.
  Real* slots;
  /// [T, B, H] what U was multiplied with where that was not h: h with its mask, if there is one;
  /// then what a first stage made. See OperandSize; null where that is 0.
  Real* operands = nullptr;
};

/// State of B rows, before a walk and after it.
template <class Real>
struct States {
  const Real* before;  ///< [S, B, H]
  Real* after;         ///< [S, B, H] may be `before`, unless Backward follows
};

/// Gradients that Backward produces.
template <class Real>
struct BatchGradients {
  PackedWeights<Real> d_weights;  ///< added to, so that several batches can share one update; all
                                  ///<           null when nobody needs it
  Real* d_state;                  ///< [S, B, H] on entry of the state after the walk, on exit of
                                  ///<           the state before it
  Real* d_initial;                ///< [S, N, H] overwritten; null where no sequence begins
  Real* d_x;                      ///< [T, B, I] overwritten; null when nobody needs it
};

/// What else Backward does on its way, and tells; what is null costs nothing.
template <class Real>
struct BackwardExtras {
  Threshold threshold{};
  /// [P, T, B, sums of the cell, L] where the gradients of the sums go, so that the tape is kept
  /// and can be walked again; null: they use it up. See KeptSize.
  Real* d_sums = nullptr;
  Real* d_states = nullptr;  ///< [S, T, B, H] the gradient by the states after each step
  Real* norms = nullptr;     ///< [S, T, B] their L2 norms over H
  Real* kept = nullptr;      ///< [S, T, B] the share of the norm that the threshold left of what
                             ///<           reached the state before each step; 1: it did not act
};

/// Who walks, and the memory that they need on the way; one for any number of walks, one after
/// another.
template <class Real>
struct Crew {
  ThreadPool* pool;
  Split split;
  Real* scratch;  ///< see ScratchSize
  std::vector<std::int32_t> entries{};
};

/// Numbers of a tape's slots for T steps of B rows; of its operands; of d_sums that keep it, where
/// the gradient of weights or inputs is wanted or not.
template <class Real>
std::size_t TapeSize(const CellFacts& cell, std::size_t H, std::size_t T, std::size_t B);
template <class Real>
std::size_t OperandSize(const CellFacts& cell, std::size_t H, std::size_t T, std::size_t B,
                        bool masked);
template <class Real>
std::size_t KeptSize(const CellFacts& cell, std::size_t H, std::size_t T, std::size_t B,
                     bool all_steps);

/// Numbers of scratch for walks of at most T steps and B rows by at most `threads` threads.
/// `watched`: Backward is given a threshold, or asked for norms.
template <class Real>
std::size_t ScratchSize(const WalkWeights<Real>& weights, std::size_t T, std::size_t B, int threads,
                        bool watched = false);

/// Renews the panels for the way back, as weights.w_back and u_back point to them.
template <class Real>
void PackBack(const WalkWeights<Real>& weights, Real* w_back, Real* u_back, ThreadPool& pool,
              Split split);

/// Runs the cell along every row of `batch`; without a tape where `tape.slots` is null.
///
/// Shapes:  y [T, B, H]. None may overlap another.
/// Errors:  std::logic_error for ids that are none (see FindEntries), where a sequence begins
///          without an initial state, for a mask without a tape, and for a tape without the
///          operands that it must hold.
template <class Real>
void Forward(const WalkWeights<Real>& weights, const Batch<Real>& batch, const States<Real>& states,
             Real* y, const Tape<Real>& tape, Crew<Real>& crew);

/// Back-propagation through time over what `tape` and `y` hold from Forward, for the error whose
/// gradient by y is `d_y`. Uses up the tape unless it is kept.
///
/// Shapes:  y, d_y [T, B, H]; the others with BatchGradients. `states` as Forward was given them.
/// Source:  Werbos 1990, Proc. IEEE 78(10). Ending the walk at the edge of the batch while the
///          state goes on is truncated BPTT: Williams & Peng 1990, Neural Computation 2(4).
template <class Real>
void Backward(const WalkWeights<Real>& weights, const Batch<Real>& batch,
              const States<Real>& states, const Real* y, const Real* d_y, const Tape<Real>& tape,
              const BatchGradients<Real>& gradients, Crew<Real>& crew,
              const BackwardExtras<Real>& extras = {});

/// One step of B rows. Real-time safe: no lock, no allocation, one thread.
///
/// Shapes:  x [B, I]; state [S, B, H] is replaced by the state after the step, of which state 0 is
///          the output; scratch [AdvanceScratch].
template <class Real>
void Advance(const WalkWeights<Real>& weights, std::size_t B, const Real* x, Real* state,
             Real* scratch);

/// Numbers of scratch that Advance needs.
template <class Real>
std::size_t AdvanceScratch(const WalkWeights<Real>& weights, std::size_t B);

}  // namespace unroll
