// Long short-term memory with a forget gate: the cell state c is carried along with nothing but a
// factor f <= 1 on it, so that the gradient does not vanish while f is near 1.
//
//   i  = sigmoid(W_i x + U_i h + b_i)   input gate: how much of the candidate is stored
//   f  = sigmoid(W_f x + U_f h + b_f)   forget gate: how much of the past is kept
//   g  = tanh(W_g x + U_g h + b_g)      candidate
//   o  = sigmoid(W_o x + U_o h + b_o)   output gate: how much of the cell state is shown
//   c' = f * c + i * g
//   h' = o * tanh(c')
//
// With peepholes the gates see the cell state too: p_i * c and p_f * c join the sums of i and f,
// p_o * c' that of o. With input_forget, f = 1 - i.
//
// Source: Hochreiter & Schmidhuber 1997, Neural Computation 9(8); the forget gate: Gers,
//         Schmidhuber & Cummins 2000, Neural Computation 12(10); peepholes: Gers & Schmidhuber
//         2000, IJCNN. Order of gates as in PyTorch and cuDNN.
#if defined(UNROLL_CELLS_LSTM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_LSTM_INL_H_
#undef UNROLL_CELLS_LSTM_INL_H_
#else
#define UNROLL_CELLS_LSTM_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <bool kPeepholes>
struct LstmCell : CellBase {
  static constexpr std::string_view kName = kPeepholes ? "lstm_peephole" : "lstm";
  static constexpr int kGates = 4;
  enum { kI, kF, kG, kO, kTanhC };  // sums and what is saved of them; then tanh(c')
  static constexpr SumSpec kSums[] = {
      {Sum::kBoth, 0}, {Sum::kBoth, 1}, {Sum::kBoth, 2}, {Sum::kBoth, 3}};
  enum { kH, kC };
  static constexpr int kStates = 2;
  static constexpr int kSaved = 5;
  static constexpr int kForgetGate = kF;
  static constexpr unsigned kOptions = kTakesActivation | kTakesGateActivation |
                                       kTakesOutputActivation | kTakesClip | kTakesInputForget;
  enum { kSeenByI, kSeenByF, kSeenByO };  // peepholes
  static constexpr auto kUnitWeights = [] {
    constexpr UnitTensor kTensor = UnitTensor::kWeightPeephole;
    if constexpr (kPeepholes) {
      return std::array{UnitWeight{kTensor, 0}, UnitWeight{kTensor, 1}, UnitWeight{kTensor, 2}};
    } else {
      return std::array<UnitWeight, 0>{};
    }
  }();

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D d, const A& act, ForwardStep<LstmCell, V>& s) {
    const V before = s.state[kC];
    const V i = act.Gate(d, Seen(s.sum[kI], s.unit, kSeenByI, before));
    const V f = act.InputForget() ? Sub(hn::Set(d, hn::TFromD<D>(1)), i)
                                  : act.Gate(d, Seen(s.sum[kF], s.unit, kSeenByF, before));
    const V g = act.Candidate(d, s.sum[kG]);
    const V c = MulAdd(f, before, Mul(i, g));
    const V o = act.Gate(d, Seen(s.sum[kO], s.unit, kSeenByO, c));
    const V tanh_c = act.Output(d, c);
    s.state[kH] = Mul(o, tanh_c);
    s.state[kC] = c;
    s.saved[kI] = i;
    s.saved[kF] = f;
    s.saved[kG] = g;
    s.saved[kO] = o;
    s.saved[kTanhC] = tanh_c;
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& act, BackwardStep<LstmCell, V>& s) {
    const V i = s.saved[kI], f = s.saved[kF], g = s.saved[kG], o = s.saved[kO];
    const V tanh_c = s.saved[kTanhC], c_before = s.before[kC];
    const V dh = s.d_state[kH];
    s.d_sum[kO] = Mul(Mul(dh, tanh_c), act.GateSlope(d, o));
    V dc = MulAdd(Mul(dh, o), act.OutputSlope(d, tanh_c), s.d_state[kC]);
    dc = Seen(dc, s.unit, kSeenByO, s.d_sum[kO]);
    s.d_sum[kG] = Mul(Mul(dc, i), act.CandidateSlope(d, g));
    if (act.InputForget()) {
      s.d_sum[kI] = Mul(Mul(dc, Sub(g, c_before)), act.GateSlope(d, i));
      s.d_sum[kF] = hn::Zero(d);
    } else {
      s.d_sum[kI] = Mul(Mul(dc, g), act.GateSlope(d, i));
      s.d_sum[kF] = Mul(Mul(dc, c_before), act.GateSlope(d, f));
    }
    s.d_state[kH] = hn::Zero(d);  // h reaches the next step through U alone
    s.d_state[kC] =
        Seen(Seen(Mul(dc, f), s.unit, kSeenByI, s.d_sum[kI]), s.unit, kSeenByF, s.d_sum[kF]);
  }

  template <class D, class V>
  static HWY_INLINE void UnitGradient(D /*d*/, UnitGradientStep<LstmCell, V>& s) {
    s.d_unit[kSeenByI] = Mul(s.d_sum[kI], s.before[kC]);
    s.d_unit[kSeenByF] = Mul(s.d_sum[kF], s.before[kC]);
    s.d_unit[kSeenByO] = Mul(s.d_sum[kO], s.after[kC]);
  }

 private:
  /// v + p * seen, if there are peepholes.
  template <class V, class Weights>
  static HWY_INLINE V Seen(V v, const Weights& peepholes, int which, V seen) {
    if constexpr (kPeepholes) return MulAdd(peepholes[which], seen, v);
    return v;
  }
};

using Lstm = LstmCell<false>;
using LstmPeephole = LstmCell<true>;

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_LSTM_INL_H_
