// The threshold on the gradient's global norm: a gradient that has exploded keeps its direction,
// but no more than a bounded length.
#pragma once

#include <algorithm>

namespace unroll {

/// What a gradient of length `norm` is multiplied with so that it is at most `most` long; 1 where
/// it is shorter. The 1e-6 is PyTorch's, against a division by 0.
///
/// Source:  Pascanu, Mikolov & Bengio 2013, ICML, section 3.2.
inline double ThresholdFactor(double norm, double most) {
  return std::min(1.0, most / (norm + 1e-6));
}

}  // namespace unroll
