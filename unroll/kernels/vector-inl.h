// The loops of vector.h over one share of an array.
//
// Loads and stores need no alignment; the last vector of a share is cut short, so that numbers
// behind the array are neither read nor written.
#if defined(UNROLL_KERNELS_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_VECTOR_INL_H_
#undef UNROLL_KERNELS_VECTOR_INL_H_
#else
#define UNROLL_KERNELS_VECTOR_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "unroll/kernels/vector_job.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Calls body(load, store) for every vector: load(p) reads it from the array p, and what lies
/// behind n is `behind`.
template <class D, class Body, class Real = hn::TFromD<D>>
HWY_INLINE void ForEachVector(D d, std::size_t n, const Body& body, Real behind = 0) {
  using V = hn::Vec<D>;
  const std::size_t L = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + L <= n; i += L) {
    body([&](const Real* p) HWY_ATTR { return hn::LoadU(d, p + i); },
         [&](V v, Real* p) HWY_ATTR { hn::StoreU(v, d, p + i); });
  }
  if (i == n) return;
  const auto rest = hn::FirstN(d, n - i);
  HWY_ALIGN Real lanes[hn::MaxLanes(D())];
  hn::Store(hn::Set(d, behind), d, lanes);
  body(
      [&](const Real* p) HWY_ATTR {
        for (std::size_t k = 0; k < n - i; ++k) lanes[k] = p[i + k];
        return hn::Load(d, lanes);
      },
      [&](V v, Real* p) HWY_ATTR { hn::BlendedStore(v, rest, d, p + i); });
}

/// The sum of (factor * x)^2 in double.
inline double SumOfSquares(const double* x, std::size_t n, double factor) {
  const hn::ScalableTag<double> d;
  auto sum = hn::Zero(d);
  const auto by = hn::Set(d, factor);
  ForEachVector(d, n, [&](const auto& load, const auto& /*store*/) HWY_ATTR {
    const auto v = hn::Mul(load(x), by);
    sum = hn::MulAdd(v, v, sum);
  });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}
inline double SumOfSquares(const float* x, std::size_t n, double factor) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> half;
  auto sum = hn::Zero(d);
  const auto by = hn::Set(d, factor);
  ForEachVector(half, n, [&](const auto& load, const auto& /*store*/) HWY_ATTR {
    const auto v = hn::Mul(hn::PromoteTo(d, load(x)), by);
    sum = hn::MulAdd(v, v, sum);
  });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

/// The largest size of a number; 0 where there is none, anything where one is NaN.
template <class Real>
double LargestSize(const Real* x, std::size_t n) {
  const hn::ScalableTag<Real> d;
  auto largest = hn::Zero(d);
  ForEachVector(d, n, [&](const auto& load, const auto& /*store*/) HWY_ATTR {
    largest = hn::Max(largest, hn::Abs(load(x)));
  });
  return static_cast<double>(hn::GetLane(hn::MaxOfLanes(d, largest)));
}

/// 0 where all are finite, else NaN: a number times 0.
template <class Real>
double Zeroed(const Real* x, std::size_t n) {
  const hn::ScalableTag<Real> d;
  auto sum = hn::Zero(d);
  ForEachVector(d, n, [&](const auto& load, const auto& /*store*/) HWY_ATTR {
    sum = hn::MulAdd(load(x), hn::Zero(d), sum);
  });
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
}

template <class Real>
void ScaleShare(Real* x, std::size_t n, double factor) {
  const hn::ScalableTag<Real> d;
  const auto by = hn::Set(d, static_cast<Real>(factor));
  ForEachVector(
      d, n, [&](const auto& load, const auto& store) HWY_ATTR { store(hn::Mul(load(x), by), x); });
}

/// Returns 0 where all that it wrote is finite, else NaN.
template <class Real>
double AdamShare(const AdamNumbers<Real>& a, const AdamArrays<Real>& arrays, std::size_t first,
                 std::size_t n) {
  const hn::ScalableTag<Real> d;
  const auto factor = hn::Set(d, a.gradient_factor), epsilon = hn::Set(d, a.epsilon);
  const auto b1 = hn::Set(d, a.beta_1), rest_1 = hn::Set(d, a.rest_1);
  const auto b2 = hn::Set(d, a.beta_2), rest_2 = hn::Set(d, a.rest_2);
  const auto step = hn::Set(d, a.step), root_rest = hn::Set(d, a.root_correction);
  auto sum = hn::Zero(d);
  ForEachVector(d, n, [&](const auto& load, const auto& store) HWY_ATTR {
    const auto g = hn::Mul(load(arrays.gradients + first), factor);
    const auto m = hn::MulAdd(b1, load(arrays.m + first), hn::Mul(rest_1, g));
    const auto v = hn::MulAdd(b2, load(arrays.v + first), hn::Mul(rest_2, hn::Mul(g, g)));
    const auto below = hn::Add(hn::Div(hn::Sqrt(v), root_rest), epsilon);
    const auto w = hn::NegMulAdd(step, hn::Div(m, below), load(arrays.weights + first));
    store(m, arrays.m + first);
    store(v, arrays.v + first);
    store(w, arrays.weights + first);
    sum = hn::MulAdd(hn::Add(hn::Add(w, m), v), hn::Zero(d), sum);
  });
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_KERNELS_VECTOR_INL_H_
