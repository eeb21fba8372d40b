// Gated recurrent unit in the form of PyTorch, cuDNN and ONNX with linear_before_reset = 1: the
// reset gate acts after the product with U. The candidate therefore keeps its two biases apart.
//
//   r  = sigmoid(W_r x + U_r h + b_r)             reset: how much of the past the candidate sees
//   z  = sigmoid(W_z x + U_z h + b_z)             update: how much of the past is kept
//   n  = tanh(W_n x + b_n + r * (U_n h + b_un))   candidate
//   h' = (1 - z) * n + z * h
//
// Source: Cho et al. 2014, arXiv:1406.1078v1; version 3 of that paper applies r before the product.
#if defined(UNROLL_CELLS_GRU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_GRU_INL_H_
#undef UNROLL_CELLS_GRU_INL_H_
#else
#define UNROLL_CELLS_GRU_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

struct Gru : CellBase {
  static constexpr std::string_view kName = "gru";
  static constexpr int kGates = 3;  // in PyTorch's order r, z, n
  enum { kInN, kR, kZ, kUN };       // sums: the candidate needs its two products apart
  static constexpr SumSpec kSums[] = {
      {Sum::kInput, 2}, {Sum::kBoth, 0}, {Sum::kBoth, 1}, {Sum::kRecurrent, 2}};
  static constexpr int kStates = 1;
  static constexpr unsigned kOptions = kTakesActivation | kTakesGateActivation | kTakesClip;
  enum { kSavedN, kSavedR, kSavedZ, kSavedUN };
  static constexpr int kSaved = 4;

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D d, const A& act, ForwardStep<Gru, V>& s) {
    const V h = s.state[0];
    const V r = act.Gate(d, s.sum[kR]);
    const V z = act.Gate(d, s.sum[kZ]);
    const V n = act.Candidate(d, MulAdd(r, s.sum[kUN], s.sum[kInN]));
    s.state[0] = MulAdd(z, h, NegMulAdd(z, n, n));  // exactly h when z = 1
    s.saved[kSavedN] = n;
    s.saved[kSavedR] = r;
    s.saved[kSavedZ] = z;
    s.saved[kSavedUN] = s.sum[kUN];
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& act, BackwardStep<Gru, V>& s) {
    const V n = s.saved[kSavedN], r = s.saved[kSavedR], z = s.saved[kSavedZ];
    const V dh = s.d_state[0];
    const V dn = Mul(NegMulAdd(z, dh, dh), act.CandidateSlope(d, n));
    s.d_sum[kInN] = dn;
    s.d_sum[kR] = Mul(Mul(dn, s.saved[kSavedUN]), act.GateSlope(d, r));
    s.d_sum[kZ] = Mul(Mul(dh, Sub(s.before[0], n)), act.GateSlope(d, z));
    s.d_sum[kUN] = Mul(dn, r);
    s.d_state[0] = Mul(dh, z);
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_GRU_INL_H_
