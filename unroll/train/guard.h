// What keeps a training from going on with numbers that are none.
//
// A step whose loss, gradient or new weights are not finite is skipped. After several in a row the
// weights go back to the best that were validated (or to the first ones) with half the rate; after
// several of those, training ends. All that this decides from stands in the TrainingState, so that
// a resumed training decides the same.
#pragma once

#include <cstdint>
#include <string>

#include "unroll/base/status.h"
#include "unroll/model/checkpoint.h"

namespace unroll {

/// Skipped steps in a row after which the weights go back.
inline constexpr std::uint64_t kMostSkipsInARow = 3;
/// Times that the weights go back; at the next, training has diverged.
inline constexpr std::uint64_t kMostRollBacks = 5;

enum class Verdict {
  kGoOn,      ///< the step counts
  kSkip,      ///< it is left out
  kRollBack,  ///< it is left out, and the weights go back; the rate has been halved
  kDiverged,  ///< training ends
};

/// What to do about a skipped step, noted in `state`. `weights_lost`: the weights themselves are no
/// longer finite, which no skipping can mend.
Verdict JudgeSkippedStep(bool weights_lost, TrainingState& state);

/// A step that counts has been made.
void NoteGoodStep(TrainingState& state);

/// kDiverged at step `step`, for what was not finite `where`.
Error Diverged(std::uint64_t step, const std::string& where);

}  // namespace unroll
