// Errors of outputs that say how a target is distributed: minus the logarithm of its density.
#pragma once

#include "unroll/losses/loss.h"

namespace unroll {

/// Two outputs for every target, m and r, say that it is normal around m:
///
///   sigma = floor + softplus(r),       softplus(r) = log(1 + e^r)
///   e     = log(sigma) + ((m - target) / sigma)^2 / 2 + log(2 pi) / 2
///
/// Why not r = log(sigma^2), as is common: there a step of r multiplies sigma, and where targets
/// are met ever better r falls without end, e with it, until the first surprise is divided by a
/// sigma next to 0. Here sigma grows no faster than r, and never falls below the floor: both
/// gradients are bounded by powers of 1 / floor, whatever r is.
///
/// Shapes:  K = 2; outputs 2 i and 2 i + 1 are m and r of target i.
/// Source:  the density as in torch.nn.GaussianNLLLoss(full=True), of the variance sigma^2.
template <class Real>
class GaussianLikelihood final : public Loss<Real> {
 public:
  /// Errors:  std::logic_error, if floor is not finite and above 0.
  explicit GaussianLikelihood(double floor);
  std::size_t outputs_per_target() const override { return 2; }
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;

 private:
  double floor_;
};

}  // namespace unroll
