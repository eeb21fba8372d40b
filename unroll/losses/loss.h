// The error of a network's outputs, and how it changes with them.
//
//   E = sum over steps, rows and outputs that count of e(output, target)      or the mean of e
//
// A mask says what counts. What it leaves out has neither error nor gradient, whatever stands there
// as a target.
#pragma once

#include <cstddef>

#include "unroll/base/tensor.h"

namespace unroll {

/// How the errors of single outputs make one number.
enum class Reduction { kSum, kMean };

/// One walk's outputs beside what they should have been.
///
/// Shapes:  all [T, B, O]; mask: 1 where an error counts, else 0.
template <class Real>
struct Judged {
  Tensor<const Real> outputs, target, mask;
};

/// An error at every step.
template <class Real>
class Loss {
 public:
  virtual ~Loss() = default;

  /// E, and its gradient by the outputs in `d_outputs` (0 where nothing counts); 0 where nothing
  /// counts at all. Summed in double in the order of memory.
  ///
  /// Shapes:  d_outputs [T, B, O], overwritten; null data: no gradient is wanted.
  /// Errors:  std::logic_error where shapes differ.
  virtual double Evaluate(const Judged<Real>& judged, Reduction reduction,
                          Tensor<Real> d_outputs) const = 0;
};

/// Outputs that count.
template <class Real>
std::size_t CountOf(Tensor<const Real> mask);

}  // namespace unroll
