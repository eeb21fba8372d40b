#include "unroll/train/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace unroll {

Verdict JudgeSkippedStep(bool weights_lost, TrainingState& state) {
  ++state.skipped_steps;
  ++state.skipped_in_a_row;
  if (!weights_lost && state.skipped_in_a_row < kMostSkipsInARow) return Verdict::kSkip;
  if (state.rate_factor <= std::ldexp(1.0, -static_cast<int>(kMostRollBacks))) {
    return Verdict::kDiverged;
  }
  state.skipped_in_a_row = 0;
  state.rate_factor /= 2;
  return Verdict::kRollBack;
}

void NoteGoodStep(TrainingState& state) { state.skipped_in_a_row = 0; }

Error Diverged(std::uint64_t step, const NotFinite& where) {
  return {Failure::kDiverged, fmt::format("training, step {}", step), "finite numbers",
          fmt::format("the {} not finite, after going back to the last good state {} times, each "
                      "with half the rate",
                      InWords(where), kMostRollBacks),
          "lower the learning rate, or look for extreme values in the data"};
}

template <class Real>
LastGood<Real>::LastGood(std::span<const Real> from, const OptimizerOptions& options)
    : weights(from.size()), optimizer(from.size(), options) {
  std::copy(from.begin(), from.end(), weights.data());
}

template <class Real>
void LastGood<Real>::MaybeKeep(std::span<const Real> from, const Optimizer<Real>& moments,
                               TrainingState& state) {
  if (state.step - state.good_step < kGoodStateEvery) return;
  std::copy(from.begin(), from.end(), weights.data());
  optimizer.CopyFrom(moments);
  state.good_step = state.step;
  state.good_updates = moments.updates();
}

template <class Real>
void LastGood<Real>::GoBack(std::span<Real> to, Optimizer<Real>& moments) const {
  std::copy(weights.span().begin(), weights.span().end(), to.begin());
  moments.CopyFrom(optimizer);
}

template struct LastGood<float>;
template struct LastGood<double>;

}  // namespace unroll
