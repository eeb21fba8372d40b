// The walk downward in time: back-propagation through time, t = T-1 .. 0.
//
// At step t the error that reaches h_t is that of its own output, d_y, and what flows back from
// step t + 1 through U: d_sum_{t+1} U^T. The cell turns it into d_sum_t, which takes the place of
// what the cell had saved, and hands the rest to step t - 1.
//
// Source: Werbos 1990, Proc. IEEE 78(10).
#if defined(UNROLL_SEQUENCE_BACKWARD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SEQUENCE_BACKWARD_INL_H_
#undef UNROLL_SEQUENCE_BACKWARD_INL_H_
#else
#define UNROLL_SEQUENCE_BACKWARD_INL_H_
#endif

#include "unroll/sequence/walk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class Cell, class Format>
struct BackwardWalk : Walk<Cell, Format> {
  using Base = Walk<Cell, Format>;
  using Base::Base;
  using Base::d, Base::job, Base::part, Base::L, Base::P;
  using Base::kFirst, Base::kRecurrents, Base::kStates, Base::kSums;
  using Base::Slot, Base::DState;
  using typename Base::Real;
  using typename Base::V;

  void Run() {
    if (part.b1 == part.b0) return;
    for (std::size_t t = job.T; t-- > 0;) {
      const bool last = t + 1 == job.T;
      if (!last) FlowBack(t + 1);
      ForEachVector([&](std::size_t b, std::size_t p) HWY_ATTR { CellBackward(t, b, p); });
      if (part.barrier != nullptr && kRecurrents > 0) part.barrier->Wait();
    }
    if (job.T > 0) FlowBack(0);
  }

  /// d_state before step t: adds what flows from its sums through U to h, and hands what belongs to
  /// a sequence that begins at t to its initial state.
  void FlowBack(std::size_t t) {
    if constexpr (kRecurrents > 0) {
      constexpr std::size_t kPanelDepth = kRecurrents * L;
      constexpr std::size_t kBlock = std::max<std::size_t>(1, Base::kDepth / kPanelDepth);
      for (std::size_t q = 0; q < P; q += kBlock) Product(t, q, std::min(P, q + kBlock));
    }
    if (job.entry == nullptr) return;
    for (std::size_t b = part.b0; b < part.b1; ++b) {
      const std::int32_t entry = this->Entry(t, b);
      if (entry >= 0) HandToInitial(static_cast<std::size_t>(entry), b);
    }
  }

  /// d_h += d_sum_t[panels q0 .. q1) U^T.
  void Product(std::size_t t, std::size_t q0, std::size_t q1) {
    ForEachTile(1, part.b1 - part.b0, part.p0, part.p1,
                [&](std::size_t r0, std::size_t r1, std::size_t p, std::size_t q) HWY_ATTR {
                  constexpr std::size_t kPanelDepth = kRecurrents * L;
                  Tile<Format> tile{};
                  tile.b = job.u_back + (p * P + q0) * kPanelDepth * L;
                  tile.b_panel = P * kPanelDepth * L, tile.b_step = L;
                  tile.a_step = 1, tile.a_hop = this->slot_panel, tile.c_panel = L;
                  tile.depth = kPanelDepth, tile.hops = q1 - q0;
                  for (std::size_t r = 0; r < r1 - r0; ++r) {
                    tile.a[r] = Slot(q0, t, part.b0 + r0 + r) + kFirst * L;
                    tile.c[r] = DState(0, part.b0 + r0 + r, p);
                  }
                  MultiplyAdd<1>(tile, r1 - r0, q - p);
                });
  }

  void HandToInitial(std::size_t n, std::size_t b) {
    for (int s = 0; s < kStates; ++s) {
      for (std::size_t p = part.p0; p < part.p1; ++p) {
        Real* to = job.d_initial + (s * job.N + n) * this->Hp + p * L;
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

  HWY_INLINE void CellBackward(std::size_t t, std::size_t b, std::size_t p) const {
    Real* slot = Slot(p, t, b);
    BackwardStep<Cell, V> step;
    if (HWY_UNLIKELY(this->Entry(t, b) == kIdles)) {  // no error, no gradient: d_state goes on
      for (int s = 0; s < kSums; ++s) hn::Store(hn::Zero(d), d, slot + s * L);
      return;
    }
    const std::size_t row = t * job.B + b;
    step.d_state[0] =
        hn::Add(hn::Load(d, DState(0, b, p)), hn::Load(d, job.d_y + row * this->Hp + p * L));
    for (int s = 1; s < kStates; ++s) step.d_state[s] = hn::Load(d, DState(s, b, p));
    UNROLL_FULLY
    for (int k = 0; k < Cell::kSaved; ++k) step.saved[k] = hn::Load(d, slot + k * L);
    step.before[0] = hn::Load(d, this->OperandRow(row) + p * L);
    step.after[0] = hn::Load(d, job.y + row * this->Hp + p * L);
    for (int s = 1; s < kStates; ++s) {
      step.before[s] = hn::Load(d, this->Before(s, t, b, p));
      step.after[s] = hn::Load(d, this->After(s, t, b, p));
    }
    Cell::Backward(d, step);
    UNROLL_FULLY
    for (int s = 0; s < kSums; ++s) hn::Store(step.d_sum[s], d, slot + s * L);
    for (int s = 0; s < kStates; ++s) hn::Store(step.d_state[s], d, DState(s, b, p));
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_BACKWARD_INL_H_
