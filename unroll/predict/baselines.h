// The forecasts that anybody can make, to be beaten or to be believed.
//
// Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.2.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace unroll {

/// The last value, again and again.
///
/// Errors:  std::logic_error without a value.
std::vector<double> Naive(std::span<const double> values, std::size_t horizon);

/// The last season (of `season` steps), again and again.
///
/// Errors:  std::logic_error with fewer values than a season, or a season of 0.
std::vector<double> SeasonalNaive(std::span<const double> values, std::size_t season,
                                  std::size_t horizon);

/// The line from the first value through the last; level where there is but one.
///
/// Errors:  std::logic_error without a value.
std::vector<double> Drift(std::span<const double> values, std::size_t horizon);

}  // namespace unroll
