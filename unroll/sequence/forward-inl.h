// The walk upward in time: t = 0 .. T-1, or downward for a layer in reverse.
//
// A step has two halves: what depends on x, b + W x_t, which is formed for many steps in one
// product before they are walked; and what depends on h, U h_{t-1}, which has to wait for the step
// before. The cell's arithmetic runs over a tile of sums at once, while they are still in the first
// cache. A cell of two stages does that twice: what the first makes is the operand of the second.
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
  using Base::d, Base::job, Base::part, Base::L, Base::Hp;
  using Base::kFirst, Base::kInputs, Base::kRecurrents, Base::kStages, Base::kStates, Base::kSums;
  using Base::Slot, Base::slot_panel, Base::Time;
  using typename Base::Real;
  using typename Base::V;

  void Run() {
    this->WithActivations([&](const auto& act) HWY_ATTR { Steps(act); });
    CopyLastState();
  }

  template <class A>
  void Steps(const A& act) {
    const std::size_t rows = part.b1 - part.b0;
    if (rows == 0 || job.T == 0) return;
    if (job.mask != nullptr) MaskHidden(Time(0)), part.Meet();
    const std::size_t chunk = ChunkSteps<Real>(job.T, rows, (part.p1 - part.p0) * kSums * L);
    for (std::size_t i0 = 0; i0 < job.T; i0 += chunk) {
      const std::size_t steps = std::min(chunk, job.T - i0);
      const std::size_t t0 = job.reverse ? job.T - i0 - steps : i0;
      if (job.tape == nullptr) this->UseScratch(t0, steps);
      InputProduct(t0, steps);
      for (std::size_t i = i0; i < i0 + steps; ++i) Step(i, act);
    }
  }

  template <class A>
  void Step(std::size_t i, const A& act) {
    const std::size_t t = Time(i);
    if constexpr (kStages == 2) {
      Stage<0>(t, [&](std::size_t b, std::size_t p, const Real* h)
                      HWY_ATTR { FirstStage(act, t, b, p, h); });
      part.Meet();
    }
    Stage<kStages - 1>(t, [&](std::size_t b, std::size_t p, const Real* h)
                              HWY_ATTR { CellForward(act, t, b, p, h); });
    if (job.mask != nullptr && i + 1 < job.T) MaskHidden(Time(i + 1));
    if (kRecurrents > 0) part.Meet();
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

  /// The sums of that stage at step t += U times its operand; then body(b, p, h before it) of row b
  /// and panel p, unless the row idles.
  template <int kStage, class Body>
  HWY_INLINE void Stage(std::size_t t, const Body& body) {
    constexpr int kCount = Base::template kStageSums<kStage>;
    constexpr std::size_t kPlace = Base::template kStagePlace<kStage>;
    ForEachTile(std::max(kCount, 1), part.b1 - part.b0, part.p0, part.p1,
                [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t q) HWY_ATTR {
                  const std::size_t b0 = part.b0 + r0, rows = r1 - r0;
                  Tile<Format> tile{};
                  tile.b = job.weights.u + p * job.H * kRecurrents * L + kPlace * L;
                  tile.b_panel = job.H * kRecurrents * L, tile.b_step = kRecurrents * L;
                  tile.a_step = 1, tile.depth = job.H, tile.hops = 1, tile.c_panel = slot_panel;
                  const Real* h[kMostRows];
                  for (std::size_t r = 0; r < rows; ++r) {
                    const std::size_t k = t * job.B + b0 + r;
                    h[r] = this->HiddenBefore(k);
                    tile.a[r] = kStage == 0 && job.mask == nullptr
                                    ? h[r]
                                    : this->template OperandRow<kStage>(k);
                    tile.c[r] = Slot(p, t, b0 + r) + (kFirst + kPlace) * L;
                  }
                  if constexpr (kCount > 0) MultiplyAdd<kCount>(tile, rows, q - p);
                  for (std::size_t r = 0; r < rows; ++r) {
                    if (HWY_UNLIKELY(this->Entry(t, b0 + r) == kIdles)) {
                      for (std::size_t j = p; j < q; ++j) Idle<kStage>(t, b0 + r, j);
                      continue;
                    }
                    for (std::size_t j = p; j < q; ++j) body(b0 + r, j, h[r] + j * L);
                  }
                });
  }

  template <class A>
  HWY_INLINE void CellForward(const A& act, std::size_t t, std::size_t b, std::size_t p,
                              const Real* h) const {
    const std::size_t k = t * job.B + b;
    Real* slot = Slot(p, t, b);
    ForwardStep<Cell, V> step;
    UNROLL_FULLY
    for (int s = 0; s < kSums; ++s) step.sum[s] = hn::Load(d, slot + s * L);
    step.state[0] = hn::Load(d, h);
    for (int s = 1; s < kStates; ++s) step.state[s] = hn::Load(d, this->Before(s, t, b, p));
    this->LoadUnitWeights(p, step.unit);
    if constexpr (Cell::kReadsInput) step.x = this->LoadX(k, p);
    Cell::Forward(d, act, step);
    hn::Store(step.state[0], d, job.y + k * Hp + p * L);
    for (int s = 1; s < kStates; ++s) hn::Store(step.state[s], d, this->After(s, t, b, p));
    if (job.tape == nullptr) return;
    UNROLL_FULLY
    for (int m = 0; m < Cell::kSaved; ++m) hn::Store(step.saved[m], d, slot + m * L);
  }

  /// Makes the operand of the second stage; the gates stay in their sums' place.
  template <class A>
  HWY_INLINE void FirstStage(const A& act, std::size_t t, std::size_t b, std::size_t p,
                             const Real* h) const {
    constexpr int kOwn = kFirst + Base::template kStageSums<0>;
    Real* slot = Slot(p, t, b);
    ForwardStep<Cell, V> step;
    UNROLL_FULLY
    for (int s = 0; s < kOwn; ++s) step.sum[s] = hn::Load(d, slot + s * L);
    step.state[0] = hn::Load(d, h);
    Cell::FirstStage(d, act, step);
    UNROLL_FULLY
    for (int s = 0; s < kOwn; ++s) hn::Store(step.sum[s], d, slot + s * L);
    if (job.mask != nullptr) {
      step.operand = Mul(step.operand, hn::Load(d, this->MaskRow(t, b) + p * L));
    }
    hn::Store(step.operand, d, this->template OperandPlace<1>(t, b) + p * L);
  }

  /// The operand of step t := mask * h, in the part's own rows and panels, whose h it has made.
  void MaskHidden(std::size_t t) const {
    for (std::size_t b = part.b0; b < part.b1; ++b) {
      const Real* h = this->HiddenBefore(t * job.B + b);
      const bool idles = this->Entry(t, b) == kIdles;  // has no mask, and nobody reads what it has
      for (std::size_t p = part.p0; p < part.p1; ++p) {
        const V mask = idles ? hn::Zero(d) : hn::Load(d, this->MaskRow(t, b) + p * L);
        hn::Store(Mul(mask, hn::Load(d, h + p * L)), d,
                  this->template OperandPlace<0>(t, b) + p * L);
      }
    }
  }

  /// The row keeps its state; nobody reads what a first stage would have made of it.
  template <int kStage>
  void Idle(std::size_t t, std::size_t b, std::size_t p) const {
    if constexpr (kStage + 1 < kStages) {
      return hn::Store(hn::Zero(d), d, this->template OperandPlace<1>(t, b) + p * L);
    }
    const Real* h = this->HiddenBefore(t * job.B + b) + p * L;
    hn::Store(hn::Load(d, h), d, job.y + (t * job.B + b) * Hp + p * L);
    for (int s = 1; s < kStates; ++s) {
      hn::Store(hn::Load(d, this->Before(s, t, b, p)), d, this->After(s, t, b, p));
    }
  }

  /// The part's own rows and panels of state_after; where T = 0, of the state before.
  void CopyLastState() const {
    const std::size_t last = job.T > 0 ? Time(job.T - 1) : 0;
    for (std::size_t b = part.b0; b < part.b1; ++b) {
      for (std::size_t p = part.p0; p < part.p1; ++p) {
        const Real* h = job.T > 0 ? job.y + last * job.B * Hp : job.state;
        hn::Store(hn::Load(d, h + b * Hp + p * L), d, this->Carried(0, b, p));
        if (job.tape == nullptr && job.T > 0) continue;  // the others are there already
        for (int s = 1; s < kStates; ++s) {
          const Real* from =
              job.T > 0 ? this->After(s, last, b, p) : job.state + (s * job.B + b) * Hp + p * L;
          hn::Store(hn::Load(d, from), d, this->Carried(s, b, p));
        }
      }
    }
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_FORWARD_INL_H_
