// Philox for a vector of blocks at a time, and the row that is dropped by it.
//
// A lane of 64 bits holds one word of one block in its lower half, which is all that MulEven reads;
// what the products leave in the upper half does no harm.
#if defined(UNROLL_KERNELS_DROPOUT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_DROPOUT_INL_H_
#undef UNROLL_KERNELS_DROPOUT_INL_H_
#else
#define UNROLL_KERNELS_DROPOUT_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "hwy/highway.h"
#include "unroll/kernels/dropout.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The lower half of each lane times `by`.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V MultiplyLow(D d, V v, std::uint32_t by) {
#if HWY_TARGET == HWY_SCALAR  // has no vector of two halves
  return hn::Set(d, std::uint64_t{static_cast<std::uint32_t>(hn::GetLane(v))} * by);
#else
  const hn::Repartition<std::uint32_t, D> d32;
  return hn::MulEven(hn::BitCast(d32, v), hn::BitCast(d32, hn::Set(d, std::uint64_t{by})));
#endif
}

/// The four words of Lanes(d) blocks.
template <class V>
struct Blocks {
  V c0, c1, c2, c3;
};

/// One round of Philox.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void PhiloxRound(D d, V k0, V k1, Blocks<V>& b) {
  const V p0 = MultiplyLow(d, b.c0, 0xD2511F53), p1 = MultiplyLow(d, b.c2, 0xCD9E8D57);
  b = {hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), b.c1), k0), p1,
       hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), b.c3), k1), p0};
}

/// Stores their words in the order of the stream.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void StoreBlocks(D d, const Blocks<V>& b, std::uint32_t* HWY_RESTRICT words) {
  const V low = hn::Set(d, std::uint64_t{0xFFFFFFFF});
  hn::StoreInterleaved2(hn::Or(hn::And(b.c0, low), hn::ShiftLeft<32>(b.c1)),
                        hn::Or(hn::And(b.c2, low), hn::ShiftLeft<32>(b.c3)), d,
                        reinterpret_cast<std::uint64_t*>(words));
}

/// Writes the words of 2 Lanes(d) blocks from `first` on. Two vectors of blocks at a time, because
/// every round waits for the products of the one before.
///
/// Source:  Salmon et al. 2011, SC11: Philox4x32-10; base/random.h has the same words one by one.
template <class D>
HWY_INLINE void PhiloxBlocks(D d, const RandomStream& stream, std::uint32_t first,
                             std::uint32_t* HWY_RESTRICT words) {
  using V = hn::Vec<D>;
  const auto L = static_cast<std::uint32_t>(hn::Lanes(d));
  const auto set = [&](std::uint32_t word) HWY_ATTR { return hn::Set(d, std::uint64_t{word}); };
  const V c1 = set(stream.counter[1]), c2 = set(stream.counter[2]), c3 = set(stream.counter[3]);
  Blocks<V> a{hn::Iota(d, first), c1, c2, c3}, b{hn::Iota(d, first + L), c1, c2, c3};
  std::uint32_t k0 = stream.key[0], k1 = stream.key[1];
  for (int round = 0; round < 10; ++round) {
    const V now0 = set(k0), now1 = set(k1);
    PhiloxRound(d, now0, now1, a);
    PhiloxRound(d, now0, now1, b);
    k0 += 0x9E3779B9, k1 += 0xBB67AE85;
  }
  StoreBlocks(d, a, words);
  StoreBlocks(d, b, words + 4 * L);
}

template <class Real>
void DropOneRow(const RandomStream& stream, std::uint32_t first_block,
                const DropoutNumbers<Real>& numbers, const Real* from, Real* to, std::size_t n) {
  const hn::ScalableTag<std::uint64_t> d64;
  const hn::ScalableTag<Real> d;
  using Word = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
  const hn::Rebind<Word, decltype(d)> dw;
  const std::size_t L = hn::Lanes(d), chunk = 8 * hn::Lanes(d64);
  const auto scale = hn::Set(d, numbers.scale);
  const auto threshold = hn::Set(dw, Word{numbers.threshold});
  HWY_ALIGN std::uint32_t words[8 * hn::MaxLanes(d64)];
  for (std::size_t i = 0; i < n; i += chunk) {
    PhiloxBlocks(d64, stream, first_block + static_cast<std::uint32_t>(i / 4), words);
    for (std::size_t j = 0; j < std::min(chunk, n - i); j += L) {
      auto word = hn::Undefined(dw);
      if constexpr (sizeof(Real) == 4) {
        word = hn::Load(dw, words + j);
      } else {
        word = hn::PromoteTo(dw, hn::Load(hn::Rebind<std::uint32_t, decltype(dw)>(), words + j));
      }
      const auto dropped = hn::RebindMask(d, hn::Lt(word, threshold));
      const auto v = hn::Mul(hn::Load(d, from + i + j), scale);
      hn::Store(hn::IfThenZeroElse(dropped, v), d, to + i + j);
    }
  }
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_KERNELS_DROPOUT_INL_H_
