// What only the LSTM promises. What every cell promises (its equations, gradients, odd sizes, the
// same bits for any number of threads) is in the tests beside this one, and runs on it unasked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/paper_layer.h"

namespace unroll {
namespace {

using test::RandomLayer;

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
      EXPECT_EQ(test::StateRow(layer, layer.after, 1, b),
                test::StateRow(layer, layer.before, 1, b));
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
    EXPECT_EQ(test::StateRow(layer, layer.d_state, 1, b),
              test::StateRow(layer, layer.d_after, 1, b));
  }
}

TEST(LstmTest, PeepholesOfZeroLeaveTheBitsOfTheCellWithout) {
  test::ForEachInstructionSet([] {
    RandomLayer<float> plain(*FindCell("lstm"), {5, 3, 2, 19}, /*seed=*/4);
    RandomLayer<float> with(*FindCell("lstm_peephole"), {5, 3, 2, 19}, /*seed=*/4);
    plain.weight_ih = with.weight_ih, plain.weight_hh = with.weight_hh;
    plain.bias_ih = with.bias_ih, plain.bias_hh = with.bias_hh;
    with.weight_peephole.assign(with.weight_peephole.size(), 0);
    std::copy_n(with.x.data(), with.x.size(), plain.x.data());
    std::copy_n(with.before.data(), with.before.size(), plain.before.data());
    for (RandomLayer<float>* layer : {&plain, &with}) layer->LoadWeights(), layer->Forward();
    EXPECT_EQ(test::Dense(plain.y, plain.H), test::Dense(with.y, with.H));
  });
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
