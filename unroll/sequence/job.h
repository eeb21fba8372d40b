// Plain data between the public face of the walks and their compiled bodies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "unroll/base/arena.h"
#include "unroll/base/threads.h"
#include "unroll/cells/cells.h"
#include "unroll/sequence/threshold.h"
#include "unroll/sequence/weights.h"

namespace unroll {

/// Everything that a walk over one batch reads and writes; shapes as in sequence.h.
template <class Real>
struct Job {
  std::size_t T, B, N, I, H;
  CellOptions options;
  bool reverse;
  PackedWeights<const Real> weights;
  const Real* w_back;
  const Real* u_back;
  const Real* x;
  const std::int32_t* sequence;
  const std::int32_t* entry;  ///< [T, B] see entries.h; null: every row goes on all along
  const Real* initial;
  const Real* mask;
  const Real* state;         ///< [S, B, H] before the walk
  Real* state_after;         ///< [S, B, H] after it
  Real* y;                   ///< [T, B, H]
  Real* tape;                ///< [P, T, B, slots, L]; null: nobody will go backward
  Real* scratch;             ///< forward without a tape: the sums of some steps, a part each;
  std::size_t scratch_part;  ///<   numbers of one part. Backward: columns of x and h, likewise
  /// By stage, [T, B, H]: what U was multiplied with, where that is not h itself; else null.
  std::array<Real*, 2> operand;
  std::size_t operand_step;  ///< from step to step; 0: one step's room serves them all

  // Backward alone
  const Real* d_y;  ///< [T, B, H]
  Real* d_state;    ///< [S, B, H] in: of state_after; out: of state
  Real* d_initial;  ///< [S, N, H]
  PackedWeights<Real> d_weights;
  Real* d_x;  ///< [T, B, I] or null
  /// [P, d_sum_steps, B, sums, L], T steps or a ring of 2; null: in place of what the tape held.
  Real* d_sum;
  std::size_t d_sum_steps;
  Real* d_operand;  ///< [B, H] or null
  Threshold threshold;
  Real* d_states;  ///< [S, T, B, H] or null
  /// [S, T, B, P] sums of squares over a panel, each null unless wanted: of d_states; of what is
  /// passed back in time before the threshold, and after it.
  double *squares, *squares_before, *squares_after;

  std::size_t PaddedI() const { return Padded<Real>(I); }
  std::size_t PaddedH() const { return Padded<Real>(H); }
};

/// One thread's share of a walk: rows [b0, b1) of panels [p0, p1).
struct Part {
  std::size_t b0, b1, p0, p1;
  Barrier* barrier;   ///< where the threads meet at every step; null: they never do
  std::size_t index;  ///< which share of scratch

  void Meet() const {
    if (barrier != nullptr) barrier->Wait();
  }
};

/// A cell compiled for one instruction set and one precision.
template <class Real>
struct Walks {
  const CellFacts* cell;
  std::size_t lanes;  ///< L, units of a panel
  void (*forward)(const Job<Real>& job, const Part& part);
  void (*backward)(const Job<Real>& job, const Part& part);
  /// Share index of count of dW, dU, db; of dX; of the panels for the way back.
  void (*weight_gradient)(const Job<Real>& job, std::size_t index, std::size_t count);
  void (*input_gradient)(const Job<Real>& job, std::size_t index, std::size_t count);
  void (*pack_back)(const Job<Real>& job, Real* w_back, Real* u_back, std::size_t index,
                    std::size_t count);
};

}  // namespace unroll
