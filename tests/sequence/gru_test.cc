// What only the GRU promises, in both of its forms. What every cell promises (its equations,
// gradients, odd sizes, the same bits for any number of threads) is in the tests beside this one,
// and runs on it unasked.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/paper_layer.h"

namespace unroll {
namespace {

using test::RandomLayer;

enum { kR, kZ, kN };  // gates, in the order that PyTorch documents

/// Opens the update gate of every unit: z = 1 to the last bit.
template <class Real>
void OpenUpdateGate(RandomLayer<Real>& layer) {
  const auto first = static_cast<std::ptrdiff_t>(kZ * layer.H);
  std::fill_n(layer.bias_ih.begin() + first, layer.H, Real(1e4));
  layer.LoadWeights();
}

class GruTest : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Forms, GruTest, testing::Values("gru", "gru_reset_before"));

TEST_P(GruTest, AnOpenUpdateGateKeepsTheStateExactly) {
  test::ForEachInstructionSet([] {
    RandomLayer<float> layer(*FindCell(GetParam()), {50, 2, 1, 5}, /*seed=*/1);
    OpenUpdateGate(layer);
    layer.Forward();
    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_EQ(test::StateRow(layer, layer.after, 0, b),
                test::StateRow(layer, layer.before, 0, b));
    }
  });
}

TEST_P(GruTest, AnOpenUpdateGateCarriesTheGradientOfTheStateExactly) {
  test::ForEachInstructionSet([] {
    RandomLayer<double> layer(*FindCell(GetParam()), {50, 2, 1, 5}, /*seed=*/2);
    OpenUpdateGate(layer);
    layer.d_y.Zero();
    layer.Forward();
    layer.Backward();
    for (std::size_t b = 0; b < 2; ++b) {
      EXPECT_EQ(test::StateRow(layer, layer.d_state, 0, b),
                test::StateRow(layer, layer.d_after, 0, b));
    }
  });
}

TEST(GruBiasTest, TheCandidateKeepsItsTwoBiasesApart) {
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
