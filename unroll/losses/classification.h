// Errors of outputs that are scores (logits): which class it is, or whether something is so.
//
// Both work on the scores themselves and never form the logarithm of a probability that may have
// become 0, so that no size of score overflows.
#pragma once

#include <cstddef>

#include "unroll/losses/loss.h"

namespace unroll {

/// Minus the logarithm of the probability that the scores give to the class that it is:
///
///   e = log(sum over k of e^output_k) - output_c,      c = target
///
/// A class is a number from 0 to K - 1 that stands in the target as it is: 2 is 2.0. The loss takes
/// nothing else, so that 1.5, -1 and K are as NaN. A score of -inf says that it cannot be the class
/// (probability 0, gradient 0; e is infinite, if it is); NaN, +inf, or -inf everywhere make E NaN.
///
/// Shapes:  K = classes; outputs K i ... K i + K - 1 are the scores of target i. One target a step:
///          O = K, target [T, B, 1].
/// Source:  torch.nn.CrossEntropyLoss.
template <class Real>
class SoftmaxCrossEntropy final : public Loss<Real> {
 public:
  /// Whole numbers up to here have a float each.
  static constexpr std::size_t kMostClasses = std::size_t{1} << 24;

  /// Errors:  std::logic_error unless classes is 2 to kMostClasses.
  explicit SoftmaxCrossEntropy(std::size_t classes);
  std::size_t outputs_per_target() const override { return classes_; }
  bool Takes(Real target) const override;
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;

 private:
  std::size_t classes_;
};

/// Cross-entropy of the probability 1 / (1 + e^-output) and the target, the probability that it is
/// so: 0, 1 or anything between.
///
///   e = -target * log(p) - (1 - target) * log(1 - p)
///     = log(1 + e^-|output|) + (1 - target) * output     where output >= 0
///                            - target * output           where output < 0
///
/// Source:  torch.nn.BCEWithLogitsLoss.
template <class Real>
class BinaryCrossEntropy final : public Loss<Real> {
 public:
  bool Takes(Real target) const override { return target >= Real(0) && target <= Real(1); }
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;
};

}  // namespace unroll
