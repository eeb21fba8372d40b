// Gradients of the whole sequence: dW, dU and db as one product each over all steps and rows, and
// dX; and what the cell's own weights get of every step.
//
// The walk's d_sum IS the packed right-hand side of dW and dU; only columns of x and h are copied,
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
  using Base::d_sum_row, Base::d_sum_panel, Base::d_sums;
  using Base::kFirst, Base::kInputs, Base::kRecurrents, Base::kStages, Base::kStates, Base::kSums;
  using Base::kUnits;
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
      if constexpr (kUnits > 0) UnitWeights(k0, depth);
      if constexpr (kInputs > 0) {
        Product<SumRun<kInputs, 0, kInputs, 0>>(k0, depth, job.I, job.d_weights.w,
                                                [&](std::size_t k)
                                                    HWY_ATTR { return job.x + k * job.PaddedI(); });
      }
      if constexpr (kRecurrents > 0) StageProduct<0>(k0, depth);
      if constexpr (kStages == 2) StageProduct<1>(k0, depth);
    }
  }

  template <int kStage>
  void StageProduct(std::size_t k0, std::size_t depth) {
    constexpr int kPlace = Base::template kStagePlace<kStage>;
    Product<SumRun<Base::template kStageSums<kStage>, kFirst + kPlace, kRecurrents, kPlace>>(
        k0, depth, job.H, job.d_weights.u,
        [&](std::size_t k) HWY_ATTR { return this->template OperandRow<kStage>(k); });
  }

  /// db += the sum of d_sum over rows [k0, k0 + depth).
  void Biases(std::size_t k0, std::size_t depth) {
    for (std::size_t p = P * index / count; p < P * (index + 1) / count; ++p) {
      Real* to = job.d_weights.b + p * kSums * L;
      const Real* from = d_sums + p * d_sum_panel + k0 * d_sum_row;
      V sums[kSums];
      UNROLL_FULLY
      for (int s = 0; s < kSums; ++s) sums[s] = hn::Load(d, to + s * L);
      for (std::size_t k = 0; k < depth; ++k, from += d_sum_row) {
        UNROLL_FULLY
        for (int s = 0; s < kSums; ++s) sums[s] = hn::Add(sums[s], hn::Load(d, from + s * L));
      }
      UNROLL_FULLY
      for (int s = 0; s < kSums; ++s) hn::Store(sums[s], d, to + s * L);
    }
  }

  /// The gradient of the cell's own weights likewise, step by step.
  void UnitWeights(std::size_t k0, std::size_t depth) {
    for (std::size_t p = P * index / count; p < P * (index + 1) / count; ++p) {
      Real* to = job.d_weights.unit + p * kUnits * L;
      V sums[kUnits];
      UNROLL_FULLY
      for (int m = 0; m < kUnits; ++m) sums[m] = hn::Load(d, to + m * L);
      for (std::size_t k = k0; k < k0 + depth; ++k) {
        const UnitGradientStep<Cell, V> step = UnitStep(k, p);
        UNROLL_FULLY
        for (int m = 0; m < kUnits; ++m) sums[m] = hn::Add(sums[m], step.d_unit[m]);
      }
      UNROLL_FULLY
      for (int m = 0; m < kUnits; ++m) hn::Store(sums[m], d, to + m * L);
    }
  }
  HWY_INLINE UnitGradientStep<Cell, V> UnitStep(std::size_t k, std::size_t p) const {
    const std::size_t b = k % job.B;
    const Moment m = this->MomentOf(k / job.B);
    UnitGradientStep<Cell, V> step;
    const Real* d_sum = d_sums + p * d_sum_panel + k * d_sum_row;
    UNROLL_FULLY
    for (int s = 0; s < kSums; ++s) step.d_sum[s] = hn::Load(d, d_sum + s * L);
    step.before[0] = hn::Load(d, this->HiddenBefore(k) + p * L);
    step.after[0] = hn::Load(d, job.y + k * job.PaddedH() + p * L);
    for (int s = 1; s < kStates; ++s) {
      step.before[s] = hn::Load(d, this->Before(s, m, b, p));
      step.after[s] = hn::Load(d, this->After(s, m.t, b, p));
    }
    if constexpr (Cell::kReadsInput) step.x = this->LoadX(k, p);
    Cell::UnitGradient(d, step);
    return step;
  }

  /// A run of kVectors sums: it begins at kOffset of all sums, and at kPlace of the kWidth that lie
  /// side by side in the gradient.
  template <int kVectors, int kOffset, int kWidth, int kPlace>
  struct SumRun {
    static constexpr int vectors = kVectors;
    static constexpr std::size_t offset = kOffset, width = kWidth, place = kPlace;
  };

  /// c [P, M, width, L] += columns^T d_sum over rows [k0, k0 + depth), of which the M columns of
  /// row k begin at row_of(k).
  template <class Run, class RowOf>
  void Product(std::size_t k0, std::size_t depth, std::size_t M, Real* c, const RowOf& row_of) {
    constexpr int kVectors = Run::vectors;
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
    tile.b_panel = d_sum_panel, tile.b_step = d_sum_row, tile.c_panel = M * Run::width * L;
    tile.depth = depth, tile.hops = 1;
    for (std::size_t m = m0; m < m1; m += kBlockColumns) {
      const EvenTiles tiles(std::min(kBlockColumns, m1 - m), MostRows(kVectors));
      PackColumns([&](std::size_t k) HWY_ATTR { return row_of(k0 + k); }, depth, m, tiles, columns);
      for (std::size_t p = p0; p < p1; p += wide) {
        tile.b = d_sums + p * d_sum_panel + k0 * d_sum_row + Run::offset * L;
        for (std::size_t i = 0; i < tiles.count; ++i) {
          const std::size_t r0 = tiles.Start(i), rows = tiles.Start(i + 1) - r0;
          tile.a_step = rows;
          for (std::size_t r = 0; r < rows; ++r) {
            tile.a[r] = columns + r0 * depth + r;
            tile.c[r] = c + ((p * M + m + r0 + r) * Run::width + Run::place) * L;
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
  using Base::d_sum_row, Base::d_sum_panel;
  using Base::job, Base::L, Base::P, Base::kInputs;
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
    if (!Cell::kReadsInput) {  // else the walk has left what the cell made of x itself
      std::memset(job.d_x + first * stride, 0, rows * stride * sizeof(Real));
    }
    for (std::size_t q = 0; q < P; q += kBlock) {
      ForEachTile(1, rows, 0, input_panels,
                  [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t p_end) HWY_ATTR {
                    Tile<Format> tile{};
                    tile.b = job.w_back + (p * P + q) * kPanelDepth * L;
                    tile.b_panel = P * kPanelDepth * L, tile.b_step = L;
                    tile.a_step = 1, tile.a_hop = d_sum_panel, tile.c_panel = L;
                    tile.depth = kPanelDepth, tile.hops = std::min(P, q + kBlock) - q;
                    for (std::size_t r = r0; r < r1; ++r) {
                      tile.a[r - r0] = this->d_sums + q * d_sum_panel + (first + r) * d_sum_row;
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
