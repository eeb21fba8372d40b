#include "unroll/losses/likelihood.h"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "unroll/losses/each_target.h"
#include "unroll/losses/logistic.h"

namespace unroll {

template <class Real>
GaussianLikelihood<Real>::GaussianLikelihood(double floor) : floor_(floor) {
  if (!(floor > 0 && std::isfinite(floor))) {
    throw std::logic_error("GaussianLikelihood: floor must be finite and above 0");
  }
}

template <class Real>
double GaussianLikelihood<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                          Tensor<Real> d_outputs) const {
  static const double kConstant = std::log(2 * std::numbers::pi) / 2;
  return EvaluateTargets(*this, judged, reduction, d_outputs,
                         [this](const Real* outputs, double target, const Slopes<Real>& slopes) {
                           const auto mean = static_cast<double>(outputs[0]);
                           const auto r = static_cast<double>(outputs[1]);
                           const double sigma = floor_ + Softplus(r);
                           const double off = (mean - target) / sigma;
                           slopes.Set(0, off / sigma);
                           slopes.Set(1, (1 - off * off) / sigma * Logistic(r));
                           return std::log(sigma) + off * off / 2 + kConstant;
                         });
}

template class GaussianLikelihood<float>;
template class GaussianLikelihood<double>;

}  // namespace unroll
