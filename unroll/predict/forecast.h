// What a trained network says about the values to come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/data/series.h"
#include "unroll/model/model.h"

namespace unroll {

struct ForecastOptions {
  std::uint64_t horizon = 0;  ///< values to come; 0: as many as the model gives
  int threads = 0;            ///< 0: as many as there are processors
  std::optional<std::uint64_t> memory_limit = {};  ///< bytes; nothing: what the machine has
};

/// Forecasts of one series, the next value first. All of one length.
struct Forecast {
  std::string unique_id;
  std::vector<std::string> ds;
  std::vector<double> y_hat;  ///< in the units of the series
};

/// Walks all values of `series` and continues it.
///
/// Errors:  kUsage (place "--horizon") for a longer horizon than the model's; kBadData for a model
///          without a scaling (place "model"), for a series no longer than the model's season, or
///          with values that the model cannot take (place: the file); kSystem for more memory than
///          there is.
Result<Forecast> ForecastSeries(const Model& model, const Series& series,
                                const ForecastOptions& options);

}  // namespace unroll
