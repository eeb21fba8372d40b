// The equations that cells are held against, themselves held against PyTorch, so that no error of
// ours stands on both sides: outputs, last states, and the gradients of the scalar tape.
#include "tests/support/paper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/golden_case.h"
#include "tests/support/paper_walk.h"

namespace unroll {
namespace {

using test::GoldenCase;

test::PaperWeights<double> WeightsOf(const GoldenCase& golden, const std::string& prefix = "") {
  const std::vector<std::size_t>& x = golden.At("x").extents;
  const auto weight = [&](const char* name) { return golden.Numbers(prefix + name + "_l0"); };
  return {x[2],
          golden.At("h_0").extents[2],
          weight("weight_ih"),
          weight("weight_hh"),
          weight("bias_ih"),
          weight("bias_hh"),
          weight("weight_peephole")};
}

/// The worst difference of a case of one layer, relative to the largest entry of its tensor.
double WorstOf(const std::string& cell, const GoldenCase& golden) {
  const std::vector<std::size_t>& x = golden.At("x").extents;
  const test::PaperBatch<double> batch{x[0],
                                       x[1],
                                       0,
                                       golden.Has("c_0") ? std::size_t{2} : std::size_t{1},
                                       golden.Numbers("x"),
                                       golden.States("_0", 0),
                                       {},
                                       {},
                                       {},
                                       golden.Numbers("mask")};
  const test::PaperGradients ours =
      GradientsByThePaper(cell, WeightsOf(golden), golden.options(), batch, golden.Numbers("d_y"),
                          golden.States("_n", 0, "d_"));
  const test::PaperWeights<double>&w = ours.d_weights, theirs = WeightsOf(golden, "d_");
  return std::max({test::WorstDifference(ours.out.y, golden.Numbers("y")),
                   test::WorstDifference(ours.out.after, golden.States("_n", 0)),
                   test::WorstDifference(ours.d_before, golden.States("_0", 0, "d_")),
                   test::WorstDifference(ours.d_x, golden.Numbers("d_x")),
                   test::WorstDifference(w.weight_ih, theirs.weight_ih),
                   test::WorstDifference(w.weight_hh, theirs.weight_hh),
                   test::WorstDifference(w.bias_ih, theirs.bias_ih),
                   test::WorstDifference(w.bias_hh, theirs.bias_hh),
                   test::WorstDifference(w.weight_peephole, theirs.weight_peephole)});
}

TEST(PaperTest, EquationsAndTheirGradientsAreThoseOfPytorch) {
  for (const char* cell : {"elman", "elementwise", "elementwise_input", "lstm", "lstm_peephole",
                           "gru", "gru_reset_before", "mingru"}) {
    const test::Golden golden = test::ReadGolden(std::string(cell) + ".txt");
    int compared = 0;
    for (const GoldenCase& one : test::CasesOf(golden)) {
      if (one.layers() > 1) continue;
      EXPECT_LE(WorstOf(cell, one), 1e-12) << cell << ": " << one.name();
      ++compared;
    }
    EXPECT_GE(compared, 8) << cell;
  }
}

TEST(PaperTest, ThresholdsBoundWhatEveryStepPassesBack) {
  // h' = 3 h over four steps, error = the last h: 3, 9, 27 and 81 without a threshold.
  const test::PaperWeights<double> weights{1, 1, {0}, {3}, {0}, {}, {}};
  CellOptions identity;
  identity.activation = Activation::kIdentity;
  const test::PaperBatch<double> batch{4, 1, 0, 1, {0, 0, 0, 0}, {1}};
  const auto d_before = [&](const Threshold& threshold) {
    const test::PaperGradients gradients =
        GradientsByThePaper("elementwise", weights, identity, batch, {0, 0, 0, 0}, {1}, threshold);
    return std::pair(gradients.d_before[0], gradients.kept);
  };
  using Kept = std::vector<double>;
  EXPECT_EQ(d_before({}), std::pair(81.0, Kept({1, 1, 1, 1})));
  for (const Threshold::Kind kind : {Threshold::Kind::kValue, Threshold::Kind::kNorm}) {
    EXPECT_EQ(d_before({kind, 6}), std::pair(6.0, Kept({6.0 / 18, 6.0 / 18, 6.0 / 9, 1})));
    EXPECT_EQ(d_before({kind, 100}), std::pair(81.0, Kept({1, 1, 1, 1})));
  }
}

TEST(PaperTest, AThresholdByNormKeepsTheDirectionAndOneByValueDoesNot) {
  std::vector<double> gradient = {3, -4};
  EXPECT_DOUBLE_EQ(test::Bound({Threshold::Kind::kNorm, 2.5}, gradient), 0.5);
  EXPECT_EQ(gradient, std::vector<double>({1.5, -2}));
  gradient = {3, -4};
  EXPECT_DOUBLE_EQ(test::Bound({Threshold::Kind::kValue, 3}, gradient), std::sqrt(18.0) / 5);
  EXPECT_EQ(gradient, std::vector<double>({3, -3}));
}

}  // namespace
}  // namespace unroll
