// No memory at all: y = W x + b. The dense layer walks it, so that the one product and its three
// gradients serve dense layers as they serve recurrent ones. It stands outside the list of cells.
#if defined(UNROLL_CELLS_LINEAR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_LINEAR_INL_H_
#undef UNROLL_CELLS_LINEAR_INL_H_
#else
#define UNROLL_CELLS_LINEAR_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

struct Linear : CellBase {
  static constexpr unsigned kOptions = 0;
  static constexpr std::string_view kName = "linear";
  static constexpr int kGates = 1;
  static constexpr SumSpec kSums[] = {{Sum::kInput, 0}};
  static constexpr int kStates = 1;
  static constexpr int kSaved = 0;

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D /*d*/, const A& /*act*/, ForwardStep<Linear, V>& s) {
    s.state[0] = s.sum[0];
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& /*act*/, BackwardStep<Linear, V>& s) {
    s.d_sum[0] = s.d_state[0];
    s.d_state[0] = hn::Zero(d);
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_LINEAR_INL_H_
