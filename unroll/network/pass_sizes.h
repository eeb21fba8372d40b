// How much memory a pass takes, array by array: what it allocates and what PassBytes promises are
// the same sums. For network/ alone.
#pragma once

#include <algorithm>
#include <cstddef>

#include "unroll/network/pass.h"

namespace unroll {

/// What a pass is made for: its most steps and rows, and more.
struct PassSizes {
  std::size_t T, B;
  PassOptions options;
  bool trains() const { return options.kind == PassKind::kTraining; }
  bool watched() const { return trains() && options.threshold.kind != Threshold::Kind::kNone; }
};

/// Numbers of every array that one direction of one layer needs. A dense layer has no time: all its
/// rows are rows of one step.
template <class Real>
struct WaySizes {
  WaySizes(const Specification& s, const Recurrent<Real>& layer, bool reads_second,
           const PassSizes& pass) {
    const CellFacts& cell = layer.cell();
    const std::size_t I = layer.inputs(), H = layer.units(), Hp = Padded<Real>(H);
    T = layer.is_dense() ? 1 : pass.T, B = layer.is_dense() ? pass.T * pass.B : pass.B;
    const auto S = static_cast<std::size_t>(cell.states);
    y = T * B * Hp;
    if (!layer.is_dense()) state = S * B * Hp, initial = S * pass.options.N * Hp;
    if (!pass.trains()) return;
    const BackSizes<Real> back(cell, I, H);
    w_back = back.w, u_back = back.u;
    tape = TapeSize<Real>(cell, H, T, B);
    const bool masked = s.recurrent_dropout > 0 && !layer.is_dense();
    operands = OperandSize<Real>(cell, H, T, B, masked);
    if (masked) mask = std::max(pass.options.N, B) * Hp;
    if (s.dropout > 0 && !layer.is_dense()) dropped = y;
    d_y = y, d_state = S * B * Hp, d_initial = initial;
    if (reads_second) d_second = T * B * Padded<Real>(I);
    if (pass.watched() && !layer.is_dense()) kept = S * T * B;
  }
  /// As much of a layer as sizes depend on.
  static WalkWeights<Real> WalksAlone(const Recurrent<Real>& layer) {
    return {&WalksOf<Real>(layer.cell()), layer.inputs(), layer.units(), {}, nullptr, nullptr};
  }
  std::size_t total() const {
    return 2 * state + initial + y + dropped + mask + d_y + d_state + d_initial + d_second + tape +
           operands + w_back + u_back + kept;
  }

  std::size_t T, B, y, state = 0, initial = 0, dropped = 0, mask = 0;
  std::size_t d_y = 0, d_state = 0, d_initial = 0, d_second = 0;
  std::size_t tape = 0, operands = 0, w_back = 0, u_back = 0, kept = 0;
};

/// What one layer hands on is what its one direction wrote, unless something comes between.
template <class Real>
struct JoinSizes {
  JoinSizes(const Specification& s, std::size_t k, const PassSizes& pass) {
    if (k == s.layers) return;
    const std::size_t numbers = pass.T * pass.B * Padded<Real>(s.OutputsOf(k));
    const bool two = s.directions() == 2;
    const bool adds_input = s.residual && k > 0;
    if (two || adds_input) joined = numbers;
    // What is added to the input's gradient must outlive the dropping of the output's.
    if (pass.trains() && (two || (adds_input && s.dropout > 0))) d_joined = numbers;
  }
  std::size_t joined = 0, d_joined = 0;
};

/// Rows of a dense layer that are walked at once where there is no tape: their sums stay in the
/// second-level cache.
inline constexpr std::size_t kDenseRows = 1024;

/// Numbers of scratch for all walks of a layer. A dense one uses it for sums or columns alone.
template <class Real>
std::size_t ScratchOf(const Recurrent<Real>& layer, const PassSizes& pass, int threads) {
  const std::size_t T = layer.is_dense() ? 1 : pass.T;
  const std::size_t B = layer.is_dense() ? std::min(kDenseRows, pass.T * pass.B) : pass.B;
  return ScratchSize(WaySizes<Real>::WalksAlone(layer), T, B, threads,
                     pass.watched() && !layer.is_dense());
}

}  // namespace unroll
