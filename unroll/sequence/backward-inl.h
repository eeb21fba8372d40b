// The walk downward in time: back-propagation through time, t = T-1 .. 0, or upward for a layer in
// reverse.
//
// At step t the error that reaches h_t is that of its own output, d_y, and what flows back from
// step t + 1 through U: d_sum_{t+1} U^T. The cell turns it into d_sum_t and hands the rest to step
// t - 1; on that way a threshold may bound it.
//
// Source: Werbos 1990, Proc. IEEE 78(10).
#if defined(UNROLL_SEQUENCE_BACKWARD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SEQUENCE_BACKWARD_INL_H_
#undef UNROLL_SEQUENCE_BACKWARD_INL_H_
#else
#define UNROLL_SEQUENCE_BACKWARD_INL_H_
#endif

#include "unroll/sequence/threshold-inl.h"
#include "unroll/sequence/walk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Cell, class Format>
struct BackwardWalk : Walk<Cell, Format> {
  using Base = Walk<Cell, Format>;
  using Base::Base;
  using Base::d, Base::job, Base::part, Base::L, Base::P, Base::Hp;
  using Base::kFirst, Base::kRecurrents, Base::kStages, Base::kStates, Base::kSums;
  using Base::Slot, Base::DSum, Base::DState, Base::DOperand, Base::Time;
  using typename Base::Real;
  using typename Base::V;

  void Run() {
    if (part.b1 == part.b0 || job.T == 0) return;
    this->WithActivations([&](const auto& act) HWY_ATTR { Steps(act); });
    FlowBack(Time(0));
  }

  template <class A>
  void Steps(const A& act) {
    for (std::size_t i = job.T; i-- > 0;) {
      const Moment m = this->MomentOf(Time(i));
      const std::size_t t = m.t;
      if (i + 1 < job.T) FlowBack(Time(i + 1));
      if (HWY_UNLIKELY(job.d_states != nullptr || job.squares != nullptr)) Watch(t);
      ForEachAwake(t, [&](std::size_t b, std::size_t p) HWY_ATTR { CellBackward(act, m, b, p); });
      if (kRecurrents > 0) part.Meet();
      if constexpr (kStages == 2) {
        SecondStageBack(act, m);
        part.Meet();
      }
    }
  }

  /// d_state before step t: adds what flows from its sums through U to h, bounds it, and hands what
  /// belongs to a sequence that begins at t to its initial state.
  void FlowBack(std::size_t t) {
    if constexpr (kRecurrents > 0) {
      if (job.mask == nullptr) {
        Product<0>(t, job.d_state);
      } else {
        ForEachVector([&](std::size_t b, std::size_t p)
                          HWY_ATTR { hn::Store(hn::Zero(d), d, DOperand(b, p)); });
        Product<0>(t, job.d_operand);
        ForEachVector([&](std::size_t b, std::size_t p) HWY_ATTR { AddMasked(t, b, p); });
      }
    }
    if (job.threshold.kind != Threshold::Kind::kNone) BoundByThreshold(*this, t);
    if (job.entry == nullptr) return;
    for (std::size_t b = part.b0; b < part.b1; ++b) {
      const std::int32_t entry = this->Entry(t, b);
      if (entry >= 0) HandToInitial(static_cast<std::size_t>(entry), b);
    }
  }

  /// to [B, H] += d_sum_t U^T over the sums of that stage.
  template <int kStage>
  void Product(std::size_t t, Real* to) {
    constexpr std::size_t kBlock = std::max<std::size_t>(1, Base::kDepth / (kRecurrents * L));
    for (std::size_t q = 0; q < P; q += kBlock) {
      ProductOfPanels<kStage>(t, to, q, std::min(P, q + kBlock));
    }
  }

  template <int kStage>
  void ProductOfPanels(std::size_t t, Real* to, std::size_t q0, std::size_t q1) {
    constexpr std::size_t kCount = Base::template kStageSums<kStage>;
    constexpr std::size_t kPlace = Base::template kStagePlace<kStage>;
    constexpr std::size_t kPanelDepth = kRecurrents * L;
    ForEachTile(1, part.b1 - part.b0, part.p0, part.p1,
                [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t q) HWY_ATTR {
                  Tile<Format> tile{};
                  tile.b = job.u_back + ((p * P + q0) * kPanelDepth + kPlace * L) * L;
                  tile.b_panel = P * kPanelDepth * L, tile.b_step = L;
                  tile.b_skip = (kPanelDepth - kCount * L) * L;
                  tile.a_step = 1, tile.a_hop = this->d_sum_panel, tile.c_panel = L;
                  tile.depth = kCount * L, tile.hops = q1 - q0;
                  for (std::size_t r = 0; r < r1 - r0; ++r) {
                    const std::size_t b = part.b0 + r0 + r;
                    tile.a[r] = DSum(q0, t, b) + (kFirst + kPlace) * L;
                    tile.c[r] = to + b * Hp + p * L;
                  }
                  MultiplyAdd<1>(tile, r1 - r0, q - p);
                });
  }

  HWY_INLINE void AddMasked(std::size_t t, std::size_t b, std::size_t p) const {
    if (this->Entry(t, b) == kIdles) return;
    const V mask = hn::Load(d, this->MaskRow(t, b) + p * L);
    Real* const to = DState(0, b, p);
    hn::Store(MulAdd(mask, hn::Load(d, DOperand(b, p)), hn::Load(d, to)), d, to);
  }

