// The recurrence taken literally: each unit remembers itself alone, by one weight u of its own, and
// units meet only through the next layer.
//
//   h' = tanh(u * h + W x + b)       with dense input weights
//   h' = tanh(u * h + w * x + b)     with one input weight a unit, too; then I = H
//
// Source: Li, Li, Cook, Zhu & Gao 2018, CVPR (IndRNN), with relu.
#if defined(UNROLL_CELLS_ELEMENTWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_ELEMENTWISE_INL_H_
#undef UNROLL_CELLS_ELEMENTWISE_INL_H_
#else
#define UNROLL_CELLS_ELEMENTWISE_INL_H_
#endif

#include "unroll/cells/cell-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

struct Elementwise : CellBase {
  static constexpr std::string_view kName = "elementwise";
  static constexpr int kGates = 1;
  static constexpr SumSpec kSums[] = {{Sum::kInput, 0}};
  static constexpr std::array kUnitWeights = {UnitWeight{UnitTensor::kWeightHh}};
  static constexpr int kStates = 1;
  static constexpr int kSaved = 0;  // the slope follows from the output

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D d, const A& act, ForwardStep<Elementwise, V>& s) {
    s.state[0] = act.Candidate(d, MulAdd(s.unit[0], s.state[0], s.sum[0]));
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& act, BackwardStep<Elementwise, V>& s) {
    s.d_sum[0] = Mul(s.d_state[0], act.CandidateSlope(d, s.after[0]));
    s.d_state[0] = Mul(s.d_sum[0], s.unit[0]);
  }

  template <class D, class V>
  static HWY_INLINE void UnitGradient(D /*d*/, UnitGradientStep<Elementwise, V>& s) {
    s.d_unit[0] = Mul(s.d_sum[0], s.before[0]);
  }
};

struct ElementwiseInput : CellBase {
  static constexpr std::string_view kName = "elementwise_input";
  static constexpr int kGates = 1;
  static constexpr SumSpec kSums[] = {{Sum::kOwn, 0}};
  enum { kW, kU };
  static constexpr std::array kUnitWeights = {UnitWeight{UnitTensor::kWeightIh},
                                              UnitWeight{UnitTensor::kWeightHh}};
  static constexpr bool kReadsInput = true;
  static constexpr int kStates = 1;
  static constexpr int kSaved = 0;

  template <class D, class A, class V>
  static HWY_INLINE void Forward(D d, const A& act, ForwardStep<ElementwiseInput, V>& s) {
    const V input = MulAdd(s.unit[kW], s.x, s.sum[0]);
    s.state[0] = act.Candidate(d, MulAdd(s.unit[kU], s.state[0], input));
  }

  template <class D, class A, class V>
  static HWY_INLINE void Backward(D d, const A& act, BackwardStep<ElementwiseInput, V>& s) {
    s.d_sum[0] = Mul(s.d_state[0], act.CandidateSlope(d, s.after[0]));
    s.d_x = Mul(s.d_sum[0], s.unit[kW]);
    s.d_state[0] = Mul(s.d_sum[0], s.unit[kU]);
  }

  template <class D, class V>
  static HWY_INLINE void UnitGradient(D /*d*/, UnitGradientStep<ElementwiseInput, V>& s) {
    s.d_unit[kW] = Mul(s.d_sum[0], s.x);
    s.d_unit[kU] = Mul(s.d_sum[0], s.before[0]);
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_ELEMENTWISE_INL_H_
