// How a schedule of the learning rate is written on the command line.
#pragma once

#include <string_view>

#include "unroll/base/status.h"
#include "unroll/train/schedule.h"

namespace unroll::cli {

inline constexpr const char* kSchedulesInWords =
    "constant, step:EVERY:FACTOR, cosine or cosine:FLOOR";

/// Reads the value of --schedule, one of kSchedulesInWords; EVERY counts steps.
///
/// Errors:  kUsage.
Result<Schedule> ParseSchedule(std::string_view text);

}  // namespace unroll::cli
