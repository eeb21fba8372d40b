#include "unroll/losses/regression.h"

#include <cmath>
#include <stdexcept>
#include <utility>

#include "unroll/losses/each_target.h"

namespace unroll {
namespace {

/// -1, 0 or 1; NaN stays.
double SignOf(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

}  // namespace

template <class Real>
double SquaredError<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                    Tensor<Real> d_outputs) const {
  return EvaluateTargets(*this, judged, reduction, d_outputs,
                         [](const Real* output, double target, const Slopes<Real>& slopes) {
                           const double off = static_cast<double>(*output) - target;
                           slopes.Set(0, 2 * off);
                           return off * off;
                         });
}

template <class Real>
double AbsoluteError<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                     Tensor<Real> d_outputs) const {
  return EvaluateTargets(*this, judged, reduction, d_outputs,
                         [](const Real* output, double target, const Slopes<Real>& slopes) {
                           const double off = static_cast<double>(*output) - target;
                           slopes.Set(0, SignOf(off));
                           return std::abs(off);
                         });
}

template <class Real>
HuberError<Real>::HuberError(double delta) : delta_(delta) {
  if (!(delta > 0 && std::isfinite(delta))) {
    throw std::logic_error("HuberError: delta must be finite and above 0");
  }
}

template <class Real>
double HuberError<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                  Tensor<Real> d_outputs) const {
  return EvaluateTargets(*this, judged, reduction, d_outputs,
                         [this](const Real* output, double target, const Slopes<Real>& slopes) {
                           const double off = static_cast<double>(*output) - target;
                           const bool close = std::abs(off) <= delta_;
                           slopes.Set(0, close ? off : delta_ * SignOf(off));
                           return close ? off * off / 2 : delta_ * (std::abs(off) - delta_ / 2);
                         });
}

bool AreQuantiles(std::span<const double> quantiles) {
  double below = 0;
  for (const double q : quantiles) {
    if (!(q > below && q < 1)) return false;
    below = q;
  }
  return !quantiles.empty();
}

template <class Real>
QuantileError<Real>::QuantileError(std::vector<double> quantiles)
    : quantiles_(std::move(quantiles)) {
  if (!AreQuantiles(quantiles_)) {
    throw std::logic_error("QuantileError: quantiles must lie between 0 and 1 and rise");
  }
}

template <class Real>
double QuantileError<Real>::Evaluate(const Judged<Real>& judged, Reduction reduction,
                                     Tensor<Real> d_outputs) const {
  return EvaluateTargets(*this, judged, reduction, d_outputs,
                         [this](const Real* outputs, double target, const Slopes<Real>& slopes) {
                           double error = 0;
                           for (std::size_t k = 0; k < quantiles_.size(); ++k) {
                             const double off = static_cast<double>(outputs[k]) - target;
                             const double share = off > 0 ? 1 - quantiles_[k] : quantiles_[k];
                             slopes.Set(k, share * SignOf(off));
                             error += share * std::abs(off);
                           }
                           return error;
                         });
}

#define UNROLL_INSTANTIATE(Real)      \
  template class SquaredError<Real>;  \
  template class AbsoluteError<Real>; \
  template class HuberError<Real>;    \
  template class QuantileError<Real>;
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
