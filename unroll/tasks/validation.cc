#include "unroll/tasks/validation.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "unroll/losses/regression.h"

namespace unroll {
namespace {

/// Sums of |error| over forecasts, `count` of each.
struct Errors {
  double network = 0, naive = 0;
  std::size_t count = 0;
};

/// Adds the errors of the forecasts made at step t about the values from `first` on.
void AddErrorsAt(std::size_t t, std::span<const double> outputs, const Series& series,
                 const Scaling& scaling, std::size_t first, Errors& errors) {
  const std::vector<double>& y = series.values;
  const double z = scaling.logarithm ? std::log(y[t]) : y[t];
  const std::vector<double> forecast = Untransform(scaling, z, outputs);
  const std::size_t season = scaling.season;
  for (std::size_t k = 1; k <= forecast.size() && t + k < y.size(); ++k) {
    if (t + k < first) continue;
    const std::size_t seasons = (k + season - 1) / season;
    errors.network += std::abs(y[t + k] - forecast[k - 1]);
    errors.naive += std::abs(y[t + k] - y[t + k - seasons * season]);
    ++errors.count;
  }
}

}  // namespace

template <class Real>
Validation<Real>::Validation(const Network<Real>& network, const SeriesStretches<Real>& stretches,
                             ThreadPool& pool)
    : stretches_(&stretches), pass_(network, stretches.T(), 1, PassKind::kInference, pool) {}

template <class Real>
double Validation<Real>::Error() {
  const SquaredError<Real> squared;
  double sum = 0;
  std::size_t count = 0;
  pass_.Reset();
  for (std::uint64_t i = 0; i < stretches_->per_pass(); ++i) {
    const Stretch<Real> stretch = stretches_->At(i);
    const Tensor<const Real> outputs = pass_.Forward(stretch.x);
    sum += squared.Evaluate({outputs, stretch.target, stretch.mask}, Reduction::kSum,
                            {nullptr, outputs.shape});
    count += CountOf(stretch.mask);
  }
  return sum / static_cast<double>(count);
}

template <class Real>
Comparison Validation<Real>::Compare(const Series& series, const Scaling& scaling,
                                     std::size_t first) {
  Errors errors;
  std::size_t t = 0;
  pass_.Reset();
  for (std::uint64_t i = 0; i < stretches_->per_pass(); ++i) {
    const Tensor<const Real> outputs = pass_.Forward(stretches_->At(i).x);
    const std::size_t N = outputs.shape[2].size;
    for (std::size_t row = 0; row < outputs.shape[0].size; ++row, ++t) {
      if (t + 1 < scaling.season || t + N < first) continue;
      const std::vector<double> at(outputs.data + row * N, outputs.data + (row + 1) * N);
      AddErrorsAt(t, at, series, scaling, first, errors);
    }
  }
  const auto count = static_cast<double>(errors.count);
  return {errors.network / count, errors.naive / count};
}

template class Validation<float>;
template class Validation<double>;

}  // namespace unroll
