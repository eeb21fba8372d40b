#include "unroll/train/guard.h"

#include <fmt/format.h>

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

Error Diverged(std::uint64_t step, const std::string& where) {
  return {
      Failure::kDiverged, fmt::format("training, step {}", step), "finite numbers",
      fmt::format("{} not finite, after going back to good weights {} times, each with half the "
                  "rate",
                  where, kMostRollBacks),
      "lower the learning rate, or look for extreme values in the data"};
}

}  // namespace unroll
