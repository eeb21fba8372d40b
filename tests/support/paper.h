// A cell beside the equations of its paper, in plain scalar double arithmetic: what every cell's
// own test asks first, since no gradient can show that two gates are swapped.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"

namespace unroll::test {

/// The states of one row, S vectors of H numbers.
using PaperState = std::vector<std::vector<double>>;

inline double PlainSigmoid(double v) { return 1.0 / (1.0 + std::exp(-v)); }

/// Row `row` of a weight [rows, columns], times v, plus its bias.
template <class Real, class Vector>
double PlainSum(const std::vector<Real>& weight, const std::vector<Real>& bias, std::size_t row,
                std::size_t columns, const Vector& v) {
  double total = bias[row];
  for (std::size_t k = 0; k < columns; ++k) {
    total += static_cast<double>(weight[row * columns + k]) * v[k];
  }
  return total;
}

/// W x + b of gate `gate` and unit j, and U h + b.
template <class Real>
double InputSum(const RandomLayer<Real>& layer, std::size_t gate, std::size_t j, const Real* x) {
  return PlainSum(layer.weight_ih, layer.bias_ih, gate * layer.H + j, layer.I, x);
}
template <class Real>
double RecurrentSum(const RandomLayer<Real>& layer, std::size_t gate, std::size_t j,
                    const std::vector<double>& h) {
  return PlainSum(layer.weight_hh, layer.bias_hh, gate * layer.H + j, layer.H, h);
}

/// State s of row b out of [S, B, H].
template <class Real>
std::vector<double> StateRow(const RandomLayer<Real>& layer, const Buffer<Real>& states,
                             std::size_t s, std::size_t b) {
  const Real* first = &states[(s * layer.B + b) * Padded<Real>(layer.H)];
  return {first, first + layer.H};
}

/// The worst difference of a walk's y and last states from those of `step(layer, x, state)`, which
/// gives the state after one more step, on every instruction set.
template <class Real, class Step>
double WorstAgainstThePaper(std::string_view cell, const Step& step) {
  double worst = 0;
  const auto compare = [&worst](const auto& ours, const std::vector<double>& papers) {
    for (std::size_t j = 0; j < papers.size(); ++j) {
      worst = std::max(worst, std::abs(ours[j] - papers[j]));
    }
  };
  ForEachInstructionSet([&] {
    for (const std::size_t H : {1, 7, 16, 33}) {  // around the vector widths
      RandomLayer<Real> layer(*FindCell(cell), {4, 7, 3, H}, /*seed=*/42);
      layer.Forward();
      for (std::size_t b = 0; b < layer.B; ++b) {
        PaperState state;
        for (std::size_t s = 0; s < layer.S; ++s) {
          state.push_back(StateRow(layer, layer.before, s, b));
        }
        for (std::size_t t = 0; t < layer.T; ++t) {
          state = step(layer, layer.XAt(t, b), state);
          compare(layer.YAt(t, b), state[0]);
        }
        for (std::size_t s = 0; s < layer.S; ++s) {
          compare(StateRow(layer, layer.after, s, b), state[s]);
        }
      }
    }
  });
  testing::Test::RecordProperty("worst", testing::PrintToString(worst));
  return worst;
}

}  // namespace unroll::test
