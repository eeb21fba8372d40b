// The loop that all losses share: target by target, in the order of memory. For losses/ alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "unroll/losses/loss.h"

namespace unroll {

/// Where the gradient of one target's outputs goes, if anybody wants it.
template <class Real>
struct Slopes {
  Real* data;  ///< [K], or null
  double divisor;

  bool wanted() const { return data != nullptr; }
  void Set(std::size_t k, double slope) const {
    if (wanted()) data[k] = static_cast<Real>(slope / divisor);
  }
  void Fill(std::size_t K, double slope) const {
    for (std::size_t k = 0; k < K; ++k) Set(k, slope);
  }
};

/// Throws std::logic_error unless the shapes fit together.
template <class Real>
void RequireShapes(std::size_t K, const Judged<Real>& judged, const Shape& d_outputs);

/// Evaluates `loss`; error_of(outputs, target, slopes) gives e of one target that it takes, judged
/// by the K numbers from `outputs` on, and sets the slope of each. The class of `loss` must be
/// final, or else nothing here is inlined.
template <class LossOfReal, class Real, class ErrorOf>
double EvaluateTargets(const LossOfReal& loss, const Judged<Real>& judged, Reduction reduction,
                       Tensor<Real> d_outputs, const ErrorOf& error_of) {
  const std::size_t K = loss.outputs_per_target();
  const auto& [outputs, target, mask] = judged;
  RequireShapes(K, judged, d_outputs.shape);
  const std::size_t count = CountOf(mask);
  const bool mean = reduction == Reduction::kMean;
  const double divisor = mean ? static_cast<double>(std::max<std::size_t>(1, count)) : 1.0;
  double sum = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    Real* const d = d_outputs.data == nullptr ? nullptr : d_outputs.data + i * K;
    const Slopes<Real> slopes{d, divisor};
    if (mask[i] == Real(0)) {
      slopes.Fill(K, 0);
    } else if (loss.Takes(target[i])) {
      sum += error_of(outputs.data + i * K, static_cast<double>(target[i]), slopes);
    } else {
      constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
      slopes.Fill(K, kNan);
      sum = kNan;
    }
  }
  return sum / divisor;
}

}  // namespace unroll
