#include "unroll/kernels/vector.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/kernels/vector.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "unroll/kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Real>
VectorLoops<Real> Loops() {
  return {&SumOfSquares, &LargestSize<Real>, &Zeroed<Real>, &ScaleShare<Real>, &AdamShare<Real>};
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

constexpr std::size_t kMostShares = 64;
constexpr std::size_t kLeastShare = 4096;       // numbers
constexpr std::size_t kWorthThreads = 1 << 16;  // numbers; fewer are done before a thread awakes

/// Cuts an array into shares, of whole cache lines, by its length alone.
struct Shares {
  explicit Shares(std::size_t n)
      : size(std::max(kLeastShare, ((n + kMostShares - 1) / kMostShares + 63) / 64 * 64)),
        count((n + size - 1) / size),
        total(n) {}

  /// The sum, in order, of what body(first, n) gives for each share.
  template <class Body>
  double Sum(ThreadPool& pool, const Body& body) const {
    double parts[kMostShares];
    pool.Run(total < kWorthThreads ? 1 : pool.threads(), [&](int index, int threads) {
      const FlushDenormals flush;
      const auto i = static_cast<std::size_t>(index), n = static_cast<std::size_t>(threads);
      for (std::size_t k = count * i / n; k < count * (i + 1) / n; ++k) {
        parts[k] = body(k * size, std::min(size, total - k * size));
      }
    });
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += parts[k];
    return sum;
  }

  std::size_t size, count, total;
};

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

template <class Real>
bool UpdateByAdam(const AdamStep& step, std::span<const Real> gradients, std::span<Real> weights,
                  std::span<Real> m, std::span<Real> v, ThreadPool& pool) {
  const std::size_t size = weights.size();
  if (gradients.size() != size || m.size() != size || v.size() != size || step.updates == 0) {
    throw std::logic_error("UpdateByAdam: four arrays of one length, and updates from 1 on");
  }
  const auto t = static_cast<double>(step.updates);
  const AdamNumbers<Real> numbers{
      static_cast<Real>(step.gradient_factor),
      static_cast<Real>(step.epsilon),
      static_cast<Real>(step.beta_1),
      static_cast<Real>(1 - step.beta_1),
      static_cast<Real>(step.beta_2),
      static_cast<Real>(1 - step.beta_2),
      static_cast<Real>(step.rate / (1 - std::pow(step.beta_1, t))),
      static_cast<Real>(std::sqrt(1 - std::pow(step.beta_2, t))),
  };
  const AdamArrays<Real> arrays{gradients.data(), weights.data(), m.data(), v.data()};
  const VectorLoops<Real> loops = LoopsOf<Real>();
  return Shares(size).Sum(pool, [&](std::size_t first, std::size_t n) {
    return loops.adam(numbers, arrays, first, n);
  }) == 0;
}

#define UNROLL_INSTANTIATE(Real)                                                      \
  template double EuclideanNorm(std::span<const Real>, ThreadPool&);                  \
  template bool AllFinite(std::span<const Real>, ThreadPool&);                        \
  template void Scale(std::span<Real>, double, ThreadPool&);                          \
  template bool UpdateByAdam(const AdamStep&, std::span<const Real>, std::span<Real>, \
                             std::span<Real>, std::span<Real>, ThreadPool&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
#endif  // HWY_ONCE
