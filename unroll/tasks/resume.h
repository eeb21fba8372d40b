// Whether a checkpoint is of the training that is asked for.
#pragma once

#include <map>
#include <string>

#include "unroll/base/files.h"
#include "unroll/model/checkpoint.h"
#include "unroll/tasks/forecasting.h"
#include "unroll/tasks/plan.h"

namespace unroll {

/// The flags that make a training what it is, with what they stand for. Those that change no bit
/// (--threads, --memory, --save-every) are not among them.
std::map<std::string, std::string> SettingsOf(const ForecastingOptions& options,
                                              const FitPlan& plan);

/// Of all values of a series.
std::string DataChecksum(const Series& series);

/// The checkpoint beside the model at `model_path`, if it is of a training with this series and
/// these options. The steps may be others where the schedule does not depend on them.
///
/// Errors:  kUsage, place the flag; kBadData, place the file; kNoInput; those of ReadCheckpoint.
Result<Checkpoint> FindCheckpoint(const Series& series, const ForecastingOptions& options,
                                  const FitPlan& plan, const std::string& model_path,
                                  FileSystem& files);

}  // namespace unroll
