// One fit by its plan, in the precision that was chosen.
#pragma once

#include <string>

#include "unroll/base/files.h"
#include "unroll/tasks/forecasting.h"
#include "unroll/tasks/plan.h"

namespace unroll {

/// What a fit works on.
struct FitJob {
  const Series& series;
  const ForecastingOptions& options;
  const FitPlan& plan;
  const std::string& model_path;  ///< empty: nothing is kept
  FileSystem& files;
  Observer& observer;
};

/// Errors:  see Fit.
template <class Real>
Result<FitReport> FitIn(const FitJob& job);

}  // namespace unroll
