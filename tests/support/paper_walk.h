// A cell's equations unrolled over a batch in plain scalar arithmetic, and back through time: what
// the walks of sequence/ are held against, outputs and gradients alike, without differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tests/support/paper.h"
#include "tests/support/scalar_tape.h"
#include "unroll/sequence/batch.h"
#include "unroll/sequence/threshold.h"

namespace unroll::test {

/// What goes into a walk, as sequence/batch.h has it but dense.
template <class Number>
struct PaperBatch {
  std::size_t T, B, N, S;
  std::vector<Number> x{};                          ///< [T, B, I]
  std::vector<Number> before{};                     ///< [S, B, H]
  std::vector<std::int32_t> sequence{}, carried{};  ///< [T, B], [B]; empty: none
  std::vector<Number> initial{};                    ///< [S, N, H]
  std::vector<Number> mask{};                       ///< [N or B, H]; empty: 1
  bool reverse = false;
};

/// One row of a dense array of rows.
template <class Number>
std::vector<Number> RowOf(const std::vector<Number>& array, std::size_t row, std::size_t columns) {
  const auto first = array.begin() + static_cast<std::ptrdiff_t>(row * columns);
  return {first, first + static_cast<std::ptrdiff_t>(columns)};
}

template <class Number>
struct PaperOutputs {
  std::vector<Number> y;      ///< [T, B, H]; 0 where a row idles
  std::vector<Number> after;  ///< [S, B, H]
};

/// Walks; `passed(state, t, b)` is the state before a step as the step takes it.
template <class Number, class Passed>
PaperOutputs<Number> WalkByThePaper(std::string_view cell, const PaperWeights<Number>& weights,
                                    const CellOptions& options, const PaperBatch<Number>& batch,
                                    const Passed& passed) {
  const std::size_t T = batch.T, B = batch.B, H = weights.H;
  PaperOutputs<Number> out{std::vector<Number>(T * B * H), std::vector<Number>(batch.S * B * H)};
  for (std::size_t b = 0; b < B; ++b) {
    PaperState<Number> state;
    for (std::size_t s = 0; s < batch.S; ++s) state.push_back(RowOf(batch.before, s * B + b, H));
    std::int32_t current = batch.carried.empty() ? kIdle : batch.carried[b];
    for (std::size_t i = 0; i < T; ++i) {
      const std::size_t t = batch.reverse ? T - 1 - i : i;
      std::size_t owner = b;
      if (!batch.sequence.empty()) {
        const std::int32_t id = batch.sequence[t * B + b];
        if (id == kIdle) continue;
        owner = static_cast<std::size_t>(id);
        for (std::size_t s = 0; s < batch.S && id != current; ++s) {
          state[s] = RowOf(batch.initial, s * batch.N + owner, H);
        }
        current = id;
      }
      const std::vector<Number> mask =
          batch.mask.empty() ? std::vector<Number>() : RowOf(batch.mask, owner, H);
      state = StepByThePaper(
          cell, PaperStep<Number>{weights, options, RowOf(batch.x, t * B + b, weights.I),
                                  passed(state, t, b), mask});
      for (std::size_t j = 0; j < H; ++j) out.y[(t * B + b) * H + j] = state[0][j];
    }
    for (std::size_t s = 0; s < batch.S; ++s) {
      for (std::size_t j = 0; j < H; ++j) out.after[(s * B + b) * H + j] = state[s][j];
    }
  }
  return out;
}

/// Bounds the gradient of one state that reached it through a step; returns the share of its norm
/// that is left.
inline double Bound(const Threshold& threshold, std::span<double> gradient) {
  const auto norm = [&] {
    double squares = 0;
    for (const double g : gradient) squares += g * g;
    return std::sqrt(squares);
  };
  const double whole = norm();
  for (double& g : gradient) {
    if (threshold.kind == Threshold::Kind::kValue) {
      g = std::clamp(g, -threshold.limit, threshold.limit);
    } else if (threshold.kind == Threshold::Kind::kNorm && whole > threshold.limit) {
      g *= threshold.limit / whole;
    }
  }
  return whole > 0 ? norm() / whole : 1;
}

/// Gradients of sum(d_y * y) + sum(d_after * after), in the order of what they are gradients of.
struct PaperGradients {
  PaperOutputs<double> out;
  PaperWeights<double> d_weights;
  std::vector<double> d_x, d_before, d_initial;
  std::vector<double> kept;  ///< [S, T, B] what the threshold left; 1 where a row idles
};

/// Back-propagation through time, with the threshold on what each step passes back.
inline PaperGradients GradientsByThePaper(std::string_view cell, const PaperWeights<double>& w,
                                          const CellOptions& options,
                                          const PaperBatch<double>& batch,
                                          const std::vector<double>& d_y,
                                          const std::vector<double>& d_after,
                                          const Threshold& threshold = {}) {
  ScalarTape tape;
  const PaperWeights<Var> weights{w.I,
                                  w.H,
                                  tape.Leaves(w.weight_ih),
                                  tape.Leaves(w.weight_hh),
                                  tape.Leaves(w.bias_ih),
                                  tape.Leaves(w.bias_hh),
                                  tape.Leaves(w.weight_peephole)};
  const PaperBatch<Var> leaves{batch.T,
                               batch.B,
                               batch.N,
                               batch.S,
                               tape.Leaves(batch.x),
                               tape.Leaves(batch.before),
                               batch.sequence,
                               batch.carried,
                               tape.Leaves(batch.initial),
                               {batch.mask.begin(), batch.mask.end()},
                               batch.reverse};
  PaperGradients result;
  result.kept.assign(batch.S * batch.T * batch.B, 1);
  const auto passed = [&](PaperState<Var> state, std::size_t t, std::size_t b) {
    for (std::size_t s = 0; s < batch.S; ++s) {
      double* const kept = &result.kept[(s * batch.T + t) * batch.B + b];
      state[s] = tape.Bent(state[s], [&threshold, kept](std::span<double> gradient) {
        *kept = Bound(threshold, gradient);
      });
    }
    return state;
  };
  const PaperOutputs<Var> out = WalkByThePaper(cell, weights, options, leaves, passed);

  Var error = 0;
  const auto count = [&error](const std::vector<Var>& numbers, const std::vector<double>& d,
                              std::vector<double>& values) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      error = error + numbers[i] * d.at(i);
      values.push_back(numbers[i].value);
    }
  };
  count(out.y, d_y, result.out.y);
  count(out.after, d_after, result.out.after);
  tape.Backward(error);
  result.d_weights = {w.I,
                      w.H,
                      tape.GradientsOf(weights.weight_ih),
                      tape.GradientsOf(weights.weight_hh),
                      tape.GradientsOf(weights.bias_ih),
                      tape.GradientsOf(weights.bias_hh),
                      tape.GradientsOf(weights.weight_peephole)};
  result.d_x = tape.GradientsOf(leaves.x);
  result.d_before = tape.GradientsOf(leaves.before);
  result.d_initial = tape.GradientsOf(leaves.initial);
  return result;
}

}  // namespace unroll::test
