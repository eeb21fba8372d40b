// A random layer's walk beside its paper's equations (paper.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tests/support/golden_case.h"
#include "tests/support/paper_walk.h"
#include "tests/support/random_layer.h"

namespace unroll::test {

template <class Real>
std::vector<double> Wide(const std::vector<Real>& numbers) {
  return {numbers.begin(), numbers.end()};
}
/// The numbers of a buffer without padding.
template <class Real>
std::vector<double> Wide(const Buffer<Real>& buffer, std::size_t columns) {
  return Wide(Dense(buffer, columns));
}

/// State s of row b out of [S, B, H].
template <class Real>
std::vector<double> StateRow(const RandomLayer<Real>& layer, const Buffer<Real>& states,
                             std::size_t s, std::size_t b) {
  return RowOf(Wide(states, layer.H), s * layer.B + b, layer.H);
}

template <class Real>
PaperWeights<double> PaperWeightsOf(const RandomLayer<Real>& layer) {
  return {layer.I,
          layer.H,
          Wide(layer.weight_ih),
          Wide(layer.weight_hh),
          Wide(layer.bias_ih),
          Wide(layer.bias_hh),
          Wide(layer.weight_peephole)};
}

template <class Real>
PaperBatch<double> PaperBatchOf(const RandomLayer<Real>& layer) {
  return {layer.T,
          layer.B,
          layer.ids.N,
          layer.S,
          Wide(layer.x, layer.I),
          Wide(layer.before, layer.H),
          layer.ids.sequence,
          layer.ids.before,
          Wide(layer.initial, layer.H),
          Wide(layer.mask, layer.H),
          layer.variant.reverse};
}

template <class Real>
PaperOutputs<double> OutputsByThePaper(const RandomLayer<Real>& layer) {
  return WalkByThePaper(layer.cell->name, PaperWeightsOf(layer), layer.variant.options,
                        PaperBatchOf(layer),
                        [](const auto& state, std::size_t, std::size_t) { return state; });
}

inline PaperGradients GradientsByThePaper(const RandomLayer<double>& layer) {
  return GradientsByThePaper(layer.cell->name, PaperWeightsOf(layer), layer.variant.options,
                             PaperBatchOf(layer), Wide(layer.d_y, layer.H),
                             Wide(layer.d_after, layer.H), layer.variant.threshold);
}

/// The gradients of a layer's weights in PyTorch's layout, of both biases of a sum alike.
template <class Real>
PaperWeights<double> WeightGradientsOf(const RandomLayer<Real>& layer) {
  std::vector<Real> w(layer.weight_ih.size()), u(layer.weight_hh.size()), b(layer.bias_ih.size());
  std::vector<Real> b_u(layer.bias_hh.size()), p(layer.weight_peephole.size());
  Unpack(layer.plan, layer.walks->lanes, layer.plan.In(layer.d_weights.data()),
         PlainWeights<Real>{w.data(), u.data(), b.data(), b_u.data(), p.data()});
  for (std::size_t row = 0; row < b_u.size(); ++row) {
    if (AddsItsBiases(*layer.cell, static_cast<int>(row / layer.H))) b_u[row] = b[row];
  }
  return {layer.I, layer.H, Wide(w), Wide(u), Wide(b), Wide(b_u), Wide(p)};
}

/// The numbers of y, or of another [T, B, H], with 0 where a row idles.
template <class Real>
std::vector<double> WhereNotIdle(const RandomLayer<Real>& layer, const Buffer<Real>& y,
                                 std::size_t columns) {
  std::vector<double> numbers = Wide(y, columns);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t row = i / columns;
    if (layer.Idles(row / layer.B, row % layer.B)) numbers[i] = 0;
  }
  return numbers;
}

template <class Real>
double WorstOutput(const RandomLayer<Real>& layer, const PaperOutputs<double>& paper) {
  return std::max(WorstDifference(WhereNotIdle(layer, layer.y, layer.H), paper.y),
                  WorstDifference(Wide(layer.after, layer.H), paper.after));
}

}  // namespace unroll::test
