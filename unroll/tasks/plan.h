// What is decided about a fit before its first step.
#pragma once

#include <cstddef>
#include <cstdint>

#include "unroll/base/status.h"
#include "unroll/data/scaling.h"
#include "unroll/data/series.h"
#include "unroll/network/specification.h"
#include "unroll/tasks/forecasting.h"

namespace unroll {

struct FitPlan {
  std::size_t training_values = 0, validation_values = 0;  ///< the first ones, and the rest
  std::size_t stretch = 0;                                 ///< most steps of a stretch
  std::uint64_t steps = 0;                                 ///< updates in all
  OptimizerOptions optimizer;
  Threshold threshold;  ///< on the gradient that is passed back in time
  int threads = 1;
  Scaling scaling;  ///< fitted on the training values
  Specification specification;
};

/// Chooses all that the options leave open, and checks that the values suffice.
///
/// Errors:  kUsage, place the flag; kBadData, place the file, for too few values.
Result<FitPlan> MakePlan(const Series& series, const ForecastingOptions& options);

/// Bytes that a fit by this plan takes, beside the series of `values` values; `resumes` where it
/// reads a checkpoint first.
std::uint64_t BytesOf(const FitPlan& plan, std::size_t values, bool resumes);

}  // namespace unroll
