#include "unroll/tasks/forecasting.h"

#include "unroll/base/memory.h"
#include "unroll/tasks/fit.h"
#include "unroll/tasks/plan.h"

namespace unroll {

std::string CheckpointPath(const std::string& model_path) { return model_path + ".ckpt"; }

Result<std::uint64_t> FitMemory(const Series& series, const ForecastingOptions& options) {
  const Result<FitPlan> plan = MakePlan(series, options);
  if (!plan) return tl::unexpected(plan.error());
  return BytesOf(*plan, series.values.size(), options.resume);
}

Result<FitReport> Fit(const Series& series, const ForecastingOptions& options,
                      const std::string& model_path, FileSystem& files, Observer& observer) {
  const Result<FitPlan> plan = MakePlan(series, options);
  if (!plan) return tl::unexpected(plan.error());
  const std::uint64_t limit = MemoryLimit(options.memory_limit);
  if (const auto fits =
          CheckMemory("training", BytesOf(*plan, series.values.size(), options.resume), limit,
                      "take fewer --hidden units or --layers, or a shorter --horizon");
      !fits) {
    return tl::unexpected(fits.error());
  }
  if (!model_path.empty()) {
    for (const std::string& path : {model_path, CheckpointPath(model_path)}) {
      if (const auto writable = CheckWritable(path); !writable) {
        return tl::unexpected(writable.error());
      }
    }
  }
  const FitJob job{series, options, *plan, model_path, files, observer};
  return options.precision == Precision::kFp32 ? FitIn<float>(job) : FitIn<double>(job);
}

}  // namespace unroll
