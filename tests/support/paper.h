// The cells' equations as their papers have them, in plain scalar arithmetic, one function a cell.
//
// What is fast is held against what can be read. A Number is a double, or a Var (scalar_tape.h)
// that knows its gradient. Weights lie in PyTorch's layout; docs/notation.md has the letters.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/cells/options.h"

namespace unroll::test {

/// The states of one row, S vectors of H numbers.
template <class Number>
using PaperState = std::vector<std::vector<Number>>;

template <class Number>
struct PaperWeights {
  std::size_t I, H;
  std::vector<Number> weight_ih, weight_hh, bias_ih, bias_hh, weight_peephole;
};

inline double ValueOf(double v) { return v; }
/// f(v), where f has that value and that slope.
inline double Chain(double /*v*/, double value, double /*slope*/) { return value; }

/// The activation of v, which is bounded to [-clip, clip] first where clip is not 0. Where it has a
/// kink, its slope is that of the flat side.
template <class Number>
Number Activate(Activation activation, double clip, const Number& v) {
  const double whole = ValueOf(v);
  const double x = clip > 0 ? std::clamp(whole, -clip, clip) : whole;
  const double through = clip > 0 && std::abs(whole) >= clip ? 0 : 1;
  switch (activation) {
    case Activation::kTanh:
      return Chain(v, std::tanh(x), through / (std::cosh(x) * std::cosh(x)));
    case Activation::kSigmoid:
      return Chain(v, 1 / (1 + std::exp(-x)), through / ((1 + std::exp(-x)) * (1 + std::exp(x))));
    case Activation::kRelu:
      return Chain(v, x > 0 ? x : 0, x > 0 ? through : 0);
    case Activation::kHardSigmoid:
      return Chain(v, std::clamp(0.2 * x + 0.5, 0.0, 1.0), std::abs(x) < 2.5 ? 0.2 * through : 0);
    case Activation::kIdentity:
      return Chain(v, x, through);
  }
  throw std::logic_error("no such activation");
}

/// One step of one row.
template <class Number>
struct PaperStep {
  const PaperWeights<Number>& weights;
  const CellOptions& options;
  std::vector<Number> x;      ///< [I]
  PaperState<Number> before;  ///< [S, H]
  std::vector<Number> mask;   ///< [H] what h is multiplied with on its way to U; empty: 1

  Number Gate(const Number& v) const { return Activate(options.gate_activation, options.clip, v); }
  Number Candidate(const Number& v) const { return Activate(options.activation, options.clip, v); }
  Number Output(const Number& v) const {
    return Activate(options.output_activation, options.clip, v);
  }

  /// Unit j of W x + b, and of U a + b, for gate number `gate`.
  Number Input(std::size_t gate, std::size_t j) const {
    return Sum(weights.weight_ih, weights.bias_ih, gate * weights.H + j, x);
  }
  Number Recurrent(std::size_t gate, std::size_t j, const std::vector<Number>& a) const {
    return Sum(weights.weight_hh, weights.bias_hh, gate * weights.H + j, a);
  }
  /// h as U sees it.
  std::vector<Number> Seen() const {
    std::vector<Number> h = before[0];
    for (std::size_t j = 0; j < mask.size(); ++j) h[j] = mask[j] * h[j];
    return h;
  }

