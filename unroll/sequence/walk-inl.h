// What the walks share: where the numbers of a panel, step and row lie, and which step comes before
// which.
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

/// A step of the walk: its time, the time before it in the walk's direction, and whether there is
/// none. Worked out once a step, since the loops below a step are short.
struct Moment {
  std::size_t t, before;
  bool first;
};

/// One thread's view of a walk of Cell with products in Format.
///
/// The tape has a slot for each (panel, step, row), which holds the sums, then what the cell saved,
/// then (unless they go to an array of their own) the gradients of the sums, each in place of the
/// one before; behind them the states but h.
///
/// A walk counts its steps i = 0 .. T-1; in reverse, step i stands at time T-1 - i.
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
  static constexpr int kStages = Cell::kStages;
  static constexpr int kStates = Cell::kStates, kUnits = kNumUnitWeights<Cell>;
  static constexpr int kSlots = FactsOf<Cell>().slots;
  static constexpr int kStateSlot = kSlots - (kStates - 1);  ///< of state 1
  /// Depth of one block of a long product: what is read of B in one block stays in L1 or L2.
  static constexpr std::size_t kDepth = 1024;

  /// The sums of one stage's recurrent product, and where they stand among all recurrent ones.
  template <int kStage>
  static constexpr int kStageSums = StageSums<Cell>(kStage);
  template <int kStage>
  static constexpr int kStagePlace = kStage == 0 ? 0 : kStageSums<0>;

  const Job<Real>& job;
  const Part part;
  const std::size_t P, Hp;
  const std::size_t last_rows;                        ///< the first row of the last time
  Real* slots;                                        ///< in the tape, or in scratch
  std::size_t slot_row, slot_step, slot_panel;        ///< distances
  std::size_t first_t = 0, first_b = 0, first_p = 0;  ///< of the slot at `slots`
  Real* d_sums;                                       ///< the gradients of the sums likewise
  std::size_t d_sum_row, d_sum_step, d_sum_panel;

  Walk(const Job<Real>& j, const Part& p)
      : job(j), part(p), P(j.PaddedH() / L), Hp(j.PaddedH()), last_rows((j.T - 1) * j.B) {
    if (job.tape != nullptr) {
      slots = job.tape;
      slot_row = kSlots * L, slot_step = job.B * slot_row, slot_panel = job.T * slot_step;
    } else {  // no more than the sums, of the part's own rows and panels; see UseScratch
      slots = job.scratch + part.index * job.scratch_part;
      slot_row = kSums * L, slot_step = (part.b1 - part.b0) * slot_row, slot_panel = 0;
      first_b = part.b0, first_p = part.p0;
    }
    d_sums = slots, d_sum_row = slot_row, d_sum_step = slot_step, d_sum_panel = slot_panel;
    if (job.d_sum != nullptr) {
      d_sums = job.d_sum, d_sum_row = kSums * L;
      d_sum_step = job.B * d_sum_row, d_sum_panel = job.d_sum_steps * d_sum_step;
    }
  }
  /// Scratch holds the sums of `steps` steps from time t on.
  void UseScratch(std::size_t t, std::size_t steps) { first_t = t, slot_panel = steps * slot_step; }

  /// Calls body(activations): those of the paper, or those that the options chose. Outside of all
  /// loops, so that what the paper's need stays in registers.
  template <class Body>
  HWY_INLINE void WithActivations(const Body& body) const {
    if constexpr (Cell::kOptions != 0) {
      if (!IsPlain(job.options)) return body(ChosenActivations{job.options});
    }
    body(PlainActivations());
  }

  HWY_INLINE std::size_t Time(std::size_t i) const { return job.reverse ? job.T - 1 - i : i; }
  HWY_INLINE Moment MomentOf(std::size_t t) const {
    if (job.reverse) return {t, t + 1, t + 1 == job.T};
    return {t, t - 1, t == 0};
  }

  HWY_INLINE Real* Slot(std::size_t p, std::size_t t, std::size_t b) const {
    return slots + (p - first_p) * slot_panel + (t - first_t) * slot_step +
           (b - first_b) * slot_row;
  }
  HWY_INLINE Real* DSum(std::size_t p, std::size_t t, std::size_t b) const {
    const std::size_t step = job.d_sum != nullptr && job.d_sum_steps < job.T ? t % 2 : t;
    return d_sums + p * d_sum_panel + step * d_sum_step + b * d_sum_row;
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
  HWY_INLINE Real* DOperand(std::size_t b, std::size_t p) const {
    return job.d_operand + b * Hp + p * L;
  }
  /// What h is multiplied with on its way to U; only where there is a mask.
  HWY_INLINE const Real* MaskRow(std::size_t t, std::size_t b) const {
    const std::size_t n =
        job.sequence == nullptr ? b : static_cast<std::size_t>(job.sequence[t * job.B + b]);
    return job.mask + n * Hp;
  }

  /// h of row b before that step.
  HWY_INLINE const Real* HiddenBefore(const Moment& m, std::size_t b) const {
    const std::int32_t entry = Entry(m.t, b);
    if (HWY_UNLIKELY(entry >= 0)) return job.initial + static_cast<std::size_t>(entry) * Hp;
    return (m.first ? job.state : job.y + m.before * job.B * Hp) + b * Hp;
  }
  /// The same by k = t * B + b, for loops over all of them.
  HWY_INLINE const Real* HiddenBefore(std::size_t k) const {
    if (job.entry != nullptr && job.entry[k] >= 0) {
      return job.initial + static_cast<std::size_t>(job.entry[k]) * Hp;
    }
    if (job.reverse) {
      return k < last_rows ? job.y + (k + job.B) * Hp : job.state + (k - last_rows) * Hp;
    }
    return k < job.B ? job.state + k * Hp : job.y + (k - job.B) * Hp;
  }
  /// What U is multiplied with in that stage at row k.
  template <int kStage>
  HWY_INLINE const Real* OperandRow(std::size_t k) const {
    if constexpr (kStage == 0) {
      if (HWY_LIKELY(job.operand[0] == nullptr)) return HiddenBefore(k);
      return job.operand[0] + k * Hp;
    } else {
      return OperandPlace<kStage>(k / job.B, k % job.B);
    }
  }
  template <int kStage>
  HWY_INLINE Real* OperandPlace(std::size_t t, std::size_t b) const {
    return job.operand[kStage] + t * job.operand_step + b * Hp;
  }
  /// State s >= 1 before that step.
  HWY_INLINE const Real* Before(int s, const Moment& m, std::size_t b, std::size_t p) const {
    const std::int32_t entry = Entry(m.t, b);
    if (HWY_UNLIKELY(entry >= 0)) {
      return job.initial + (s * job.N + static_cast<std::size_t>(entry)) * Hp + p * L;
    }
    if (m.first) return job.state + (s * job.B + b) * Hp + p * L;
    return After(s, m.before, b, p);
  }
  /// State s >= 1 after step t.
  HWY_INLINE Real* After(int s, std::size_t t, std::size_t b, std::size_t p) const {
    if (job.tape == nullptr) return Carried(s, b, p);
    return Slot(p, t, b) + (kStateSlot + s - 1) * L;
  }
  HWY_INLINE void LoadUnitWeights(std::size_t p, Vectors<V, kUnits>& unit) const {
    UNROLL_FULLY
    for (int m = 0; m < kUnits; ++m) unit[m] = hn::Load(d, job.weights.unit + (p * kUnits + m) * L);
  }
  HWY_INLINE V LoadX(std::size_t k, std::size_t p) const {
    return hn::Load(d, job.x + k * Hp + p * L);  // I = H
  }
};

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_WALK_INL_H_
