// Panels for the way back: the transposes of W and U that BPTT and the gradient of x read.
#if defined(UNROLL_KERNELS_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_PACK_INL_H_
#undef UNROLL_KERNELS_PACK_INL_H_
#else
#define UNROLL_KERNELS_PACK_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "hwy/highway.h"
#include "unroll/kernels/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

/// Share index of count of: forward panels [P, K, G, L] -> back panels [ceil(K / L), P, G, L, L],
/// in which the last L run over k. Lanes beyond K become 0.
template <class Real>
void PackBack(const Real* forward, std::size_t K, std::size_t P, std::size_t G, Real* back,
              std::size_t index, std::size_t count) {
  constexpr std::size_t L = hn::MaxLanes(UnitTag<Real>());
  const std::size_t back_panels = (K + L - 1) / L;
  for (std::size_t q = back_panels * index / count; q < back_panels * (index + 1) / count; ++q) {
    const std::size_t n = std::min(L, K - q * L);
    for (std::size_t p = 0; p < P; ++p) {
      for (std::size_t c = 0; c < G * L; ++c) {
        Real* HWY_RESTRICT to = back + ((q * P + p) * G * L + c) * L;
        const Real* HWY_RESTRICT from = forward + (p * K + q * L) * G * L + c;
        for (std::size_t k = 0; k < n; ++k) to[k] = from[k * G * L];
        for (std::size_t k = n; k < L; ++k) to[k] = 0;
      }
    }
  }
}

/// Lays columns [first, first + tiles.n) of `depth` rows, of which row k begins at row_of(k), by
/// tiles: of each tile, for every k, its numbers side by side. A column is then read with step 1
/// tile. Reads whole vectors: up to 7 numbers behind a row's last column.
template <class Real, class RowOf>
HWY_INLINE void PackColumns(const RowOf& row_of, std::size_t depth, std::size_t first,
                            const EvenTiles& tiles, Real* pack) {
  const hn::CappedTag<Real, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < tiles.count; ++i) {
    const std::size_t r0 = tiles.Start(i), n = tiles.Start(i + 1) - r0;
    Real* to = pack + r0 * depth;
    for (std::size_t k = 0; k < depth; ++k, to += n) {
      const Real* from = row_of(k) + first + r0;
      for (std::size_t r = 0; r < n; r += lanes) hn::StoreU(hn::LoadU(d, from + r), d, to + r);
    }
  }
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_KERNELS_PACK_INL_H_
