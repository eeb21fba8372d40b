// Errors of outputs that are numbers themselves.
#pragma once

#include "unroll/losses/loss.h"

namespace unroll {

/// e = (output - target)^2.
template <class Real>
class SquaredError : public Loss<Real> {
 public:
  double Evaluate(const Judged<Real>& judged, Reduction reduction,
                  Tensor<Real> d_outputs) const override;
};

}  // namespace unroll
