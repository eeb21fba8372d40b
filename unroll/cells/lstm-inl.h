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
// Source: Hochreiter & Schmidhuber 1997, Neural Computation 9(8); the forget gate: Gers,
//         Schmidhuber & Cummins 2000, Neural Computation 12(10). Order of gates as in PyTorch and
//         cuDNN.
#if defined(UNROLL_CELLS_LSTM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_LSTM_INL_H_
#undef UNROLL_CELLS_LSTM_INL_H_
#else
#define UNROLL_CELLS_LSTM_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

struct Lstm {
  static constexpr std::string_view kName = "lstm";
  static constexpr int kGates = 4;
  enum { kI, kF, kG, kO, kTanhC };  // sums and what is saved of them; then tanh(c')
  static constexpr SumSpec kSums[] = {
      {Sum::kBoth, 0}, {Sum::kBoth, 1}, {Sum::kBoth, 2}, {Sum::kBoth, 3}};
  enum { kH, kC };
  static constexpr int kStates = 2;
  static constexpr int kSaved = 5;

  template <class D, class V>
  static HWY_INLINE void Forward(D d, ForwardStep<Lstm, V>& s) {
    const V i = Sigmoid(d, s.sum[kI]);
    const V f = Sigmoid(d, s.sum[kF]);
    const V g = Tanh(d, s.sum[kG]);
    const V o = Sigmoid(d, s.sum[kO]);
    const V c = MulAdd(f, s.state[kC], Mul(i, g));
    const V tanh_c = Tanh(d, c);
    s.state[kH] = Mul(o, tanh_c);
    s.state[kC] = c;
    s.saved[kI] = i;
    s.saved[kF] = f;
    s.saved[kG] = g;
    s.saved[kO] = o;
    s.saved[kTanhC] = tanh_c;
  }

  template <class D, class V>
  static HWY_INLINE void Backward(D d, BackwardStep<Lstm, V>& s) {
    const V i = s.saved[kI], f = s.saved[kF], g = s.saved[kG], o = s.saved[kO];
    const V tanh_c = s.saved[kTanhC];
    const V dh = s.d_state[kH];
    const V dc = MulAdd(Mul(dh, o), TanhSlope(d, tanh_c), s.d_state[kC]);
    s.d_sum[kI] = Mul(Mul(dc, g), SigmoidSlope(d, i));
    s.d_sum[kF] = Mul(Mul(dc, s.before[kC]), SigmoidSlope(d, f));
    s.d_sum[kG] = Mul(Mul(dc, i), TanhSlope(d, g));
    s.d_sum[kO] = Mul(Mul(dh, tanh_c), SigmoidSlope(d, o));
    s.d_state[kH] = hn::Zero(d);  // h reaches the next step through U alone
    s.d_state[kC] = Mul(dc, f);
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_LSTM_INL_H_