 private:
  static Number Sum(const std::vector<Number>& weight, const std::vector<Number>& bias,
                    std::size_t row, const std::vector<Number>& v) {
    Number sum = bias[row];
    for (std::size_t k = 0; k < v.size(); ++k) sum = sum + weight[row * v.size() + k] * v[k];
    return sum;
  }
};

/// Source:  Elman 1990, Cognitive Science 14(2).
template <class Number>
PaperState<Number> Elman(const PaperStep<Number>& s) {
  const std::vector<Number> h = s.Seen();
  PaperState<Number> after = s.before;
  for (std::size_t j = 0; j < s.weights.H; ++j) {
    after[0][j] = s.Candidate(s.Input(0, j) + s.Recurrent(0, j, h));
  }
  return after;
}

/// Source:  Li, Li, Cook, Zhu & Gao 2018, CVPR (IndRNN), equation 1.
template <class Number>
PaperState<Number> Elementwise(const PaperStep<Number>& s) {
  PaperState<Number> after = s.before;
  for (std::size_t j = 0; j < s.weights.H; ++j) {
    after[0][j] = s.Candidate(s.Input(0, j) + s.weights.weight_hh[j] * s.before[0][j]);
  }
  return after;
}

/// The same with one input a unit.
template <class Number>
PaperState<Number> ElementwiseInput(const PaperStep<Number>& s) {
  const PaperWeights<Number>& w = s.weights;
  PaperState<Number> after = s.before;
  for (std::size_t j = 0; j < w.H; ++j) {
    after[0][j] =
        s.Candidate(w.weight_ih[j] * s.x[j] + w.weight_hh[j] * s.before[0][j] + w.bias_ih[j]);
  }
  return after;
}

/// Gates i, f, g, o; peepholes of i, f, o where there are weights for them.
///
/// Source:  Gers, Schmidhuber & Cummins 2000, Neural Computation 12(10); the peepholes: Gers &
///          Schmidhuber 2000, IJCNN; f = 1 - i: Greff et al. 2017, IEEE TNNLS 28(10) (CIFG).
template <class Number>
PaperState<Number> Lstm(const PaperStep<Number>& s) {
  const std::size_t H = s.weights.H;
  const std::vector<Number> h = s.Seen(), c = s.before[1];
  const auto sum = [&](std::size_t gate, std::size_t j) {
    return s.Input(gate, j) + s.Recurrent(gate, j, h);
  };
  const auto peephole = [&](std::size_t row, std::size_t j, const Number& seen) {
    const std::vector<Number>& p = s.weights.weight_peephole;
    return p.empty() ? Number(0.0) : p[row * H + j] * seen;
  };
  PaperState<Number> after = s.before;
  for (std::size_t j = 0; j < H; ++j) {
    const Number i = s.Gate(sum(0, j) + peephole(0, j, c[j]));
    const Number f =
        s.options.input_forget ? Number(1.0) - i : s.Gate(sum(1, j) + peephole(1, j, c[j]));
    const Number g = s.Candidate(sum(2, j));
    after[1][j] = f * c[j] + i * g;
    const Number o = s.Gate(sum(3, j) + peephole(2, j, after[1][j]));
    after[0][j] = o * s.Output(after[1][j]);
  }
  return after;
}

/// Gates r, z, n; the reset gate after the product.
///
/// Source:  Cho et al. 2014, arXiv:1406.1078v1.
template <class Number>
PaperState<Number> Gru(const PaperStep<Number>& s) {
  const std::vector<Number> h = s.Seen();
  PaperState<Number> after = s.before;
  for (std::size_t j = 0; j < s.weights.H; ++j) {
    const Number r = s.Gate(s.Input(0, j) + s.Recurrent(0, j, h));
    const Number z = s.Gate(s.Input(1, j) + s.Recurrent(1, j, h));
    const Number n = s.Candidate(s.Input(2, j) + r * s.Recurrent(2, j, h));
    after[0][j] = (Number(1.0) - z) * n + z * s.before[0][j];
  }
  return after;
}

/// Gates r, z, n; the reset gate before the product.
///
/// Source:  Cho et al. 2014, arXiv:1406.1078v3, equations 5 to 8.
template <class Number>
PaperState<Number> GruResetBefore(const PaperStep<Number>& s) {
  const std::vector<Number> h = s.Seen();
  std::vector<Number> reset = h;
  for (std::size_t j = 0; j < s.weights.H; ++j) {
    reset[j] = s.Gate(s.Input(0, j) + s.Recurrent(0, j, h)) * h[j];
  }
  PaperState<Number> after = s.before;
  for (std::size_t j = 0; j < s.weights.H; ++j) {
    const Number z = s.Gate(s.Input(1, j) + s.Recurrent(1, j, h));
    const Number n = s.Candidate(s.Input(2, j) + s.Recurrent(2, j, reset));
    after[0][j] = (Number(1.0) - z) * n + z * s.before[0][j];
  }
  return after;
}

/// Gates z, h; neither sees the past.
///
/// Source:  Feng et al. 2024, arXiv:2410.01201, section 3.1.
template <class Number>
PaperState<Number> MinGru(const PaperStep<Number>& s) {
  PaperState<Number> after = s.before;
  for (std::size_t j = 0; j < s.weights.H; ++j) {
    const Number z = s.Gate(s.Input(0, j)), candidate = s.Input(1, j);
    after[0][j] = (Number(1.0) - z) * s.before[0][j] + z * candidate;
  }
  return after;
}

/// The state after one more step of the cell of that name.
template <class Number>
PaperState<Number> StepByThePaper(std::string_view cell, const PaperStep<Number>& step) {
  if (cell == "elman") return Elman(step);
  if (cell == "elementwise") return Elementwise(step);
  if (cell == "elementwise_input") return ElementwiseInput(step);
  if (cell == "lstm" || cell == "lstm_peephole") return Lstm(step);
  if (cell == "gru") return Gru(step);
  if (cell == "gru_reset_before") return GruResetBefore(step);
  if (cell == "mingru") return MinGru(step);
  throw std::logic_error("tests/support/paper.h has no equations of " + std::string(cell));
}

}  // namespace unroll::test
