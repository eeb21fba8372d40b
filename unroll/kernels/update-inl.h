// The loops of update.h over one share of the arrays. Where all arrays hold 0 (padding), they
// write 0.
#if defined(UNROLL_KERNELS_UPDATE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_UPDATE_INL_H_
#undef UNROLL_KERNELS_UPDATE_INL_H_
#else
#define UNROLL_KERNELS_UPDATE_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "unroll/kernels/update_job.h"
#include "unroll/kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Stays 0 while what it sees is finite, and is NaN from then on: every number counts 0 times.
template <class D>
class FiniteCheck {
 public:
  HWY_INLINE explicit FiniteCheck(D d) : d_(d), sum_(hn::Zero(d)) {}
  HWY_INLINE void See(hn::Vec<D> v) { sum_ = hn::MulAdd(v, hn::Zero(d_), sum_); }
  HWY_INLINE double Sum() const {
    return static_cast<double>(hn::GetLane(hn::SumOfLanes(d_, sum_)));
  }

 private:
  const D d_;
  hn::Vec<D> sum_;
};

template <class Real>
double SgdShare(const SgdNumbers<Real>& a, const UpdateArrays<Real>& arrays, std::size_t first,
                std::size_t n) {
  const hn::ScalableTag<Real> d;
  const auto factor = hn::Set(d, a.gradient_factor), decay = hn::Set(d, a.weight_decay);
  const auto rate = hn::Set(d, a.rate), momentum = hn::Set(d, a.momentum);
  FiniteCheck check(d);
  ForEachVector(d, n, [&](const auto& load, const auto& store) HWY_ATTR {
    const auto w = load(arrays.weights + first);
    auto g = hn::MulAdd(decay, w, hn::Mul(load(arrays.gradients + first), factor));
    if (arrays.m != nullptr) {
      const auto m = hn::MulAdd(momentum, load(arrays.m + first), g);
      store(m, arrays.m + first);
      check.See(m);
      g = a.nesterov ? hn::MulAdd(momentum, m, g) : m;
    }
    const auto moved = hn::NegMulAdd(rate, g, w);
    store(moved, arrays.weights + first);
    check.See(moved);
  });
  return check.Sum();
}

template <class Real>
double RmspropShare(const RmspropNumbers<Real>& a, const UpdateArrays<Real>& arrays,
                    std::size_t first, std::size_t n) {
  const hn::ScalableTag<Real> d;
  const auto factor = hn::Set(d, a.gradient_factor), decay = hn::Set(d, a.weight_decay);
  const auto rate = hn::Set(d, a.rate), momentum = hn::Set(d, a.momentum);
  const auto alpha = hn::Set(d, a.alpha), rest = hn::Set(d, a.rest);
  const auto epsilon = hn::Set(d, a.epsilon);
  FiniteCheck check(d);
  ForEachVector(d, n, [&](const auto& load, const auto& store) HWY_ATTR {
    const auto w = load(arrays.weights + first);
    const auto g = hn::MulAdd(decay, w, hn::Mul(load(arrays.gradients + first), factor));
    const auto v = hn::MulAdd(alpha, load(arrays.v + first), hn::Mul(rest, hn::Mul(g, g)));
    auto by = hn::Div(g, hn::Add(hn::Sqrt(v), epsilon));
    if (arrays.m != nullptr) {
      by = hn::MulAdd(momentum, load(arrays.m + first), by);
      store(by, arrays.m + first);
      check.See(by);
    }
    const auto moved = hn::NegMulAdd(rate, by, w);
    store(v, arrays.v + first);
    store(moved, arrays.weights + first);
    check.See(v);
    check.See(moved);
  });
  return check.Sum();
}

template <class Real>
double AdamShare(const AdamNumbers<Real>& a, const UpdateArrays<Real>& arrays, std::size_t first,
                 std::size_t n) {
  const hn::ScalableTag<Real> d;
  const auto factor = hn::Set(d, a.gradient_factor), decay = hn::Set(d, a.weight_decay);
  const auto b1 = hn::Set(d, a.beta_1), rest_1 = hn::Set(d, a.rest_1);
  const auto b2 = hn::Set(d, a.beta_2), rest_2 = hn::Set(d, a.rest_2);
  const auto step = hn::Set(d, a.step), root_rest = hn::Set(d, a.root_correction);
  const auto epsilon = hn::Set(d, a.epsilon), kept = hn::Set(d, a.kept);
  FiniteCheck check(d);
  ForEachVector(d, n, [&](const auto& load, const auto& store) HWY_ATTR {
    const auto w = load(arrays.weights + first);
    const auto g = hn::MulAdd(decay, w, hn::Mul(load(arrays.gradients + first), factor));
    const auto m = hn::MulAdd(b1, load(arrays.m + first), hn::Mul(rest_1, g));
    const auto v = hn::MulAdd(b2, load(arrays.v + first), hn::Mul(rest_2, hn::Mul(g, g)));
    const auto below = hn::Add(hn::Div(hn::Sqrt(v), root_rest), epsilon);
    const auto moved = hn::NegMulAdd(step, hn::Div(m, below), hn::Mul(kept, w));
    store(m, arrays.m + first);
    store(v, arrays.v + first);
    store(moved, arrays.weights + first);
    check.See(m);
    check.See(v);
    check.See(moved);
  });
  return check.Sum();
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_KERNELS_UPDATE_INL_H_
