#include "unroll/layers/recurrent.h"

#include <cmath>

namespace unroll {
namespace {

template <class Real>
void FillUniform(std::size_t count, double low, double high, Random& random, Real* to) {
  if (to == nullptr) return;
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<Real>(random.Uniform(low, high));
}

}  // namespace

template <class Real>
Recurrent<Real>::Recurrent(const CellFacts& cell, std::size_t inputs, std::size_t units,
                           Layout<Real>& layout, const CellOptions& options)
    : plan_(cell, inputs, units, layout), walks_(&WalksOf<Real>(cell)), options_(options) {}

template <class Real>
WalkWeights<Real> Recurrent<Real>::Weights(const Real* arena, const Real* w_back,
                                           const Real* u_back) const {
  return {walks_, plan_.I, plan_.H, plan_.In(arena), w_back, u_back, options_};
}

template <class Real>
Split Recurrent<Real>::SplitFor(std::size_t T, std::size_t B, int threads) const {
  const std::size_t weights = static_cast<std::size_t>(cell().recurrent_sums) * units() * units();
  const std::size_t of_inputs = static_cast<std::size_t>(cell().input_sums) * inputs() * units();
  const std::size_t flops = 2 * B * (weights > 0 ? weights : T * of_inputs);
  return ChooseSplit(weights * sizeof(Real), flops, B, threads);
}

template <class Real>
void Recurrent<Real>::Pack(const PlainWeights<const Real>& plain, Real* arena) const {
  unroll::Pack(plan_, walks_->lanes, plain, plan_.In(arena));
}

template <class Real>
void Recurrent<Real>::Unpack(const Real* arena, const PlainWeights<Real>& plain) const {
  unroll::Unpack(plan_, walks_->lanes, plan_.In(arena), plain);
}

template <class Real>
void InitialiseRecurrent(const CellFacts& cell, std::size_t inputs, std::size_t units,
                         double forget_bias, Random& random, const PlainWeights<Real>& plain) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(units));
  const std::size_t rows = static_cast<std::size_t>(cell.gates) * units;
  if (cell.input_sums > 0) {
    FillUniform(rows * inputs, -bound, bound, random, plain.weight_ih);
  } else {
    FillUniform(units, -1, 1, random, plain.weight_ih);
  }
  if (cell.recurrent_sums > 0) {
    FillUniform(rows * units, -bound, bound, random, plain.weight_hh);
  } else {
    FillUniform(units, 0, 1, random, plain.weight_hh);
  }
  FillUniform(rows, -bound, bound, random, plain.bias_ih);
  FillUniform(rows, -bound, bound, random, plain.bias_hh);
  const auto peepholes = static_cast<std::size_t>(RowsOf(cell, UnitTensor::kWeightPeephole));
  FillUniform(peepholes * units, -bound, bound, random, plain.weight_peephole);
  if (cell.forget_gate < 0) return;
  const auto gate = static_cast<std::size_t>(cell.forget_gate);
  for (std::size_t j = 0; j < units; ++j) {
    plain.bias_ih[gate * units + j] += static_cast<Real>(forget_bias);
  }
}

template <class Real>
void InitialiseDense(std::size_t inputs, std::size_t outputs, Random& random,
                     const PlainWeights<Real>& plain) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  FillUniform(outputs * inputs, -bound, bound, random, plain.weight_ih);
  FillUniform(outputs, -bound, bound, random, plain.bias_ih);
}

#define UNROLL_INSTANTIATE(Real)                                                                 \
  template class Recurrent<Real>;                                                                \
  template void InitialiseRecurrent(const CellFacts&, std::size_t, std::size_t, double, Random&, \
                                    const PlainWeights<Real>&);                                  \
  template void InitialiseDense(std::size_t, std::size_t, Random&, const PlainWeights<Real>&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)

}  // namespace unroll
