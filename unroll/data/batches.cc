#include "unroll/data/batches.h"

#include <algorithm>
#include <stdexcept>

namespace unroll {
namespace {

template <class Real>
Real Scaled(double difference, double mean, double sd) {
  const double scaled = (difference - mean) / sd;
  return static_cast<Real>(std::clamp(scaled, -kFurthestDeviation, kFurthestDeviation));
}

}  // namespace

template <class Real>
Result<SeriesSteps<Real>> MakeSteps(const Scaling& scaling, std::span<const double> values,
                                    ValueRange judged, const std::string& place) {
  const std::size_t T = values.size(), I = scaling.inputs(), N = scaling.horizon();
  if (judged.begin > judged.end || judged.end > T) {
    throw std::logic_error("MakeSteps: values that the series does not have");
  }
  const Result<std::vector<double>> transformed = Transform(scaling, values, place);
  if (!transformed) return tl::unexpected(transformed.error());
  const std::vector<double>& z = *transformed;
  SeriesSteps<Real> steps{
      T, I, N, std::vector<Real>(T * I), std::vector<Real>(T * N), std::vector<Real>(T * N)};
  const std::size_t lags[] = {1, scaling.season};
  for (std::size_t t = 0; t < T; ++t) {
    for (std::size_t i = 0; i < I; ++i) {
      if (t < lags[i]) continue;
      steps.x[t * I + i] =
          Scaled<Real>(z[t] - z[t - lags[i]], scaling.input_mean[i], scaling.input_sd[i]);
    }
    for (std::size_t k = 1; k <= N; ++k) {
      if (t + k < judged.begin || t + k >= judged.end) continue;
      const std::size_t at = t * N + k - 1;
      steps.target[at] =
          Scaled<Real>(z[t + k] - z[t], scaling.target_mean[k - 1], scaling.target_sd[k - 1]);
      steps.mask[at] = 1;
    }
  }
  return steps;
}

template Result<SeriesSteps<float>> MakeSteps<float>(const Scaling&, std::span<const double>,
                                                     ValueRange, const std::string&);
template Result<SeriesSteps<double>> MakeSteps<double>(const Scaling&, std::span<const double>,
                                                       ValueRange, const std::string&);

}  // namespace unroll
