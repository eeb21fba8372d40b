// What the walks share: where the numbers of a panel, step and row lie.
#if defined(UNROLL_SEQUENCE_WALK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SEQUENCE_WALK_INL_H_
#undef UNROLL_SEQUENCE_WALK_INL_H_
#else
#define UNROLL_SEQUENCE_WALK_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "unroll/cells/cell-inl.h"
#include "unroll/cells/cells.h"
#include "unroll/kernels/product-inl.h"
#include "unroll/sequence/entries.h"
#include "unroll/sequence/job.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

/// One thread's view of a walk of Cell with products in Format.
///
/// The tape has a slot for each (panel, step, row), which holds the sums, then what the cell saved,
/// then the gradients of the sums, each in place of the one before; behind them the states but h.
template <class Cell, class Format>
struct Walk {
  using Real = typename Format::Sum;
  using D = UnitTag<Real>;
  using V = hn::Vec<D>;
  static constexpr D d{};
  static constexpr std::size_t L = hn::MaxLanes(D());
  static constexpr int kSums = kNumSums<Cell>;
  static constexpr int kInputs = kInputSums<Cell>, kRecurrents = kRecurrentSums<Cell>;
  static constexpr int kFirst = kFirstRecurrent<Cell>;
  static constexpr int kStates = Cell::kStates;
  static constexpr int kSlots = FactsOf<Cell>().slots;
  static constexpr int kStateSlot = kSlots - (kStates - 1);  ///< of state 1
  /// Depth of one block of a long product: what is read of B in one block stays in L1 or L2.
  static constexpr std::size_t kDepth = 1024;

  const Job<Real>& job;
  const Part part;
  const std::size_t P, Hp;
  Real* slots;                                        ///< in the tape, or in scratch
  std::size_t slot_row, slot_step, slot_panel;        ///< distances
  std::size_t first_t = 0, first_b = 0, first_p = 0;  ///< of the slot at `slots`

  Walk(const Job<Real>& j, const Part& p) : job(j), part(p), P(j.PaddedH() / L), Hp(j.PaddedH()) {
    if (job.tape != nullptr) {
      slots = job.tape;
      slot_row = kSlots * L, slot_step = job.B * slot_row, slot_panel = job.T * slot_step;
    } else {  // no more than the sums, of the part's own rows and panels; see UseScratch
      slots = job.scratch + part.index * job.scratch_part;
      slot_row = kSums * L, slot_step = (part.b1 - part.b0) * slot_row, slot_panel = 0;
      first_b = part.b0, first_p = part.p0;
    }
  }
  /// Scratch holds the sums of `steps` steps from t on.
  void UseScratch(std::size_t t, std::size_t steps) { first_t = t, slot_panel = steps * slot_step; }

  HWY_INLINE Real* Slot(std::size_t p, std::size_t t, std::size_t b) const {
    return slots + (p - first_p) * slot_panel + (t - first_t) * slot_step +
           (b - first_b) * slot_row;
  }
  HWY_INLINE std::int32_t Entry(std::size_t t, std::size_t b) const {
    return job.entry == nullptr ? kGoesOn : job.entry[t * job.B + b];
  }
  /// State s >= 1 of row b lies here after the last step, and all along where there is no tape.
  HWY_INLINE Real* Carried(int s, std::size_t b, std::size_t p) const {
    return job.state_after + (s * job.B + b) * Hp + p * L;
  }
  HWY_INLINE Real* DState(int s, std::size_t b, std::size_t p) const {
    return job.d_state + (s * job.B + b) * Hp + p * L;
  }

  /// h before row k = t * B + b: what U is multiplied with.
  HWY_INLINE const Real* OperandRow(std::size_t k) const {
    if (job.entry != nullptr && job.entry[k] >= 0) {
      return job.initial + static_cast<std::size_t>(job.entry[k]) * Hp;
    }
    return k < job.B ? job.state + k * Hp : job.y + (k - job.B) * Hp;
  }
  /// State s >= 1 before step t.
  HWY_INLINE const Real* Before(int s, std::size_t t, std::size_t b, std::size_t p) const {
    const std::int32_t entry = Entry(t, b);
    if (entry >= 0) return job.initial + (s * job.N + static_cast<std::size_t>(entry)) * Hp + p * L;
    if (t == 0) return job.state + (s * job.B + b) * Hp + p * L;
    return After(s, t - 1, b, p);
  }
  /// State s >= 1 after step t.
  HWY_INLINE Real* After(int s, std::size_t t, std::size_t b, std::size_t p) const {
    if (job.tape == nullptr) return Carried(s, b, p);
    return Slot(p, t, b) + (kStateSlot + s - 1) * L;
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_WALK_INL_H_
