// The one product everything here is made of: a tile of C += A * B held in registers.
//
// A lies by rows, B by panels (one vector of units, all its sums side by side), C wherever its rows
// happen to be. Every output has one accumulator that runs through k upward, so what a row gets
// does not depend on the tile it lies in, on the batch around it, or on the number of threads.
#if defined(UNROLL_KERNELS_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_PRODUCT_INL_H_
#undef UNROLL_KERNELS_PRODUCT_INL_H_
#else
#define UNROLL_KERNELS_PRODUCT_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "hwy/highway.h"
#include "unroll/base/arena.h"
#include "unroll/kernels/format.h"
#include "unroll/kernels/fully_unrolled.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// One vector of units: as wide as the instruction set has them, but never wider than padding.
template <class Real>
using UnitTag = hn::CappedTag<Real, kAlignment / sizeof(Real)>;

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3
inline constexpr int kAccumulators = 12;  // of 16 registers
#else
inline constexpr int kAccumulators = 24;  // of 32
#endif
inline constexpr int kMostVectors = 4;  ///< vectors of a panel in one product
inline constexpr int kMostRows = 8;
inline constexpr int kMostPanels = 8;

/// One tile: for each row r, panel j, vector g of the panel,
///   c[r][j * c_panel + g * L] += sum over hop, k of a[r][hop * a_hop + k * a_step] * b
/// where b runs on by b_step at every k of every hop, skips b_skip more behind each, and lies
/// b_panel apart from panel to panel.
template <class Format>
struct Tile {
  const typename Format::Operand* a[kMostRows];
  typename Format::Sum* c[kMostRows];
  const typename Format::Operand* b;
  std::size_t a_step, a_hop;
  std::size_t depth, hops;  ///< k of one hop; hops
  std::size_t b_step, b_skip, b_panel, c_panel;
};

/// The tile's kernel for a fixed number of rows and panels of kVectors vectors each.
template <class Format, int kVectors, int kRows, int kPanels>
HWY_NOINLINE void MultiplyAddTile(const Tile<Format>& tile) {
  using Real = typename Format::Sum;
  const UnitTag<Real> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t L = hn::MaxLanes(d);
  V sums[kRows][kPanels * kVectors];
  const Real* a[kRows];
  UNROLL_FULLY
  for (int r = 0; r < kRows; ++r) {
    a[r] = tile.a[r];
    UNROLL_FULLY
    for (int j = 0; j < kPanels; ++j) {
      UNROLL_FULLY
      for (int g = 0; g < kVectors; ++g) {
        sums[r][j * kVectors + g] = hn::Load(d, tile.c[r] + j * tile.c_panel + g * L);
      }
    }
  }
  const Real* HWY_RESTRICT b = tile.b;
  const std::size_t b_panel = tile.b_panel, b_step = tile.b_step, a_step = tile.a_step;
  const std::size_t end = tile.depth * a_step;
  for (std::size_t hop = 0; hop < tile.hops; ++hop) {
    for (std::size_t k = 0; k < end; k += a_step) {
      if constexpr (kAccumulators == 24) {  // the vectors of B stay in registers
        V vb[kPanels * kVectors];
        UNROLL_FULLY
        for (int j = 0; j < kPanels; ++j) {
          UNROLL_FULLY
          for (int g = 0; g < kVectors; ++g) {
            vb[j * kVectors + g] = hn::Load(d, b + j * b_panel + g * L);
          }
        }
        UNROLL_FULLY
        for (int r = 0; r < kRows; ++r) {
          const V va = hn::Set(d, a[r][k]);
          UNROLL_FULLY
          for (int c = 0; c < kPanels * kVectors; ++c)
            sums[r][c] = hn::MulAdd(va, vb[c], sums[r][c]);
        }
      } else {  // too few registers for that: the rows' numbers stay
        V va[kRows];
        UNROLL_FULLY
        for (int r = 0; r < kRows; ++r) va[r] = hn::Set(d, a[r][k]);
        UNROLL_FULLY
        for (int j = 0; j < kPanels; ++j) {
          UNROLL_FULLY
          for (int g = 0; g < kVectors; ++g) {
            const V vb = hn::Load(d, b + j * b_panel + g * L);
            UNROLL_FULLY
            for (int r = 0; r < kRows; ++r) {
              V& sum = sums[r][j * kVectors + g];
              sum = hn::MulAdd(va[r], vb, sum);
            }
          }
        }
      }
      b += b_step;
    }
    b += tile.b_skip;
    UNROLL_FULLY
    for (int r = 0; r < kRows; ++r) a[r] += tile.a_hop;
  }
  UNROLL_FULLY
  for (int r = 0; r < kRows; ++r) {
    UNROLL_FULLY
    for (int j = 0; j < kPanels; ++j) {
      UNROLL_FULLY
      for (int g = 0; g < kVectors; ++g) {
        hn::Store(sums[r][j * kVectors + g], d, tile.c[r] + j * tile.c_panel + g * L);
      }
    }
  }
}

