#include "unroll/losses/loss.h"

#include <algorithm>
#include <stdexcept>

#include "unroll/losses/each_target.h"

namespace unroll {

template <class Real>
std::size_t CountOf(Tensor<const Real> mask) {
  return static_cast<std::size_t>(
      std::count_if(mask.begin(), mask.end(), [](Real counts) { return counts != Real(0); }));
}

template <class Real>
void RequireShapes(std::size_t K, const Judged<Real>& judged, const Shape& d_outputs) {
  const Shape& outputs = judged.outputs.shape;
  if (outputs.rank() != 3 || outputs[2].size % K != 0) {
    throw std::logic_error("outputs: expected [T, B, O] with O a multiple of " + std::to_string(K) +
                           ", found " + outputs.ToString());
  }
  const Shape targets{outputs[0], outputs[1], {outputs[2].letter, outputs[2].size / K}};
  RequireShape("target", targets, judged.target.shape);
  RequireShape("mask", targets, judged.mask.shape);
  RequireShape("d_outputs", outputs, d_outputs);
}

#define UNROLL_INSTANTIATE(Real)                    \
  template std::size_t CountOf(Tensor<const Real>); \
  template void RequireShapes(std::size_t, const Judged<Real>&, const Shape&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