  /// What flows from the sums of the second stage through U to the first.
  template <class A>
  void SecondStageBack(const A& act, const Moment& m) {
    ForEachVector([&](std::size_t b, std::size_t p)
                      HWY_ATTR { hn::Store(hn::Zero(d), d, DOperand(b, p)); });
    Product<1>(m.t, job.d_operand);
    // Rows that idle have their zeros already, which other threads may be reading.
    ForEachVector([&](std::size_t b, std::size_t p) HWY_ATTR {
      if (this->Entry(m.t, b) != kIdles) FirstStageBackward(act, m, b, p);
    });
  }

  void HandToInitial(std::size_t n, std::size_t b) {
    for (int s = 0; s < kStates; ++s) {
      for (std::size_t p = part.p0; p < part.p1; ++p) {
        Real* to = job.d_initial + (s * job.N + n) * Hp + p * L;
        hn::Store(hn::Load(d, DState(s, b, p)), d, to);
        hn::Store(hn::Zero(d), d, DState(s, b, p));
      }
    }
  }

  template <class Body>
  HWY_INLINE void ForEachVector(const Body& body) const {
    for (std::size_t b = part.b0; b < part.b1; ++b) {
      for (std::size_t p = part.p0; p < part.p1; ++p) body(b, p);
    }
  }

  /// Calls body(b, p) for the rows that do not idle at step t; those that do get no gradient, and
  /// their d_state goes on.
  template <class Body>
  HWY_INLINE void ForEachAwake(std::size_t t, const Body& body) const {
    for (std::size_t b = part.b0; b < part.b1; ++b) {
      if (HWY_UNLIKELY(this->Entry(t, b) == kIdles)) {
        for (std::size_t p = part.p0; p < part.p1; ++p) Idle(t, b, p);
        continue;
      }
      for (std::size_t p = part.p0; p < part.p1; ++p) body(b, p);
    }
  }

  template <class A>
  HWY_INLINE void CellBackward(const A& act, const Moment& m, std::size_t b, std::size_t p) const {
    const Real* slot = Slot(p, m.t, b);
    const std::size_t k = m.t * job.B + b;
    BackwardStep<Cell, V> step;
    step.d_state[0] = hn::Add(hn::Load(d, DState(0, b, p)), hn::Load(d, job.d_y + k * Hp + p * L));
    for (int s = 1; s < kStates; ++s) step.d_state[s] = hn::Load(d, DState(s, b, p));
    UNROLL_FULLY
    for (int n = 0; n < Cell::kSaved; ++n) step.saved[n] = hn::Load(d, slot + n * L);
    step.before[0] = hn::Load(d, this->HiddenBefore(m, b) + p * L);
    step.after[0] = hn::Load(d, job.y + k * Hp + p * L);
    for (int s = 1; s < kStates; ++s) {
      step.before[s] = hn::Load(d, this->Before(s, m, b, p));
      step.after[s] = hn::Load(d, this->After(s, m.t, b, p));
    }
    this->LoadUnitWeights(p, step.unit);
    Cell::Backward(d, act, step);
    Real* const d_sum = DSum(p, m.t, b);
    UNROLL_FULLY
    for (int s = 0; s < kSums; ++s) hn::Store(step.d_sum[s], d, d_sum + s * L);
    for (int s = 0; s < kStates; ++s) hn::Store(step.d_state[s], d, DState(s, b, p));
    if constexpr (Cell::kReadsInput) {
      if (job.d_x != nullptr) hn::Store(step.d_x, d, job.d_x + k * Hp + p * L);
    }
  }

  template <class A>
  HWY_INLINE void FirstStageBackward(const A& act, const Moment& m, std::size_t b,
                                     std::size_t p) const {
    constexpr int kOwn = kFirst + Base::template kStageSums<0>;
    BackwardStep<Cell, V> step;
    step.d_operand = hn::Load(d, DOperand(b, p));
    if (job.mask != nullptr) {
      step.d_operand = Mul(step.d_operand, hn::Load(d, this->MaskRow(m.t, b) + p * L));
    }
    Real* const d_sum = DSum(p, m.t, b);
    UNROLL_FULLY
    for (int s = 0; s < kOwn; ++s) step.d_sum[s] = hn::Load(d, d_sum + s * L);
    step.d_state[0] = hn::Load(d, DState(0, b, p));
    step.before[0] = hn::Load(d, this->HiddenBefore(m, b) + p * L);
    Cell::FirstStageBackward(d, act, step);
    UNROLL_FULLY
    for (int s = 0; s < kOwn; ++s) hn::Store(step.d_sum[s], d, d_sum + s * L);
    hn::Store(step.d_state[0], d, DState(0, b, p));
  }

  void Idle(std::size_t t, std::size_t b, std::size_t p) const {
    Real* const d_sum = DSum(p, t, b);
    for (int s = 0; s < kSums; ++s) hn::Store(hn::Zero(d), d, d_sum + s * L);
    if (Cell::kReadsInput && job.d_x != nullptr) {
      hn::Store(hn::Zero(d), d, job.d_x + (t * job.B + b) * Hp + p * L);
    }
  }

  /// Notes the gradient by the states after step t.
  void Watch(std::size_t t) const {
    ForEachVector([&](std::size_t b, std::size_t p) HWY_ATTR {
      for (int s = 0; s < kStates; ++s) {
        V d_state = hn::Load(d, DState(s, b, p));
        if (s == 0 && this->Entry(t, b) != kIdles) {
          d_state = hn::Add(d_state, hn::Load(d, job.d_y + (t * job.B + b) * Hp + p * L));
        }
        const std::size_t k = (s * job.T + t) * job.B + b;
        if (job.d_states != nullptr) hn::Store(d_state, d, job.d_states + k * Hp + p * L);
        if (job.squares != nullptr) job.squares[k * P + p] = SumOfSquares(d, d_state);
      }
    });
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_BACKWARD_INL_H_
