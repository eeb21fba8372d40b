#include "unroll/kernels/vector.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "unroll/kernels/shares.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/kernels/vector.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "unroll/kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Real>
VectorLoops<Real> Loops() {
  return {&SumOfSquares, &LargestSize<Real>, &Zeroed<Real>, &ScaleShare<Real>};
}
VectorLoops<float> LoopsF32() { return Loops<float>(); }
VectorLoops<double> LoopsF64() { return Loops<double>(); }

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll {

HWY_EXPORT(LoopsF32);
HWY_EXPORT(LoopsF64);

namespace {

template <class Real>
VectorLoops<Real> LoopsOf();
template <>
VectorLoops<float> LoopsOf<float>() {
  return HWY_DYNAMIC_DISPATCH(LoopsF32)();
}
template <>
VectorLoops<double> LoopsOf<double>() {
  return HWY_DYNAMIC_DISPATCH(LoopsF64)();
}

/// Whether squares that sum up to this have lost nothing at either end of the range of a double.
bool InRange(double sum_of_squares) {
  return sum_of_squares > 1e-280 && sum_of_squares < std::numeric_limits<double>::max();
}

}  // namespace

template <class Real>
double EuclideanNorm(std::span<const Real> numbers, ThreadPool& pool) {
  const VectorLoops<Real> loops = LoopsOf<Real>();
  const Shares shares(numbers.size());
  const auto sum_by = [&](double factor) {
    return shares.Sum(pool, [&](std::size_t first, std::size_t n) {
      return loops.sum_of_squares(numbers.data() + first, n, factor);
    });
  };
  const double sum = sum_by(1);
  if (sum == 0 && sizeof(Real) == sizeof(float)) return 0;
  if (InRange(sum) || std::isnan(sum)) return std::sqrt(sum);
  double largest = 0;
  for (std::size_t first = 0; first < numbers.size(); first += shares.size) {
    const std::size_t n = std::min(shares.size, numbers.size() - first);
    largest = std::max(largest, loops.largest_size(numbers.data() + first, n));
  }
  if (largest == 0 || std::isinf(largest)) return largest;
  const int exponent = std::clamp(std::ilogb(largest), -1000, 1000);
  return std::ldexp(std::sqrt(sum_by(std::ldexp(1.0, -exponent))), exponent);
}

template <class Real>
bool AllFinite(std::span<const Real> numbers, ThreadPool& pool) {
  const VectorLoops<Real> loops = LoopsOf<Real>();
  return Shares(numbers.size()).Sum(pool, [&](std::size_t first, std::size_t n) {
    return loops.zeroed(numbers.data() + first, n);
  }) == 0;
}

template <class Real>
void Scale(std::span<Real> numbers, double factor, ThreadPool& pool) {
  const VectorLoops<Real> loops = LoopsOf<Real>();
  Shares(numbers.size()).Sum(pool, [&](std::size_t first, std::size_t n) {
    loops.scale(numbers.data() + first, n, factor);
    return 0.0;
  });
}

#define UNROLL_INSTANTIATE(Real)                                     \
  template double EuclideanNorm(std::span<const Real>, ThreadPool&); \
  template bool AllFinite(std::span<const Real>, ThreadPool&);       \
  template void Scale(std::span<Real>, double, ThreadPool&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
#endif  // HWY_ONCE
