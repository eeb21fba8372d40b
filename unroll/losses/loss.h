// The error of a network's outputs, and how it changes with them.
//
//   E = sum over steps, rows and targets that count of e(outputs, target)     or the mean of e
//
// A mask says what counts. What it leaves out has neither error nor gradient, whatever stands there
// as a target.
//
// A target is one number. How many outputs it is judged by is a fact of the loss: one for a number
// to be met, several for quantiles, or for scores of classes. They lie side by side: those of
// target i of a row are its outputs K i ... K i + K - 1.
#pragma once

#include <cmath>
#include <cstddef>

#include "unroll/base/tensor.h"

namespace unroll {

/// How the errors of single targets make one number.
enum class Reduction { kSum, kMean };

/// One walk's outputs beside what they should have been.
///
/// Shapes:  outputs [T, B, O]; target, mask [T, B, O / K]; mask: 1 where an error counts, else 0.
template <class Real>
struct Judged {
  Tensor<const Real> outputs, target, mask;
};

/// An error at every step.
template <class Real>
class Loss {
 public:
  virtual ~Loss() = default;

  /// K, the outputs that one target is judged by.
  virtual std::size_t outputs_per_target() const { return 1; }

  /// Whether there is an error against such a target at all.
  virtual bool Takes(Real target) const { return std::isfinite(target); }

  /// E, and its gradient by the outputs in `d_outputs` (0 where nothing counts); 0 where nothing
  /// counts at all. Summed in double in the order of memory.
  ///
  /// Where a target counts that the loss does not take, E and the gradient of its outputs are NaN;
  /// where one of its outputs is NaN, E and the gradient of that output are. So nothing wrong
  /// passes for a number.
  ///
  /// Shapes:  d_outputs [T, B, O], overwritten; null data: no gradient is wanted.
  /// Errors:  std::logic_error where shapes differ, or O is no multiple of K.
  virtual double Evaluate(const Judged<Real>& judged, Reduction reduction,
                          Tensor<Real> d_outputs) const = 0;
};

/// Targets that count.
template <class Real>
std::size_t CountOf(Tensor<const Real> mask);

}  // namespace unroll
