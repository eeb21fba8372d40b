// The threshold at work on what is passed back in time before one step.
//
// A norm over the units needs the whole row, which threads may share by panels: each panel leaves
// its sum of squares, and every thread adds them in their order, so that all find the same factor,
// and the same one for any split.
#if defined(UNROLL_SEQUENCE_THRESHOLD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SEQUENCE_THRESHOLD_INL_H_
#undef UNROLL_SEQUENCE_THRESHOLD_INL_H_
#else
#define UNROLL_SEQUENCE_THRESHOLD_INL_H_
#endif

#include <cmath>

#include "unroll/sequence/walk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

/// In double: the square of a float never leaves its range.
template <class D, class V = hn::Vec<D>>
double SumOfSquares(D d, V v) {
  alignas(kAlignment) hn::TFromD<D> numbers[hn::MaxLanes(d)];
  hn::Store(v, d, numbers);
  double sum = 0;
  for (const auto number : numbers) {
    const auto wide = static_cast<double>(number);
    sum += wide * wide;
  }
  return sum;
}

/// Bounds d_state before step t in the part's own rows and panels. Every thread must come.
template <class Walk>
void BoundByThreshold(const Walk& walk, std::size_t t) {
  using V = typename Walk::V;
  using Real = typename Walk::Real;
  constexpr auto d = Walk::d;
  const auto& job = walk.job;
  const Part& part = walk.part;
  const auto place = [&](int s, std::size_t b) { return ((s * job.T + t) * job.B + b) * walk.P; };
  const auto for_each = [&](const auto& body) HWY_ATTR {
    for (int s = 0; s < Walk::kStates; ++s) {
      for (std::size_t b = part.b0; b < part.b1; ++b) body(s, b);
    }
  };
  const bool by_norm = job.threshold.kind == Threshold::Kind::kNorm;
  const double limit = job.threshold.limit;
  const V most = hn::Set(d, static_cast<Real>(limit)), least = hn::Neg(most);
  for_each([&](int s, std::size_t b) HWY_ATTR {
    const bool idles = walk.Entry(t, b) == kIdles;
    for (std::size_t p = part.p0; p < part.p1; ++p) {
      Real* const at = walk.DState(s, b, p);
      const V v = hn::Load(d, at);
      const double squares = SumOfSquares(d, v);
      job.squares_before[place(s, b) + p] = idles ? 0 : squares;  // nothing is bounded there
      if (by_norm) continue;
      const V low = hn::IfThenElse(hn::Lt(v, least), least, v);
      const V bound = hn::IfThenElse(hn::Gt(low, most), most, low);
      if (!idles) hn::Store(bound, d, at);
      job.squares_after[place(s, b) + p] = idles ? 0 : SumOfSquares(d, bound);
    }
  });
  if (!by_norm) return;
  part.Meet();
  for_each([&](int s, std::size_t b) HWY_ATTR {
    if (walk.Entry(t, b) == kIdles) return;
    double squares = 0;
    for (std::size_t p = 0; p < walk.P; ++p) squares += job.squares_before[place(s, b) + p];
    const double norm = std::sqrt(squares);
    if (!(norm > limit)) return;
    const V factor = hn::Set(d, static_cast<Real>(limit / norm));
    for (std::size_t p = part.p0; p < part.p1; ++p) {
      Real* const at = walk.DState(s, b, p);
      hn::Store(Mul(factor, hn::Load(d, at)), d, at);
    }
  });
}

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_SEQUENCE_THRESHOLD_INL_H_
