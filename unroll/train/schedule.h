// How the learning rate changes over a training: a pure function of the step, so that a resumed
// training has the rates of one that never stopped.
#pragma once

#include <cstdint>
#include <string>

#include "unroll/base/status.h"

namespace unroll {

enum class ScheduleKind {
  kConstant,  ///< the rate stays
  kStep,      ///< after every `every` steps it is multiplied with `factor`
  kCosine,    ///< half a cosine from the rate down to `floor` times the rate at the end of the run
};

/// All schedules begin after `warm_up` steps, in which the rate grows evenly from its share
/// 1 / warm_up to the whole.
struct Schedule {
  ScheduleKind kind = ScheduleKind::kConstant;
  std::uint64_t every = 0;    ///< kStep: steps
  double factor = 1;          ///< kStep
  double floor = 0;           ///< kCosine
  std::uint64_t warm_up = 0;  ///< steps
};

/// Whether its rates depend on how many steps the run has.
inline bool DependsOnSteps(const Schedule& schedule) {
  return schedule.kind == ScheduleKind::kCosine;
}

/// "constant", "step:100:0.5", "cosine", "cosine:0.01": without the warm-up.
std::string InWords(const Schedule& schedule);

/// Errors:  kUsage, place "schedule" or "warm_up", for what cannot be in a run of `steps` steps.
Result<void> CheckSchedule(const Schedule& schedule, std::uint64_t steps);

/// What the rate of step `step` (from 0) of `steps` is multiplied with. With s steps of S since the
/// warm-up, it is
///
///   1,   factor^floor(s / every)   or   floor + (1 - floor) (1 + cos(pi s / S)) / 2
///
/// Source:  Loshchilov & Hutter 2017, ICLR (cosine, without restarts).
double RateFactor(const Schedule& schedule, std::uint64_t step, std::uint64_t steps);

}  // namespace unroll
