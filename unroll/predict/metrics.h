// How far a forecast was from what came.
//
// `actual` and `forecast` are of one length, at least 1; std::logic_error otherwise.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace unroll {

/// MAE: mean of |actual - forecast|.
/// Units:   of the values.
double MeanAbsoluteError(std::span<const double> actual, std::span<const double> forecast);

/// RMSE: root of the mean of (actual - forecast)^2.
/// Units:   of the values.
double RootMeanSquaredError(std::span<const double> actual, std::span<const double> forecast);

/// sMAPE: mean of 200 |actual - forecast| / (|actual| + |forecast|), where 0 / 0 counts as 0.
/// Units:   percent, from 0 to 200.
/// Source:  Makridakis et al. 2020, International Journal of Forecasting 36(1), the M4 competition.
double SymmetricPercentageError(std::span<const double> actual, std::span<const double> forecast);

/// MASE: MAE divided by the mean of |y_t - y_{t-season}| over `training`; nothing where that is 0
/// or `training` is no longer than a season. Units:   none; 1 is as good as seasonal naive was on
/// the training part, one step ahead. Source:  Hyndman & Koehler 2006, International Journal of
/// Forecasting 22(4).
std::optional<double> MeanAbsoluteScaledError(std::span<const double> training, std::size_t season,
                                              std::span<const double> actual,
                                              std::span<const double> forecast);

}  // namespace unroll
