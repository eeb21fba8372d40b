#include "unroll/losses/regression.h"

#include <algorithm>

namespace unroll {
namespace {

/// The error of one output, and its derivative.
struct PointError {
  double error, slope;
};

/// Evaluates a loss that looks at one output at a time: point(output, target) is a PointError.
template <class Real, class Point>
double EvaluatePoints(const Judged<Real>& judged, Reduction reduction, Tensor<Real> d_outputs,
                      const Point& point) {
  const auto& [outputs, target, mask] = judged;
  RequireShape("target", outputs.shape, target.shape);
  RequireShape("mask", outputs.shape, mask.shape);
  RequireShape("d_outputs", outputs.shape, d_outputs.shape);
  const std::size_t count = CountOf(mask);
  const bool mean = reduction == Reduction::kMean;
  const double divisor = mean ? static_cast<double>(std::max<std::size_t>(1, count)) : 1.0;
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    PointError at{0, 0};
    if (mask[i] != Real(0)) {
      at = point(static_cast<double>(outputs[i]), static_cast<double>(target[i]));
    }
    sum += at.error;
    if (d_outputs.data != nullptr) d_outputs[i] = static_cast<Real>(at.slope / divisor);
  }
  return sum / divisor;
}

}  // namespace

template <class Real>
double SquaredError<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                    Tensor<Real> d_outputs) const {
  return EvaluatePoints(judged, reduction, d_outputs, [](double output, double target) {
    const double off = output - target;
    return PointError{off * off, 2 * off};
  });
}

template class SquaredError<float>;
template class SquaredError<double>;

}  // namespace unroll