/// Panels side by side in a full tile.
constexpr int WidePanels(int vectors) {
  return std::max(1, (kAccumulators == 24 ? 4 : 2) / vectors);
}
/// Rows of a full tile.
constexpr int MostRows(int vectors) {
  return std::min(kMostRows, kAccumulators / (WidePanels(vectors) * vectors));
}
/// Panels of a tile of `rows` rows: with few rows more of them, so that at least 8 sums run side by
/// side and cover the latency of a multiply-add.
constexpr int MostPanels(int vectors, int rows) {
  int panels = WidePanels(vectors);
  while (rows * panels * vectors < 8 && rows * (panels + 1) * vectors <= kAccumulators) ++panels;
  return panels;
}

template <class Format>
using TileKernel = void (*)(const Tile<Format>&);

template <class Format, int kVectors, int kRows, int kPanels>
constexpr TileKernel<Format> KernelOf() {
  if constexpr (kRows <= MostRows(kVectors) && kPanels <= MostPanels(kVectors, kRows)) {
    return &MultiplyAddTile<Format, kVectors, kRows, kPanels>;
  } else {
    return nullptr;
  }
}
template <class Format, int kVectors, int kRows, std::size_t... kPanels>
constexpr std::array<TileKernel<Format>, kMostPanels> KernelsOfRows(
    std::index_sequence<kPanels...> /*panels*/) {
  return {KernelOf<Format, kVectors, kRows, kPanels + 1>()...};
}
template <class Format, int kVectors, std::size_t... kRows>
constexpr std::array<std::array<TileKernel<Format>, kMostPanels>, kMostRows> KernelsOfVectors(
    std::index_sequence<kRows...> /*rows*/) {
  return {KernelsOfRows<Format, kVectors, kRows + 1>(std::make_index_sequence<kMostPanels>())...};
}
/// kTileKernels[rows - 1][panels - 1]
template <class Format, int kVectors>
inline constexpr auto kTileKernels =
    KernelsOfVectors<Format, kVectors>(std::make_index_sequence<kMostRows>());

/// Runs a tile of any number of panels; what is wider than the kernels for so many rows is cut.
template <int kVectors, class Format>
HWY_INLINE void MultiplyAdd(Tile<Format>& tile, std::size_t rows, std::size_t panels) {
  const std::size_t most = MostPanels(kVectors, static_cast<int>(rows));
  const auto& kernels = kTileKernels<Format, kVectors>[rows - 1];
  if (HWY_LIKELY(panels <= most)) return kernels[panels - 1](tile);
  Tile<Format> part = tile;
  for (std::size_t j = 0; j < panels; j += most) {
    kernels[std::min(most, panels - j) - 1](part);
    part.b += most * tile.b_panel;
    for (std::size_t r = 0; r < rows; ++r) part.c[r] += most * tile.c_panel;
  }
}

/// Cuts n rows into the fewest tiles of at most `most` rows, as even as they can be: a short tile
/// at the end would read as much of B as a full one.
struct EvenTiles {
  EvenTiles(std::size_t rows, std::size_t most) : n(rows), count((rows + most - 1) / most) {}
  std::size_t Start(std::size_t i) const { return i * n / count; }
  std::size_t n, count;
};

/// Calls body(first row, end row, first panel, end panel) over `rows` rows and the panels
/// [p0, p1), in tiles fit for `vectors` vectors a panel.
template <class Body>
HWY_INLINE void ForEachTile(int vectors, std::size_t rows, std::size_t p0, std::size_t p1,
                            const Body& body) {
  if (rows == 0) return;
  const EvenTiles tiles(rows, MostRows(vectors));
  const std::size_t wide = MostPanels(vectors, static_cast<int>(rows / tiles.count));
  for (std::size_t p = p0; p < p1; p += wide) {
    for (std::size_t i = 0; i < tiles.count; ++i) {
      body(tiles.Start(i), tiles.Start(i + 1), p, std::min(p1, p + wide));
    }
  }
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_KERNELS_PRODUCT_INL_H_
