// The walk upward in time: t = 0 .. T-1.
//
// A step has two halves: what depends on x, b + W x_t, which is formed for many steps in one
// product before they are walked; and what depends on h, U h_{t-1}, which has to wait for the step
// before. The cell's arithmetic runs over a tile of sums at once, while they are still in the first
// cache.
#if defined(UNROLL_SEQUENCE_FORWARD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SEQUENCE_FORWARD_INL_H_
#undef UNROLL_SEQUENCE_FORWARD_INL_H_
#else
#define UNROLL_SEQUENCE_FORWARD_INL_H_
#endif

#include "unroll/sequence/chunk.h"
#include "unroll/sequence/walk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Cell, class Format>
struct ForwardWalk : Walk<Cell, Format> {
  using Base = Walk<Cell, Format>;
  using Base::Base;
  using Base::d, Base::job, Base::part, Base::L;
  using Base::kFirst, Base::kInputs, Base::kRecurrents, Base::kStates, Base::kSums;
  using Base::Slot, Base::slot_panel;
  using typename Base::Real;
  using typename Base::V;

  void Run() {
    const std::size_t rows = part.b1 - part.b0;
    if (rows > 0) {
      const std::size_t chunk = ChunkSteps<Real>(job.T, rows, (part.p1 - part.p0) * kSums * L);
      for (std::size_t t0 = 0; t0 < job.T; t0 += chunk) {
        const std::size_t steps = std::min(chunk, job.T - t0);
        if (job.tape == nullptr) this->UseScratch(t0, steps);
        InputProduct(t0, steps);
        for (std::size_t t = t0; t < t0 + steps; ++t) {
          Step(t);
          if (part.barrier != nullptr && kRecurrents > 0) part.barrier->Wait();
        }
      }
    }
    CopyLastState();
  }

  /// The sums of steps [t0, t0 + steps) := b + W x.
  void InputProduct(std::size_t t0, std::size_t steps) {
    const std::size_t rows = part.b1 - part.b0;
    constexpr int kVectors = std::max(kInputs, 1);
    ForEachTile(kVectors, steps * rows, part.p0, part.p1,
                [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t q) HWY_ATTR {
                  Tile<Format> tile{};
                  tile.b = job.weights.w + p * job.I * kInputs * L;
                  tile.b_panel = job.I * kInputs * L, tile.b_step = kInputs * L;
                  tile.a_step = 1, tile.depth = job.I, tile.hops = 1, tile.c_panel = slot_panel;
                  std::size_t t = t0 + r0 / rows, b = part.b0 + r0 % rows;
                  for (std::size_t r = 0; r < r1 - r0; ++r) {
                    tile.a[r] = job.x + (t * job.B + b) * job.PaddedI();
                    tile.c[r] = Slot(p, t, b);
                    for (std::size_t j = p; j < q; ++j)
                      LoadBias(j, tile.c[r] + (j - p) * slot_panel);
                    if (++b == part.b1) b = part.b0, ++t;
                  }
                  if constexpr (kInputs > 0) MultiplyAdd<kInputs>(tile, r1 - r0, q - p);
                });
  }
  HWY_INLINE void LoadBias(std::size_t p, Real* slot) const {
    UNROLL_FULLY
    for (int s = 0; s < kSums; ++s) {
      hn::Store(hn::Load(d, job.weights.b + (p * kSums + s) * L), d, slot + s * L);
    }
  }

  /// The sums of step t += U h, then the cell.
  void Step(std::size_t t) {
    constexpr int kVectors = std::max(kRecurrents, 1);
    ForEachTile(kVectors, part.b1 - part.b0, part.p0, part.p1,
                [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t q) HWY_ATTR {
                  const std::size_t b0 = part.b0 + r0, rows = r1 - r0;
                  Tile<Format> tile{};
                  tile.b = job.weights.u + p * job.H * kRecurrents * L;
                  tile.b_panel = job.H * kRecurrents * L, tile.b_step = kRecurrents * L;
                  tile.a_step = 1, tile.depth = job.H, tile.hops = 1, tile.c_panel = slot_panel;
                  for (std::size_t r = 0; r < rows; ++r) {
                    tile.a[r] = this->OperandRow(t * job.B + b0 + r);
                    tile.c[r] = Slot(p, t, b0 + r) + kFirst * L;
                  }
                  if constexpr (kRecurrents > 0) MultiplyAdd<kRecurrents>(tile, rows, q - p);
                  for (std::size_t r = 0; r < rows; ++r) {
                    const bool idles = this->Entry(t, b0 + r) == kIdles;
                    for (std::size_t j = p; j < q; ++j) {
                      if (HWY_UNLIKELY(idles)) {
                        KeepState(t, b0 + r, j);
                      } else {
                        CellForward(t, b0 + r, j, tile.a[r] + j * L);
                      }
                    }
                  }
                });
  }

  HWY_INLINE void CellForward(std::size_t t, std::size_t b, std::size_t p, const Real* h) const {
    Real* slot = Slot(p, t, b);
    ForwardStep<Cell, V> step;
    UNROLL_FULLY
    for (int s = 0; s < kSums; ++s) step.sum[s] = hn::Load(d, slot + s * L);
    step.state[0] = hn::Load(d, h);
    for (int s = 1; s < kStates; ++s) step.state[s] = hn::Load(d, this->Before(s, t, b, p));
    Cell::Forward(d, step);
    hn::Store(step.state[0], d, job.y + (t * job.B + b) * this->Hp + p * L);
    for (int s = 1; s < kStates; ++s) hn::Store(step.state[s], d, this->After(s, t, b, p));
    if (job.tape == nullptr) return;
    UNROLL_FULLY
    for (int k = 0; k < Cell::kSaved; ++k) hn::Store(step.saved[k], d, slot + k * L);
  }

  void KeepState(std::size_t t, std::size_t b, std::size_t p) const {
    const Real* h = this->OperandRow(t * job.B + b) + p * L;
    hn::Store(hn::Load(d, h), d, job.y + (t * job.B + b) * this->Hp + p * L);
    for (int s = 1; s < kStates; ++s) {
      hn::Store(hn::Load(d, this->Before(s, t, b, p)), d, this->After(s, t, b, p));
    }
  }

  /// The part's own rows and panels of state_after; where T = 0, of the state before.
  void CopyLastState() const {
    for (std::size_t b = part.b0; b < part.b1; ++b) {
      for (std::size_t p = part.p0; p < part.p1; ++p) {
        const Real* h = job.T > 0 ? job.y + (job.T - 1) * job.B * this->Hp : job.state;
        hn::Store(hn::Load(d, h + b * this->Hp + p * L), d, this->Carried(0, b, p));
        if (job.tape == nullptr && job.T > 0) continue;  // the others are there already
        for (int s = 1; s < kStates; ++s) {
          const Real* from = job.T > 0 ? this->After(s, job.T - 1, b, p)
                                       : job.state + (s * job.B + b) * this->Hp + p * L;
          hn::Store(hn::Load(d, from), d, this->Carried(s, b, p));
        }
      }
    }
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_FORWARD_INL_H_
