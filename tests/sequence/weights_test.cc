// Packed weights: PyTorch's layout comes back as it was; how a walk is split; denormals.
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"
#include "tests/support/same_bits.h"

namespace unroll {
namespace {

using test::RandomLayer;
using test::SameBits;

template <class Real>
void ExpectRoundTrip() {
  test::ForEachInstructionSet([] {
    for (const CellFacts& cell : Cells()) {
      for (const std::size_t H : {1, 7, 16, 33}) {
        RandomLayer<Real> layer(cell, {1, 1, 5, H}, /*seed=*/1);
        for (std::size_t row = 0; row < layer.bias_hh.size(); ++row) {
          if (AddsItsBiases(cell, static_cast<int>(row / H))) layer.bias_hh[row] = 0;
        }
        layer.LoadWeights();
        const auto blank = [](const std::vector<Real>& like) {
          return std::vector<Real>(like.size(), Real(1));
        };
        std::vector<Real> w = blank(layer.weight_ih), u = blank(layer.weight_hh);
        std::vector<Real> b = blank(layer.bias_ih), b_u = blank(layer.bias_hh);
        std::vector<Real> p = blank(layer.weight_peephole);
        Unpack(layer.plan, layer.walks->lanes, layer.plan.In(std::as_const(layer.weights).data()),
               PlainWeights<Real>{w.data(), u.data(), b.data(), b_u.data(), p.data()});
        EXPECT_TRUE(SameBits(w, layer.weight_ih)) << cell.name << ", H " << H;
        EXPECT_TRUE(SameBits(b, layer.bias_ih)) << cell.name << ", H " << H;
        EXPECT_TRUE(SameBits(u, layer.weight_hh)) << cell.name << ", H " << H;
        EXPECT_TRUE(SameBits(b_u, layer.bias_hh)) << cell.name << ", H " << H;
        EXPECT_TRUE(SameBits(p, layer.weight_peephole)) << cell.name << ", H " << H;
      }
    }
  });
}

TEST(WeightsTest, ComeBackFromThePanelsBitForBit) {
  ExpectRoundTrip<float>();
  ExpectRoundTrip<double>();
}

TEST(WeightsTest, BothBiasesOfASumComeBackAsTheirSumAndZero) {
  RandomLayer<float> layer(*FindCell("lstm"), {1, 1, 2, 9}, /*seed=*/2);
  std::vector<float> w(4 * 9 * 2), u(4 * 9 * 9), b(4 * 9), b_u(4 * 9, 1.0f);
  Unpack(layer.plan, layer.walks->lanes, layer.plan.In(std::as_const(layer.weights).data()),
         PlainWeights<float>{w.data(), u.data(), b.data(), b_u.data()});
  for (std::size_t i = 0; i < b.size(); ++i) {
    EXPECT_EQ(b[i], layer.bias_ih[i] + layer.bias_hh[i]);
    EXPECT_EQ(b_u[i], 0);
  }
}

TEST(WeightsTest, PaddingOfThePanelsIsZero) {
  RandomLayer<float> layer(*FindCell("lstm"), {1, 1, 1, 3}, /*seed=*/3);
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) zeros += layer.weights[i] == 0;
  EXPECT_EQ(layer.weights.size() - zeros, 4u * 3 * (1 + 3 + 1));
}

TEST(WalksTest, OfACellInNoListAreRefused) {
  const CellFacts copy = *FindCell("lstm");
  EXPECT_THROW(WalksOf<float>(copy), std::logic_error);
  EXPECT_THROW(WalksOf<double>(copy), std::logic_error);
}

TEST(SplitTest, IsByWhatAStepCosts) {
  constexpr std::size_t kLittle = 1 << 20, kMuch = (2 << 20) + 1, kFlops = 64 << 10;
  EXPECT_EQ(ChooseSplit(kLittle, kFlops - 1, 100, 4), Split::kAlone) << "not worth waiting";
  EXPECT_EQ(ChooseSplit(kLittle, kFlops, 100, 1), Split::kAlone) << "one thread";
  EXPECT_EQ(ChooseSplit(kLittle, kFlops, 16, 4), Split::kRows);
  EXPECT_EQ(ChooseSplit(kLittle, kFlops, 15, 4), Split::kUnits) << "too few rows";
  EXPECT_EQ(ChooseSplit(kMuch, kFlops, 16, 4), Split::kUnits) << "U is too large";
}

TEST(SplitTest, WithoutAProductThatWaitsIsByWhatTheWholeWalkCosts) {
  constexpr std::size_t kNone = 0, kFlops = 4 << 20;
  EXPECT_EQ(ChooseSplit(kNone, kFlops - 1, 100, 4), Split::kAlone) << "not worth waking a thread";
  EXPECT_EQ(ChooseSplit(kNone, kFlops, 16, 4), Split::kRows);
  EXPECT_EQ(ChooseSplit(kNone, kFlops, 15, 4), Split::kUnits) << "too few rows";
}

TEST(WeightsTest, OfACellThatReadsXItselfNeedAsManyInputsAsUnits) {
  Layout<float> layout;
  EXPECT_THROW(WeightPlan<float>(*FindCell("elementwise_input"), 3, 4, layout), std::logic_error);
  EXPECT_NO_THROW(WeightPlan<float>(*FindCell("elementwise_input"), 4, 4, layout));
}

#if defined(__x86_64__)
/// Whether this thread computes with denormal numbers.
bool HasDenormals() {
  volatile float small = std::numeric_limits<float>::min();
  return small / 2 != 0;
}

TEST(DenormalsTest, AreTheCallersOwnAgainAfterEachWalk) {
  ASSERT_TRUE(HasDenormals());
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {2, 3, 2, 20}, /*seed=*/4);
    Buffer<float> scratch(AdvanceScratch(layer.Weights(), layer.B));
    const auto walk = [&](bool expected) {
      for (const Split split : {Split::kAlone, Split::kUnits}) {
        layer.Forward(split, 2);
        EXPECT_EQ(HasDenormals(), expected) << "Forward";
        layer.Backward(split, 2);
        EXPECT_EQ(HasDenormals(), expected) << "Backward";
      }
      Advance(layer.Weights(), layer.B, layer.x.data(), layer.before.data(), scratch.data());
      EXPECT_EQ(HasDenormals(), expected) << "Advance";
    };
    walk(true);
    const FlushDenormals flush;
    walk(false);
  }
}

TEST(DenormalsTest, CountAsZeroInAWalk) {
  RandomLayer<float> layer(*FindCell("lstm"), {1, 1, 1, 1}, /*seed=*/5);
  for (auto* weights : {&layer.weight_ih, &layer.weight_hh, &layer.bias_ih, &layer.bias_hh}) {
    weights->assign(weights->size(), 0.0f);
  }
  layer.LoadWeights();
  layer.before.Zero();
  layer.before[Padded<float>(1)] = std::numeric_limits<float>::min();  // c, halved by its gate
  layer.Forward();
  EXPECT_EQ(layer.after[Padded<float>(1)], 0);
  Buffer<float> scratch(AdvanceScratch(layer.Weights(), 1));
  Advance(layer.Weights(), 1, layer.x.data(), layer.before.data(), scratch.data());
  EXPECT_EQ(layer.before[Padded<float>(1)], 0);
}
#endif

}  // namespace
}  // namespace unroll
