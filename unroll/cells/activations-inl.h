// What a cell's gates and candidates go through: the paper's own tanh and sigmoid, inlined; or what
// the options chose, one call a vector.
//
// A cell is written once over either. Each function goes with its slope, given the result.
#if defined(UNROLL_CELLS_ACTIVATIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_ACTIVATIONS_INL_H_
#undef UNROLL_CELLS_ACTIVATIONS_INL_H_
#else
#define UNROLL_CELLS_ACTIVATIONS_INL_H_
#endif

#include "hwy/highway.h"
#include "unroll/cells/options.h"
#include "unroll/kernels/gates-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

/// Nothing was chosen: the straight path.
struct PlainActivations {
  template <class D, class V>
  HWY_INLINE V Gate(D d, V v) const {
    return Sigmoid(d, v);
  }
  template <class D, class V>
  HWY_INLINE V GateSlope(D d, V y) const {
    return SigmoidSlope(d, y);
  }
  template <class D, class V>
  HWY_INLINE V Candidate(D d, V v) const {
    return Tanh(d, v);
  }
  template <class D, class V>
  HWY_INLINE V CandidateSlope(D d, V y) const {
    return TanhSlope(d, y);
  }
  template <class D, class V>
  HWY_INLINE V Output(D d, V v) const {
    return Tanh(d, v);
  }
  template <class D, class V>
  HWY_INLINE V OutputSlope(D d, V y) const {
    return TanhSlope(d, y);
  }
  static constexpr bool InputForget() { return false; }
};

/// The activation of v. NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Activate(D d, Activation activation, V v) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T(1));
  switch (activation) {
    case Activation::kTanh:
      return Tanh(d, v);
    case Activation::kSigmoid:
      return Sigmoid(d, v);
    case Activation::kRelu:
      return hn::IfThenElse(hn::Lt(v, zero), zero, v);
    case Activation::kHardSigmoid: {
      const V y = hn::MulAdd(v, hn::Set(d, T(0.2)), hn::Set(d, T(0.5)));
      const V low = hn::IfThenElse(hn::Lt(y, zero), zero, y);
      return hn::IfThenElse(hn::Gt(low, one), one, low);
    }
    case Activation::kIdentity:
      break;
  }
  return v;
}

/// Its slope, given the result y. Where an activation has a kink, that of its flat side.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ActivationSlope(D d, Activation activation, V y) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T(1));
  switch (activation) {
    case Activation::kTanh:
      return TanhSlope(d, y);
    case Activation::kSigmoid:
      return SigmoidSlope(d, y);
    case Activation::kRelu:
      return hn::IfThenElseZero(hn::Gt(y, zero), one);
    case Activation::kHardSigmoid:
      return hn::IfThenElseZero(hn::And(hn::Gt(y, zero), hn::Lt(y, one)), hn::Set(d, T(0.2)));
    case Activation::kIdentity:
      break;
  }
  return one;
}

/// What the options chose, and the bound on what goes into it.
struct ChosenActivations {
  const CellOptions& options;

  template <class D, class V>
  V Gate(D d, V v) const {
    return Of(d, options.gate_activation, v);
  }
  template <class D, class V>
  V GateSlope(D d, V y) const {
    return SlopeOf(d, options.gate_activation, y);
  }
  template <class D, class V>
  V Candidate(D d, V v) const {
    return Of(d, options.activation, v);
  }
  template <class D, class V>
  V CandidateSlope(D d, V y) const {
    return SlopeOf(d, options.activation, y);
  }
  template <class D, class V>
  V Output(D d, V v) const {
    return Of(d, options.output_activation, v);
  }
  template <class D, class V>
  V OutputSlope(D d, V y) const {
    return SlopeOf(d, options.output_activation, y);
  }
  bool InputForget() const { return options.input_forget; }

 private:
  template <class D, class V>
  HWY_NOINLINE V Of(D d, Activation activation, V v) const {
    return Activate(d, activation, options.clip > 0 ? Clipped(d, v) : v);
  }
  template <class D, class V>
  HWY_INLINE V Clipped(D d, V v) const {
    const V most = hn::Set(d, static_cast<hn::TFromD<D>>(options.clip)), least = hn::Neg(most);
    const V low = hn::IfThenElse(hn::Lt(v, least), least, v);  // Max may turn NaN into a number
    return hn::IfThenElse(hn::Gt(low, most), most, low);
  }
  /// Beyond the bound nothing changes any more; activations being monotone, the result tells.
  template <class D, class V>
  HWY_NOINLINE V SlopeOf(D d, Activation activation, V y) const {
    const V slope = ActivationSlope(d, activation, y);
    if (!(options.clip > 0)) return slope;
    const V most = hn::Set(d, static_cast<hn::TFromD<D>>(options.clip));
    const auto inside = hn::And(hn::Lt(y, Activate(d, activation, most)),
                                hn::Gt(y, Activate(d, activation, hn::Neg(most))));
    return hn::IfThenElseZero(inside, slope);
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_ACTIVATIONS_INL_H_
