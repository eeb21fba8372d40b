// Minimal gated recurrent unit: gate and candidate see x alone, so there is no product with h, and
// nobody waits for the step before but for a multiplication.
//
//   z  = sigmoid(W_z x + b_z)                 how much of the candidate is taken
//   h' = (1 - z) * h + z * (W_h x + b_h)
//
// Source: Feng, Tung, Ahmed, Bengio & Hajimirsadegh 2024, arXiv:2410.01201, the plain form.
#if defined(UNROLL_CELLS_MINGRU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_MINGRU_INL_H_
#undef UNROLL_CELLS_MINGRU_INL_H_
#else
#define UNROLL_CELLS_MINGRU_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

struct MinGru : CellBase {
  static constexpr std::string_view kName = "mingru";
  static constexpr int kGates = 2;  // in the order z, h
  enum { kZ, kH };
  static constexpr SumSpec kSums[] = {{Sum::kInput, 0}, {Sum::kInput, 1}};
  static constexpr int kStates = 1;
  static constexpr int kSaved = 2;
  static constexpr unsigned kOptions = kTakesGateActivation | kTakesClip;

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D d, const A& act, ForwardStep<MinGru, V>& s) {
    const V z = act.Gate(d, s.sum[kZ]), candidate = s.sum[kH];
    s.state[0] = MulAdd(z, candidate, NegMulAdd(z, s.state[0], s.state[0]));
    s.saved[kZ] = z;
    s.saved[kH] = candidate;
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& act, BackwardStep<MinGru, V>& s) {
    const V z = s.saved[kZ], candidate = s.saved[kH], dh = s.d_state[0];
    s.d_sum[kZ] = Mul(Mul(dh, Sub(candidate, s.before[0])), act.GateSlope(d, z));
    s.d_sum[kH] = Mul(dh, z);
    s.d_state[0] = NegMulAdd(z, dh, dh);
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_MINGRU_INL_H_
