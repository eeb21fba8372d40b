// The row functions of softmax.h.
//
// The largest number of a row is left out of the vector loops: its e^(x - largest) is 1, and
// log(1 + the others) keeps what a sum of them all would round away.
#if defined(UNROLL_KERNELS_SOFTMAX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_SOFTMAX_INL_H_
#undef UNROLL_KERNELS_SOFTMAX_INL_H_
#else
#define UNROLL_KERNELS_SOFTMAX_INL_H_
#endif

#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "hwy/contrib/algo/find-inl.h"
#include "hwy/highway.h"
#include "unroll/kernels/gates-inl.h"
#include "unroll/kernels/softmax.h"
#include "unroll/kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Vectors of a row, as many lanes as a vector of doubles has.
template <class Real>
using RowTag = hn::Rebind<Real, hn::ScalableTag<double>>;

template <class D, class V>
HWY_INLINE hn::Vec<D> ToDouble(D d, V v) {
  if constexpr (std::is_same_v<V, hn::Vec<D>>) {
    return v;
  } else {
    return hn::PromoteTo(d, v);
  }
}
template <class Row, class V>
HWY_INLINE hn::Vec<Row> FromDouble(Row row, V v) {
  if constexpr (std::is_same_v<V, hn::Vec<Row>>) {
    return v;
  } else {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
    // DemoteTo would make infinity the largest number.
    const hn::DFromV<V> d;
    HWY_ALIGN double wide[hn::MaxLanes(hn::DFromV<V>())];
    HWY_ALIGN hn::TFromD<Row> narrow[hn::MaxLanes(Row())];
    hn::Store(v, d, wide);
    for (std::size_t k = 0; k < hn::Lanes(row); ++k) narrow[k] = static_cast<float>(wide[k]);
    return hn::Load(row, narrow);
#else
    return hn::DemoteTo(row, v);
#endif
  }
}

/// The largest of a row and where it stands first. Where NaN stands beside numbers it may be any of
/// them, or NaN at 0.
struct Largest {
  double largest;
  std::size_t at;
};

template <class Real>
Largest FindLargest(const Real* x, std::size_t n) {
  constexpr Real kLowest = -std::numeric_limits<Real>::infinity();
  const hn::ScalableTag<Real> d;
  auto largest = hn::Set(d, kLowest);
  ForEachVector(
      d, n,
      [&](const auto& load, const auto& /*store*/)
          HWY_ATTR { largest = hn::Max(largest, load(x)); },
      kLowest);
  const Real found = hn::GetLane(hn::MaxOfLanes(d, largest));
  const std::size_t at = hn::Find(d, found, x, n);
  if (at == n) return {std::numeric_limits<double>::quiet_NaN(), 0};
  return {static_cast<double>(found), at};
}

/// The sum of e^(x - largest) over n numbers; each goes to y unless that is null.
template <class Real>
double SumOfExp(const Real* x, std::size_t n, double largest, Real* y) {
  const hn::ScalableTag<double> d;
  const RowTag<Real> row;
  const auto less = hn::Set(d, largest);
  auto sum = hn::Zero(d);
  ForEachVector(
      row, n,
      [&](const auto& load, const auto& store) HWY_ATTR {
        const auto e = Exp(d, hn::Sub(ToDouble(d, load(x)), less));
        if (y != nullptr) store(FromDouble(row, e), y);
        sum = hn::Add(sum, e);
      },
      -std::numeric_limits<Real>::infinity());
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

/// The sum of e^(x - largest) over all of the row but the largest. Those go to y unless it is null.
template <class Real>
double SumOfOthers(const Real* x, std::size_t n, const Largest& largest, Real* y) {
  const std::size_t behind = largest.at + 1;
  const double sum =
      SumOfExp(x, largest.at, largest.largest, y) +
      SumOfExp(x + behind, n - behind, largest.largest, y == nullptr ? nullptr : y + behind);
  return sum + (largest.largest - largest.largest);  // NaN stays, though there be no others
}

template <class Real>
LogSum LogSumOfExp(const Real* x, std::size_t n) {
  const Largest largest = FindLargest(x, n);
  return {largest.largest, std::log1p(SumOfOthers<Real>(x, n, largest, nullptr))};
}

template <class Real>
LogSum Softmax(const Real* x, std::size_t n, Real* y) {
  const Largest largest = FindLargest(x, n);
  const double others = SumOfOthers(x, n, largest, y);
  y[largest.at] = Real(1);
  const hn::ScalableTag<double> d;
  const RowTag<Real> row;
  const auto share = hn::Set(d, 1 / (1 + others));
  ForEachVector(row, n, [&](const auto& load, const auto& store) HWY_ATTR {
    store(FromDouble(row, hn::Mul(ToDouble(d, load(y)), share)), y);
  });
  return {largest.largest, std::log1p(others)};
}

template <class Real>
LogSum LogSoftmax(const Real* x, std::size_t n, Real* y) {
  const LogSum sum = LogSumOfExp(x, n);
  const hn::ScalableTag<double> d;
  const RowTag<Real> row;
  const auto largest = hn::Set(d, sum.largest), excess = hn::Set(d, sum.excess);
  ForEachVector(row, n, [&](const auto& load, const auto& store) HWY_ATTR {
    const auto off = hn::Sub(ToDouble(d, load(x)), largest);
    store(FromDouble(row, hn::Sub(off, excess)), y);
  });
  return sum;
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_KERNELS_SOFTMAX_INL_H_
