// Gradients of the whole sequence: dW, dU and db as one product each over all steps and rows, and
// dX.
//
// The tape's d_sum IS the packed right-hand side of dW and dU; only columns of x and h are copied,
// a block at a time. Work is split by output, so that every sum runs over steps and rows in one
// order.
#if defined(UNROLL_SEQUENCE_WEIGHT_GRADIENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SEQUENCE_WEIGHT_GRADIENT_INL_H_
#undef UNROLL_SEQUENCE_WEIGHT_GRADIENT_INL_H_
#else
#define UNROLL_SEQUENCE_WEIGHT_GRADIENT_INL_H_
#endif

#include <cstring>

#include "unroll/kernels/pack-inl.h"
#include "unroll/sequence/column_block.h"
#include "unroll/sequence/walk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Cell, class Format>
struct GradientOfWeights : Walk<Cell, Format> {
  using Base = Walk<Cell, Format>;
  using Base::d, Base::job, Base::L, Base::P;
  using Base::kFirst, Base::kInputs, Base::kRecurrents, Base::kSums;
  using Base::slot_row, Base::slot_panel;
  using typename Base::Real;
  using typename Base::V;

  /// The share index of count of the outputs.
  GradientOfWeights(const Job<Real>& j, std::size_t i, std::size_t n)
      : Base(j, Part{}), index(i), count(n), columns(j.scratch + i * j.scratch_part) {}

  void Run() {
    const std::size_t rows = job.T * job.B;
    for (std::size_t k0 = 0; k0 < rows; k0 += kBlockRows) {
      const std::size_t depth = std::min(kBlockRows, rows - k0);
      Biases(k0, depth);
      if constexpr (kInputs > 0) {
        Product<kInputs, 0>(k0, depth, job.I, job.d_weights.w,
                            [&](std::size_t k) HWY_ATTR { return job.x + k * job.PaddedI(); });
      }
      if constexpr (kRecurrents > 0) {
        Product<kRecurrents, kFirst>(k0, depth, job.H, job.d_weights.u,
                                     [&](std::size_t k) HWY_ATTR { return this->OperandRow(k); });
      }
    }
  }

  /// db += the sum of d_sum over rows [k0, k0 + depth).
  void Biases(std::size_t k0, std::size_t depth) {
    for (std::size_t p = P * index / count; p < P * (index + 1) / count; ++p) {
      Real* to = job.d_weights.b + p * kSums * L;
      const Real* from = job.tape + p * slot_panel + k0 * slot_row;
      V sums[kSums];
      UNROLL_FULLY
      for (int s = 0; s < kSums; ++s) sums[s] = hn::Load(d, to + s * L);
      for (std::size_t k = 0; k < depth; ++k, from += slot_row) {
        UNROLL_FULLY
        for (int s = 0; s < kSums; ++s) sums[s] = hn::Add(sums[s], hn::Load(d, from + s * L));
      }
      UNROLL_FULLY
      for (int s = 0; s < kSums; ++s) hn::Store(sums[s], d, to + s * L);
    }
  }

  /// c [P, M, kVectors, L] += columns^T d_sum over rows [k0, k0 + depth), of which the M columns of
  /// row k begin at row_of(k), and the sums are [kOffset, kOffset + kVectors).
  template <int kVectors, int kOffset, class RowOf>
  void Product(std::size_t k0, std::size_t depth, std::size_t M, Real* c, const RowOf& row_of) {
    // By panels where they share out evenly, or there are many; else by columns.
    const std::size_t wide = WidePanels(kVectors), groups = (P + wide - 1) / wide;
    std::size_t p0 = 0, p1 = P, m0 = 0, m1 = M;
    if (groups % count == 0 || groups >= 4 * count) {
      p0 = std::min(P, groups * index / count * wide);
      p1 = std::min(P, groups * (index + 1) / count * wide);
    } else {
      m0 = M * index / count, m1 = M * (index + 1) / count;
    }
    Tile<Format> tile{};
    tile.b_panel = slot_panel, tile.b_step = slot_row, tile.c_panel = M * kVectors * L;
    tile.depth = depth, tile.hops = 1;
    for (std::size_t m = m0; m < m1; m += kBlockColumns) {
      const EvenTiles tiles(std::min(kBlockColumns, m1 - m), MostRows(kVectors));
      PackColumns([&](std::size_t k) HWY_ATTR { return row_of(k0 + k); }, depth, m, tiles, columns);
      for (std::size_t p = p0; p < p1; p += wide) {
        tile.b = job.tape + p * slot_panel + k0 * slot_row + kOffset * L;
        for (std::size_t i = 0; i < tiles.count; ++i) {
          const std::size_t r0 = tiles.Start(i), rows = tiles.Start(i + 1) - r0;
          tile.a_step = rows;
          for (std::size_t r = 0; r < rows; ++r) {
            tile.a[r] = columns + r0 * depth + r;
            tile.c[r] = c + (p * M + m + r0 + r) * kVectors * L;
          }
          MultiplyAdd<kVectors>(tile, rows, std::min(wide, p1 - p));
        }
      }
    }
  }

  const std::size_t index, count;
  Real* const columns;
};

/// dX = d_sum W^T, the share index of count of all rows.
template <class Cell, class Format>
struct GradientOfInputs : Walk<Cell, Format> {
  using Base = Walk<Cell, Format>;
  using Base::job, Base::L, Base::P, Base::kInputs;
  using Base::slot_row, Base::slot_panel;
  using typename Base::Real;

  explicit GradientOfInputs(const Job<Real>& j) : Base(j, Part{}) {}

  void Run(std::size_t index, std::size_t count) {
    constexpr std::size_t kTileRows = 96;  // whose d_sum stays in L2 while W is read once
    const std::size_t all = job.T * job.B;
    const std::size_t first = all * index / count, end = all * (index + 1) / count;
    for (std::size_t r = first; r < end; r += kTileRows) Rows(r, std::min(kTileRows, end - r));
  }

  void Rows(std::size_t first, std::size_t rows) {
    constexpr std::size_t kPanelDepth = std::max(kInputs, 1) * L;
    constexpr std::size_t kBlock = std::max<std::size_t>(1, Base::kDepth / kPanelDepth);
    const std::size_t stride = job.PaddedI(), input_panels = (job.I + L - 1) / L;
    std::memset(job.d_x + first * stride, 0, rows * stride * sizeof(Real));
    for (std::size_t q = 0; q < P; q += kBlock) {
      ForEachTile(1, rows, 0, input_panels,
                  [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t p_end) HWY_ATTR {
                    Tile<Format> tile{};
                    tile.b = job.w_back + (p * P + q) * kPanelDepth * L;
                    tile.b_panel = P * kPanelDepth * L, tile.b_step = L;
                    tile.a_step = 1, tile.a_hop = slot_panel, tile.c_panel = L;
                    tile.depth = kPanelDepth, tile.hops = std::min(P, q + kBlock) - q;
                    for (std::size_t r = r0; r < r1; ++r) {
                      tile.a[r - r0] = job.tape + q * slot_panel + (first + r) * slot_row;
                      tile.c[r - r0] = job.d_x + (first + r) * stride + p * L;
                    }
                    MultiplyAdd<1>(tile, r1 - r0, p_end - p);
                  });
    }
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_WEIGHT_GRADIENT_INL_H_
