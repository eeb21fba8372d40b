// What only the GRU promises. What every cell promises (gradients, odd sizes, the same bits for any
// number of threads) is in the tests beside this one, and runs on it unasked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"

namespace unroll {
namespace {

using test::RandomLayer;

enum { kR, kZ, kN };  // gates, in the order that PyTorch documents

double Sigmoid(double v) { return 1.0 / (1.0 + std::exp(-v)); }

/// row `row` of `weight` times v, plus its bias
template <class Real, class Vector>
double Sum(const std::vector<Real>& weight, const std::vector<Real>& bias, std::size_t row,
           std::size_t columns, const Vector& v) {
  double total = bias[row];
  for (std::size_t k = 0; k < columns; ++k) {
    total += static_cast<double>(weight[row * columns + k]) * v[k];
  }
  return total;
}

/// h after one more step, by the equations of Cho et al. (2014) with the reset gate after the
/// product.
template <class Real>
std::vector<double> ByThePaper(const RandomLayer<Real>& layer, const Real* x,
                               const std::vector<double>& h) {
  const auto input = [&](std::size_t gate, std::size_t j) {
    return Sum(layer.weight_ih, layer.bias_ih, gate * layer.H + j, layer.I, x);
  };
  const auto recurrent = [&](std::size_t gate, std::size_t j) {
    return Sum(layer.weight_hh, layer.bias_hh, gate * layer.H + j, layer.H, h);
  };
  std::vector<double> after(layer.H);
  for (std::size_t j = 0; j < layer.H; ++j) {
    const double r = Sigmoid(input(kR, j) + recurrent(kR, j));
    const double z = Sigmoid(input(kZ, j) + recurrent(kZ, j));
    const double n = std::tanh(input(kN, j) + r * recurrent(kN, j));
    after[j] = (1.0 - z) * n + z * h[j];
  }
  return after;
}

template <class Real>
std::vector<double> StateRow(const RandomLayer<Real>& layer, const Buffer<Real>& states,
                             std::size_t b) {
  const Real* first = &states[b * Padded<Real>(layer.H)];
  return {first, first + layer.H};
}

/// The worst difference of y from the paper's.
template <class Real>
double WorstAgainstThePaper() {
  double worst = 0;
  test::ForEachInstructionSet([&] {
    for (const std::size_t H : {1, 7, 16, 33}) {  // around the vector widths
      RandomLayer<Real> layer(*FindCell("gru"), {4, 7, 3, H}, /*seed=*/42);
      layer.Forward();
      for (std::size_t b = 0; b < layer.B; ++b) {
        std::vector<double> h = StateRow(layer, layer.before, b);
        for (std::size_t t = 0; t < layer.T; ++t) {
          h = ByThePaper(layer, layer.XAt(t, b), h);
          for (std::size_t j = 0; j < H; ++j) {
            worst = std::max(worst, std::abs(layer.YAt(t, b)[j] - h[j]));
          }
        }
      }
    }
  });
  testing::Test::RecordProperty("worst", testing::PrintToString(worst));
  return worst;
}

TEST(GruTest, FollowsThePaperOnEveryInstructionSet) {
  EXPECT_LE(WorstAgainstThePaper<double>(), 1e-14);
  EXPECT_LE(WorstAgainstThePaper<float>(), 3e-6);
}

/// Opens the update gate of every unit: z = 1 to the last bit.
template <class Real>
void OpenUpdateGate(RandomLayer<Real>& layer) {
  const auto first = static_cast<std::ptrdiff_t>(kZ * layer.H);
  std::fill_n(layer.bias_ih.begin() + first, layer.H, Real(1e4));
  layer.LoadWeights();
}

TEST(GruTest, AnOpenUpdateGateKeepsTheStateExactly) {
  test::ForEachInstructionSet([] {
    RandomLayer<float> layer(*FindCell("gru"), {50, 2, 1, 5}, /*seed=*/1);
    OpenUpdateGate(layer);
    layer.Forward();
    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_EQ(StateRow(layer, layer.after, b), StateRow(layer, layer.before, b));
    }
  });
}

TEST(GruTest, AnOpenUpdateGateCarriesTheGradientOfTheStateExactly) {
  test::ForEachInstructionSet([] {
    RandomLayer<double> layer(*FindCell("gru"), {50, 2, 1, 5}, /*seed=*/2);
    OpenUpdateGate(layer);
    layer.d_y.Zero();
    layer.Forward();
    layer.Backward();
    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_EQ(StateRow(layer, layer.d_state, b), StateRow(layer, layer.d_after, b));
    }
  });
}

TEST(GruTest, TheCandidateKeepsItsTwoBiasesApart) {
  RandomLayer<float> layer(*FindCell("gru"), {1, 1, 2, 9}, /*seed=*/3);
  const std::size_t H = layer.H;
  std::vector<float> w(3 * H * 2), u(3 * H * H), b(3 * H), b_u(3 * H, 1.0f);
  Unpack(layer.plan, layer.walks->lanes, layer.plan.In(std::as_const(layer.weights).data()),
         PlainWeights<float>{w.data(), u.data(), b.data(), b_u.data()});
  for (std::size_t i = 0; i < 3 * H; ++i) {
    const bool apart = i / H == kN;
    EXPECT_EQ(b[i], apart ? layer.bias_ih[i] : layer.bias_ih[i] + layer.bias_hh[i]) << i;
    EXPECT_EQ(b_u[i], apart ? layer.bias_hh[i] : 0) << i;
  }
}

}  // namespace
}  // namespace unroll
