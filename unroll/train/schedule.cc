#include "unroll/train/schedule.h"

#include <fmt/format.h>

#include <cmath>

namespace unroll {

std::string InWords(const Schedule& schedule) {
  switch (schedule.kind) {
    case ScheduleKind::kConstant:
      return "constant";
    case ScheduleKind::kStep:
      return fmt::format("step:{}:{}", schedule.every, schedule.factor);
    case ScheduleKind::kCosine:
      break;
  }
  return schedule.floor == 0 ? "cosine" : fmt::format("cosine:{}", schedule.floor);
}

Result<void> CheckSchedule(const Schedule& schedule, std::uint64_t steps) {
  const auto refuse = [&](const char* expected) {
    return Fail(Failure::kUsage, "schedule", expected, InWords(schedule));
  };
  if (schedule.kind == ScheduleKind::kStep) {
    if (schedule.every == 0) return refuse("at least 1 step between two changes of the rate");
    if (!(schedule.factor > 0 && schedule.factor <= 1)) {
      return refuse("a factor above 0, at most 1");
    }
  }
  if (schedule.kind == ScheduleKind::kCosine && !(schedule.floor >= 0 && schedule.floor <= 1)) {
    return refuse("a floor from 0 to 1");
  }
  if (schedule.warm_up > 0 && schedule.warm_up >= steps) {
    return Fail(Failure::kUsage, "warm_up", fmt::format("fewer than all {} steps", steps),
                fmt::to_string(schedule.warm_up));
  }
  return {};
}

double RateFactor(const Schedule& schedule, std::uint64_t step, std::uint64_t steps) {
  if (step < schedule.warm_up) {
    return static_cast<double>(step + 1) / static_cast<double>(schedule.warm_up);
  }
  const std::uint64_t since = step - schedule.warm_up;
  switch (schedule.kind) {
    case ScheduleKind::kConstant:
      return 1;
    case ScheduleKind::kStep: {
      const std::uint64_t times = since / schedule.every;
      return std::pow(schedule.factor, static_cast<double>(times));
    }
    case ScheduleKind::kCosine:
      break;
  }
  const double share = static_cast<double>(since) / static_cast<double>(steps - schedule.warm_up);
  return schedule.floor + (1 - schedule.floor) * (1 + std::cos(std::acos(-1.0) * share)) / 2;
}

}  // namespace unroll
