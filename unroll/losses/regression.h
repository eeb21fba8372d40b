// Errors of outputs that are to come close to a number, or to have a share of the numbers below
// them.
//
// Each is NaN where an output is, and has the slope 0 at its kink.
#pragma once

#include <span>
#include <vector>

#include "unroll/losses/loss.h"

namespace unroll {

/// e = (output - target)^2.
template <class Real>
class SquaredError final : public Loss<Real> {
 public:
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;
};

/// e = |output - target|.
template <class Real>
class AbsoluteError final : public Loss<Real> {
 public:
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;
};

/// With off = output - target:
///
///   e = off^2 / 2                      where |off| <= delta
///       delta * (|off| - delta / 2)    beyond
///
/// Source:  Huber 1964, Annals of Mathematical Statistics 35.
template <class Real>
class HuberError final : public Loss<Real> {
 public:
  /// Errors:  std::logic_error, if delta is not finite and above 0.
  explicit HuberError(double delta);
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;

 private:
  double delta_;
};

/// One output for each quantile q_k of every target. e is the sum over k of
///
///   q_k * (target - output_k)          where the target lies above
///   (1 - q_k) * (output_k - target)    where it lies below
///
/// With q = 0.5 alone it is half the absolute error.
///
/// Shapes:  K = Q; output Q i + k is quantile k of target i.
/// Source:  Koenker & Bassett 1978, Econometrica 46.
template <class Real>
class QuantileError final : public Loss<Real> {
 public:
  /// Errors:  std::logic_error unless quantiles lie between 0 and 1 and rise; see AreQuantiles.
  explicit QuantileError(std::vector<double> quantiles);
  std::size_t outputs_per_target() const override { return quantiles_.size(); }
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;

 private:
  std::vector<double> quantiles_;
};

/// Whether there is a quantile, and each lies between 0 and 1 and above the one before.
bool AreQuantiles(std::span<const double> quantiles);

}  // namespace unroll
