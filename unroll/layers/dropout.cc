#include "unroll/layers/dropout.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "unroll/base/arena.h"
#include "unroll/kernels/dropout.h"
#include "unroll/sequence/batch.h"

namespace unroll {
namespace {

constexpr std::uint32_t kPlaces = 1024;
constexpr int kPlaceBit = 46;                   // of a stream's step; below it the training's
constexpr std::size_t kWorthThreads = 1 << 14;  // numbers; fewer are done before a thread awakes

/// The stream of sequence n at this place.
RandomStream StreamOf(const DropoutKey& key, std::uint32_t place, std::uint32_t n) {
  if (key.step >> kPlaceBit != 0) throw std::logic_error("a dropout's step is less than 2^46");
  return {key.seed, Purpose::kDropout, std::uint64_t{place} << kPlaceBit | key.step, n};
}

template <class Real>
DropoutNumbers<Real> NumbersFor(double rate) {
  const double threshold = std::min(std::round(std::ldexp(rate, 32)), 4294967295.0);
  return {static_cast<std::uint32_t>(threshold), static_cast<Real>(1 / (1 - rate))};
}

}  // namespace

void DropoutSteps::Set(std::size_t T, std::size_t B, const std::int32_t* sequence) {
  T_ = T, B_ = B, sequence_ = sequence;
  if (sequence == nullptr) return;
  position_.resize(T * B);
  for (std::size_t b = 0; b < B; ++b) {
    std::int32_t current = kIdle;
    std::uint32_t next = 0;
    for (std::size_t k = b; k < T * B; k += B) {
      if (sequence[k] == kIdle) continue;
      if (sequence[k] != current) current = sequence[k], next = 0;
      position_[k] = next++;
    }
  }
}

template <class Real>
Dropout<Real>::Dropout(double rate, bool same_at_every_step, std::uint32_t place)
    : rate_(rate), same_at_every_step_(same_at_every_step), place_(place) {
  if (!(rate >= 0 && rate < 1)) {  // NaN too
    throw std::logic_error("dropout: expected a rate from 0 to below 1, found " +
                           std::to_string(rate));
  }
  if (place >= kPlaces) throw std::logic_error("dropout: a network has less than 1024 places");
}

template <class Real>
void Dropout<Real>::Apply(const DropoutKey& key, const DropoutSteps& steps, std::size_t width,
                          const Real* from, Real* to, ThreadPool& pool) const {
  StreamOf(key, place_, 0);  // refuses before threads run, which must not throw
  const std::size_t stride = Padded<Real>(width), rows = steps.T() * steps.B();
  const DropoutNumbers<Real> numbers = NumbersFor<Real>(rate_);
  const DropRowFunction<Real> drop = DropRow<Real>();
  // The stream's blocks of one step; steps that share a mask begin at the same block.
  const auto blocks = static_cast<std::uint32_t>(same_at_every_step_ ? 0 : (stride + 3) / 4);
  pool.Run(rows * stride < kWorthThreads ? 1 : pool.threads(), [&](int index, int count) {
    const auto i = static_cast<std::size_t>(index), n = static_cast<std::size_t>(count);
    for (std::size_t k = rows * i / n; k < rows * (i + 1) / n; ++k) {
      const std::int32_t id = steps.Sequence(k);
      if (id == kIdle) {
        std::fill_n(to + k * stride, stride, Real(0));
        continue;
      }
      const RandomStream stream = StreamOf(key, place_, static_cast<std::uint32_t>(id));
      drop(stream, steps.Position(k) * blocks, numbers, from + k * stride, to + k * stride, stride);
    }
  });
}

template <class Real>
void Dropout<Real>::FillMask(const DropoutKey& key, std::size_t N, std::size_t width,
                             Real* mask) const {
  const std::size_t stride = Padded<Real>(width);
  const DropoutNumbers<Real> numbers = NumbersFor<Real>(rate_);
  const DropRowFunction<Real> drop = DropRow<Real>();
  std::fill_n(mask, N * stride, Real(1));
  for (std::size_t n = 0; n < N; ++n) {
    drop(StreamOf(key, place_, static_cast<std::uint32_t>(n)), 0, numbers, mask + n * stride,
         mask + n * stride, stride);
  }
}

template class Dropout<float>;
template class Dropout<double>;

}  // namespace unroll
