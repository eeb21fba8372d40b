#include "unroll/losses/loss.h"

#include <algorithm>

namespace unroll {

template <class Real>
std::size_t CountOf(Tensor<const Real> mask) {
  return static_cast<std::size_t>(
      std::count_if(mask.begin(), mask.end(), [](Real counts) { return counts != Real(0); }));
}

template std::size_t CountOf(Tensor<const float>);
template std::size_t CountOf(Tensor<const double>);

}  // namespace unroll
