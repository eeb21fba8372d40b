// Gated recurrent unit in the form of ONNX with linear_before_reset = 0: the reset gate acts before
// the product with U. So a step has two products: the candidate's reads what the gates made.
//
//   r  = sigmoid(W_r x + U_r h + b_r)            reset: how much of the past the candidate sees
//   z  = sigmoid(W_z x + U_z h + b_z)            update: how much of the past is kept
//   n  = tanh(W_n x + U_n (r * h) + b_n)         candidate
//   h' = (1 - z) * n + z * h
//
// Source: Cho et al. 2014, arXiv:1406.1078v3; gru-inl.h has the form of version 1.
#if defined(UNROLL_CELLS_GRU_RESET_BEFORE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_GRU_RESET_BEFORE_INL_H_
#undef UNROLL_CELLS_GRU_RESET_BEFORE_INL_H_
#else
#define UNROLL_CELLS_GRU_RESET_BEFORE_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

struct GruResetBefore : CellBase {
  static constexpr std::string_view kName = "gru_reset_before";
  static constexpr int kGates = 3;  // in PyTorch's order r, z, n
  enum { kR, kZ, kN };
  static constexpr SumSpec kSums[] = {{Sum::kBoth, 0, 0}, {Sum::kBoth, 1, 0}, {Sum::kBoth, 2, 1}};
  static constexpr int kStages = 2;
  static constexpr int kStates = 1;
  static constexpr int kSaved = 3;
  static constexpr unsigned kOptions = kTakesActivation | kTakesGateActivation | kTakesClip;

  template <class D, class A, class V>
  static HWY_INLINE void FirstStage(D d, const A& act, ForwardStep<GruResetBefore, V>& s) {
    s.sum[kR] = act.Gate(d, s.sum[kR]);
    s.sum[kZ] = act.Gate(d, s.sum[kZ]);
    s.operand = Mul(s.sum[kR], s.state[0]);
  }

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D d, const A& act, ForwardStep<GruResetBefore, V>& s) {
    const V z = s.sum[kZ], n = act.Candidate(d, s.sum[kN]);
    s.state[0] = MulAdd(z, s.state[0], NegMulAdd(z, n, n));  // exactly h when z = 1
    s.saved[kR] = s.sum[kR];
    s.saved[kZ] = z;
    s.saved[kN] = n;
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& act, BackwardStep<GruResetBefore, V>& s) {
    const V z = s.saved[kZ], n = s.saved[kN], dh = s.d_state[0];
    s.d_sum[kR] = s.saved[kR];  // for FirstStageBackward
    s.d_sum[kZ] = Mul(Mul(dh, Sub(s.before[0], n)), act.GateSlope(d, z));
    s.d_sum[kN] = Mul(NegMulAdd(z, dh, dh), act.CandidateSlope(d, n));
    s.d_state[0] = Mul(dh, z);
  }

  template <class D, class A, class V>
  static HWY_INLINE void FirstStageBackward(D d, const A& act, BackwardStep<GruResetBefore, V>& s) {
    const V r = s.d_sum[kR];
    s.d_sum[kR] = Mul(Mul(s.d_operand, s.before[0]), act.GateSlope(d, r));
    s.d_state[0] = MulAdd(s.d_operand, r, s.d_state[0]);
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_GRU_RESET_BEFORE_INL_H_
