// What only the LSTM promises. What every cell promises (gradients, odd sizes, the same bits for
// any number of threads) is in the tests beside this one, and runs on it unasked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"

namespace unroll {
namespace {

using test::RandomLayer;

double Sigmoid(double v) { return 1.0 / (1.0 + std::exp(-v)); }

struct LstmState {
  std::vector<double> h, c;
};

/// The state after one more step, by the equations of Gers et al. (2000); weights by rows i, f, g,
/// o as PyTorch documents them.
template <class Real>
LstmState ByThePaper(const RandomLayer<Real>& layer, const Real* x, const LstmState& before) {
  const std::size_t H = layer.H, I = layer.I;
  const auto sum = [&](std::size_t gate, std::size_t j) {
    const std::size_t row = gate * H + j;
    double total = static_cast<double>(layer.bias_ih[row]) + layer.bias_hh[row];
    for (std::size_t k = 0; k < I; ++k) {
      total += static_cast<double>(layer.weight_ih[row * I + k]) * x[k];
    }
    for (std::size_t k = 0; k < H; ++k) total += layer.weight_hh[row * H + k] * before.h[k];
    return total;
  };
  LstmState after = before;
  for (std::size_t j = 0; j < H; ++j) {
    const double i = Sigmoid(sum(0, j)), f = Sigmoid(sum(1, j));
    const double g = std::tanh(sum(2, j)), o = Sigmoid(sum(3, j));
    after.c[j] = f * before.c[j] + i * g;
    after.h[j] = o * std::tanh(after.c[j]);
  }
  return after;
}

template <class Real>
std::vector<double> StateRow(const RandomLayer<Real>& layer, const Buffer<Real>& states,
                             std::size_t s, std::size_t b) {
  const Real* first = &states[(s * layer.B + b) * Padded<Real>(layer.H)];
  return {first, first + layer.H};
}

/// The worst difference of y and of the last state from the paper's.
template <class Real>
double WorstAgainstThePaper() {
  double worst = 0;
  test::ForEachInstructionSet([&] {
    for (const std::size_t H : {1, 7, 16, 33}) {  // around the vector widths
      RandomLayer<Real> layer(*FindCell("lstm"), {4, 7, 3, H}, /*seed=*/42);
      layer.Forward();
      for (std::size_t b = 0; b < layer.B; ++b) {
        LstmState state{StateRow(layer, layer.before, 0, b), StateRow(layer, layer.before, 1, b)};
        for (std::size_t t = 0; t < layer.T; ++t) {
          state = ByThePaper(layer, layer.XAt(t, b), state);
          for (std::size_t j = 0; j < H; ++j) {
            worst = std::max(worst, std::abs(layer.YAt(t, b)[j] - state.h[j]));
          }
        }
        const std::vector<double> c = StateRow(layer, layer.after, 1, b);
        for (std::size_t j = 0; j < H; ++j) worst = std::max(worst, std::abs(c[j] - state.c[j]));
      }
    }
  });
  testing::Test::RecordProperty("worst", testing::PrintToString(worst));
  return worst;
}

TEST(LstmTest, FollowsThePaperOnEveryInstructionSet) {
  EXPECT_LE(WorstAgainstThePaper<double>(), 1e-14);
  EXPECT_LE(WorstAgainstThePaper<float>(), 3e-6);
}

/// An LSTM of which the rows of `gate` have the bias `bias` and no weights.
template <class Real>
void FixGate(RandomLayer<Real>& layer, std::size_t gate, Real bias) {
  const std::size_t H = layer.H;
  const auto rows = [&](std::vector<Real>& weight, std::size_t columns, Real value) {
    std::fill_n(weight.begin() + static_cast<std::ptrdiff_t>(gate * H * columns), H * columns,
                value);
  };
  rows(layer.weight_ih, layer.I, 0), rows(layer.weight_hh, H, 0);
  rows(layer.bias_ih, 1, bias), rows(layer.bias_hh, 1, 0);
}

TEST(LstmTest, AnOpenForgetGateKeepsTheCellStateExactly) {
  test::ForEachInstructionSet([] {
    RandomLayer<float> layer(*FindCell("lstm"), {50, 2, 1, 5}, /*seed=*/1);
    FixGate(layer, 0, -1e4f);  // nothing is stored: i = e^-87 is far below c's last bit
    FixGate(layer, 1, 1e4f);   // everything is kept
    layer.LoadWeights();
    layer.Forward();
    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_EQ(StateRow(layer, layer.after, 1, b), StateRow(layer, layer.before, 1, b));
    }
  });
}

TEST(LstmTest, AnOpenForgetGateCarriesTheGradientOfTheCellStateExactly) {
  RandomLayer<double> layer(*FindCell("lstm"), {50, 2, 1, 5}, /*seed=*/2);
  FixGate(layer, 1, 1e4);
  layer.LoadWeights();
  layer.d_y.Zero();
  std::fill_n(layer.d_after.data(), layer.B * Padded<double>(layer.H), 0.0);  // of h
  FixGate(layer, 3, -1e4);  // nothing is shown, so nothing comes back through h
  layer.LoadWeights();
  layer.Forward();
  layer.Backward();
  for (std::size_t b = 0; b < 2; ++b) {
    EXPECT_EQ(StateRow(layer, layer.d_state, 1, b), StateRow(layer, layer.d_after, 1, b));
  }
}

TEST(LstmTest, ANanIsNotHiddenByTheGates) {
  test::ForEachInstructionSet([] {
    RandomLayer<float> layer(*FindCell("lstm"), {3, 2, 1, 17}, /*seed=*/3);
    layer.x[0] = std::numeric_limits<float>::quiet_NaN();  // of row 0
    layer.Forward();
    for (std::size_t t = 0; t < layer.T; ++t) {
      for (std::size_t j = 0; j < layer.H; ++j) {
        EXPECT_TRUE(std::isnan(layer.YAt(t, 0)[j]));
        EXPECT_FALSE(std::isnan(layer.YAt(t, 1)[j])) << "row 1 has nothing to do with it";
      }
    }
  });
}

}  // namespace
}  // namespace unroll
