#include "unroll/sequence/weights.h"

#include <stdexcept>
#include <string>

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

/// Calls visit(place in the panels, the tensor's place in PyTorch's layout) for the cell's own
/// weights.
template <class Real, class Number, class Visit>
void ForEachUnitWeight(const WeightPlan<Real>& plan, std::size_t lanes,
                       const PlainWeights<Number>& plain, const Visit& visit) {
  const std::span<const UnitWeight> weights = plan.cell->unit_weights;
  for (std::size_t j = 0; j < plan.H; ++j) {
    const std::size_t p = j / lanes, lane = j % lanes;
    for (std::size_t m = 0; m < weights.size(); ++m) {
      Number* const tensor = weights[m].tensor == UnitTensor::kWeightIh   ? plain.weight_ih
                             : weights[m].tensor == UnitTensor::kWeightHh ? plain.weight_hh
                                                                          : plain.weight_peephole;
      visit((p * weights.size() + m) * lanes + lane,
            tensor + static_cast<std::size_t>(weights[m].row) * plan.H + j);
    }
  }
}

}  // namespace

template <class Real>
WeightPlan<Real>::WeightPlan(const CellFacts& facts, std::size_t inputs, std::size_t units,
                             Layout<Real>& layout)
    : cell(&facts), I(inputs), H(units) {
  if (facts.reads_input && inputs != units) {
    throw std::logic_error("cell " + std::string(facts.name) +
                           ": expected as many inputs as units, found " + std::to_string(inputs) +
                           " and " + std::to_string(units));
  }
  const std::size_t padded = Padded<Real>(H);
  w = layout.Reserve(padded * I * static_cast<std::size_t>(facts.input_sums));
  u = layout.Reserve(padded * H * static_cast<std::size_t>(facts.recurrent_sums));
  b = layout.Reserve(padded * facts.sums.size());
  unit = layout.Reserve(padded * facts.unit_weights.size());
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
    if (kind == Sum::kBoth || kind == Sum::kRecurrent) bias += plain.bias_hh[from];
    packed.b[to] = bias;
  });
  ForEachUnitWeight(plan, lanes, plain,
                    [&](std::size_t to, const Real* from) { packed.unit[to] = *from; });
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
    if (kind == Sum::kRecurrent) plain.bias_hh[to] = packed.b[from];
    if (kind == Sum::kBoth) plain.bias_hh[to] = 0;
  });
  ForEachUnitWeight(plan, lanes, plain,
                    [&](std::size_t from, Real* to) { *to = packed.unit[from]; });
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
