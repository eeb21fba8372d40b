// What keeps a training from going on with numbers that are none.
//
// A step whose loss, gradient, carried state or new weights are not finite is skipped and named.
// After several in a row, weights and moments go back to the last good state with half the rate;
// after several of those, training ends.
//
// Skipped steps leave the weights as they are, so what fails several times in a row are the weights
// themselves. A state is good, therefore, not because its numbers are finite, but because a step
// that began with it had a finite loss and gradient. A copy of such a state is kept every
// kGoodStateEvery steps. All that is decided from stands in the TrainingState, so that a resumed
// training decides the same.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "unroll/base/arena.h"
#include "unroll/base/status.h"
#include "unroll/model/checkpoint.h"
#include "unroll/train/observer.h"
#include "unroll/train/optimizer.h"

namespace unroll {

/// Skipped steps in a row after which the weights go back.
inline constexpr std::uint64_t kMostSkipsInARow = 3;
/// Times that the weights go back; at the next, training has diverged.
inline constexpr std::uint64_t kMostRollBacks = 5;
/// Steps between two copies of a good state: a copy costs less than an update.
inline constexpr std::uint64_t kGoodStateEvery = 32;

enum class Verdict {
  kSkip,      ///< the step is left out
  kRollBack,  ///< it is left out, and the weights go back; the rate has been halved
  kDiverged,  ///< training ends
};

/// What to do about a skipped step, noted in `state`. `weights_lost`: the weights themselves are no
/// longer finite, which no skipping can mend.
Verdict JudgeSkippedStep(bool weights_lost, TrainingState& state);

/// A step that counts has been made.
void NoteGoodStep(TrainingState& state);

/// kDiverged at step `step`, for what was not finite `where`.
Error Diverged(std::uint64_t step, const NotFinite& where);

/// The copy to go back to: at first the state that training began with.
template <class Real>
struct LastGood {
  /// Errors:  std::bad_alloc.
  LastGood(std::span<const Real> weights, const OptimizerOptions& options);

  /// Keeps the state in which step `state.step` (from 0) is, whose loss and gradient are finite, if
  /// the copy has become old.
  void MaybeKeep(std::span<const Real> from, const Optimizer<Real>& moments, TrainingState& state);
  void GoBack(std::span<Real> to, Optimizer<Real>& moments) const;

  Buffer<Real> weights;
  Optimizer<Real> optimizer;
};

}  // namespace unroll
