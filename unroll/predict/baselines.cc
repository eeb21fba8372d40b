#include "unroll/predict/baselines.h"

#include <stdexcept>

namespace unroll {

std::vector<double> Naive(std::span<const double> values, std::size_t horizon) {
  return SeasonalNaive(values, 1, horizon);
}

std::vector<double> SeasonalNaive(std::span<const double> values, std::size_t season,
                                  std::size_t horizon) {
  if (season == 0 || values.size() < season) {
    throw std::logic_error("SeasonalNaive: a season of values is needed");
  }
  const std::span<const double> last = values.last(season);
  std::vector<double> forecast(horizon);
  for (std::size_t k = 0; k < horizon; ++k) forecast[k] = last[k % season];
  return forecast;
}

std::vector<double> Drift(std::span<const double> values, std::size_t horizon) {
  if (values.empty()) throw std::logic_error("Drift: a value is needed");
  const std::size_t steps = values.size() - 1;
  const double slope =
      steps == 0 ? 0.0 : (values.back() - values.front()) / static_cast<double>(steps);
  std::vector<double> forecast(horizon);
  for (std::size_t k = 0; k < horizon; ++k) {
    forecast[k] = values.back() + slope * static_cast<double>(k + 1);
  }
  return forecast;
}

}  // namespace unroll
