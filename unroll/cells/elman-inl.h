// Elman's simple recurrent network: the output is all the memory there is.
//
//   h' = tanh(W x + U h + b)      or another activation, as relu
//
// Source: Elman 1990, Cognitive Science 14(2).
#if defined(UNROLL_CELLS_ELMAN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_ELMAN_INL_H_
#undef UNROLL_CELLS_ELMAN_INL_H_
#else
#define UNROLL_CELLS_ELMAN_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

struct Elman : CellBase {
  static constexpr std::string_view kName = "elman";
  static constexpr int kGates = 1;
  static constexpr SumSpec kSums[] = {{Sum::kBoth, 0}};
  static constexpr int kStates = 1;
  static constexpr int kSaved = 0;  // the slope follows from the output

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D d, const A& act, ForwardStep<Elman, V>& s) {
    s.state[0] = act.Candidate(d, s.sum[0]);
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& act, BackwardStep<Elman, V>& s) {
    s.d_sum[0] = Mul(s.d_state[0], act.CandidateSlope(d, s.after[0]));
    s.d_state[0] = hn::Zero(d);  // h reaches the next step through U alone
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_ELMAN_INL_H_
