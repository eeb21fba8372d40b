#include "unroll/sequence/weights.h"

namespace unroll {
namespace {

/// Calls visit(place in the panels, place in the rows of a [rows, K] matrix) for one run of sums.
struct Panels {
  std::size_t lanes, units, K, sums;

  template <class Visit>
  void ForEach(const SumSpec* specs, const Visit& visit) const {
    for (std::size_t j = 0; j < units; ++j) {
      const std::size_t p = j / lanes, lane = j % lanes;
      for (std::size_t s = 0; s < sums; ++s) {
        const std::size_t row = static_cast<std::size_t>(specs[s].gate) * units + j;
        for (std::size_t k = 0; k < K; ++k) {
          visit(((p * K + k) * sums + s) * lanes + lane, row * K + k, specs[s].kind);
        }
      }
    }
  }
};

template <class Real>
struct Runs {
  Runs(const WeightPlan<Real>& plan, std::size_t lanes)
      : w{lanes, plan.H, plan.I, static_cast<std::size_t>(plan.cell->input_sums)},
        u{lanes, plan.H, plan.H, static_cast<std::size_t>(plan.cell->recurrent_sums)},
        b{lanes, plan.H, 1, plan.cell->sums.size()},
        specs(plan.cell->sums.data()),
        recurrent_specs(specs + plan.cell->first_recurrent) {}
  Panels w, u, b;
  const SumSpec* specs;
  const SumSpec* recurrent_specs;
};

}  // namespace

template <class Real>
WeightPlan<Real>::WeightPlan(const CellFacts& facts, std::size_t inputs, std::size_t units,
                             Layout<Real>& layout)
    : cell(&facts), I(inputs), H(units) {
  const std::size_t padded = Padded<Real>(H);
  w = layout.Reserve(padded * I * static_cast<std::size_t>(facts.input_sums));
  u = layout.Reserve(padded * H * static_cast<std::size_t>(facts.recurrent_sums));
  b = layout.Reserve(padded * facts.sums.size());
}

template <class Real>
BackSizes<Real>::BackSizes(const CellFacts& cell, std::size_t inputs, std::size_t units)
    : w(Padded<Real>(inputs) * Padded<Real>(units) * static_cast<std::size_t>(cell.input_sums)),
      u(Padded<Real>(units) * Padded<Real>(units) * static_cast<std::size_t>(cell.recurrent_sums)) {
}

template <class Real>
void Pack(const WeightPlan<Real>& plan, std::size_t lanes, const PlainWeights<const Real>& plain,
          const PackedWeights<Real>& packed) {
  const Runs<Real> runs(plan, lanes);
  runs.w.ForEach(runs.specs, [&](std::size_t to, std::size_t from, Sum /*kind*/) {
    packed.w[to] = plain.weight_ih[from];
  });
  runs.u.ForEach(runs.recurrent_specs, [&](std::size_t to, std::size_t from, Sum /*kind*/) {
    packed.u[to] = plain.weight_hh[from];
  });
  runs.b.ForEach(runs.specs, [&](std::size_t to, std::size_t from, Sum kind) {
    Real bias = 0;
    if (kind != Sum::kRecurrent) bias += plain.bias_ih[from];
    if (kind != Sum::kInput && plain.bias_hh != nullptr) bias += plain.bias_hh[from];
    packed.b[to] = bias;
  });
}

template <class Real>
void Unpack(const WeightPlan<Real>& plan, std::size_t lanes,
            const PackedWeights<const Real>& packed, const PlainWeights<Real>& plain) {
  const Runs<Real> runs(plan, lanes);
  runs.w.ForEach(runs.specs, [&](std::size_t from, std::size_t to, Sum /*kind*/) {
    plain.weight_ih[to] = packed.w[from];
  });
  runs.u.ForEach(runs.recurrent_specs, [&](std::size_t from, std::size_t to, Sum /*kind*/) {
    plain.weight_hh[to] = packed.u[from];
  });
  runs.b.ForEach(runs.specs, [&](std::size_t from, std::size_t to, Sum kind) {
    if (kind != Sum::kRecurrent) plain.bias_ih[to] = packed.b[from];
    if (plain.bias_hh != nullptr && kind != Sum::kInput) {
      plain.bias_hh[to] = kind == Sum::kRecurrent ? packed.b[from] : Real(0);
    }
  });
}

#define UNROLL_INSTANTIATE(Real)                                                               \
  template struct WeightPlan<Real>;                                                            \
  template struct BackSizes<Real>;                                                             \
  template void Pack(const WeightPlan<Real>&, std::size_t, const PlainWeights<const Real>&,    \
                     const PackedWeights<Real>&);                                              \
  template void Unpack(const WeightPlan<Real>&, std::size_t, const PackedWeights<const Real>&, \
                       const PlainWeights<Real>&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)

}  // namespace unroll
