#include "unroll/predict/metrics.h"

#include <cmath>
#include <stdexcept>

namespace unroll {
namespace {

/// Mean of error(actual, forecast) over the pairs.
template <class ErrorOf>
double MeanOver(std::span<const double> actual, std::span<const double> forecast, ErrorOf error) {
  if (actual.empty() || actual.size() != forecast.size()) {
    throw std::logic_error("a metric needs as many forecasts as values, at least one");
  }
  double sum = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) sum += error(actual[i], forecast[i]);
  return sum / static_cast<double>(actual.size());
}

}  // namespace

double MeanAbsoluteError(std::span<const double> actual, std::span<const double> forecast) {
  return MeanOver(actual, forecast, [](double a, double f) { return std::abs(a - f); });
}

double RootMeanSquaredError(std::span<const double> actual, std::span<const double> forecast) {
  return std::sqrt(
      MeanOver(actual, forecast, [](double a, double f) { return (a - f) * (a - f); }));
}

double SymmetricPercentageError(std::span<const double> actual, std::span<const double> forecast) {
  return MeanOver(actual, forecast, [](double a, double f) {
    const double size = std::abs(a) + std::abs(f);
    return size == 0 ? 0.0 : 200 * std::abs(a - f) / size;
  });
}

std::optional<double> MeanAbsoluteScaledError(std::span<const double> training, std::size_t season,
                                              std::span<const double> actual,
                                              std::span<const double> forecast) {
  const double error = MeanAbsoluteError(actual, forecast);
  if (season == 0) throw std::logic_error("MeanAbsoluteScaledError: a season has at least 1 step");
  if (training.size() <= season) return std::nullopt;
  const double scale =
      MeanAbsoluteError(training.subspan(season), training.first(training.size() - season));
  if (scale == 0) return std::nullopt;
  return error / scale;
}

}  // namespace unroll
