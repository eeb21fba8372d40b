// Every walk of every cell with every option beside the equations of the cell's paper: what no
// gradient check can show, since it does not see that two gates are swapped.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/paper_layer.h"

namespace unroll {
namespace {

using test::RandomLayer;
using test::Shape;
using test::Variant;

/// Each option at each of its values alone, and some together; those that the cell takes.
std::vector<CellOptions> OptionsOf(const CellFacts& cell) {
  std::vector<CellOptions> all(1);
  for (const Activation activation : {Activation::kTanh, Activation::kSigmoid, Activation::kRelu,
                                      Activation::kHardSigmoid, Activation::kIdentity}) {
    for (const auto field : {&CellOptions::activation, &CellOptions::gate_activation,
                             &CellOptions::output_activation}) {
      all.emplace_back().*field = activation;
    }
  }
  all.emplace_back().clip = 0.5;
  all.emplace_back().input_forget = true;
  CellOptions together;
  together.activation = Activation::kHardSigmoid, together.clip = 0.5;
  all.push_back(together);
  together.gate_activation = Activation::kRelu;
  all.push_back(together);
  together.output_activation = Activation::kSigmoid, together.input_forget = true;
  all.push_back(together);
  std::erase_if(all, [&](const CellOptions& options) { return !Takes(cell, options); });
  return all;
}

/// Rows of one sequence or of many, forward and in reverse, with a mask and without.
std::vector<Variant> VariantsOf(const CellOptions& options) {
  std::vector<Variant> variants;
  for (const bool ids : {false, true}) {
    for (const bool reverse : {false, true}) {
      Variant& variant = variants.emplace_back(ids);
      variant.reverse = reverse, variant.masked = ids != reverse;
      variant.kept = reverse, variant.options = options;
    }
  }
  variants.emplace_back(false).options = options;
  variants.back().masked = true, variants.back().reverse = true;
  return variants;
}

std::string Describe(const CellFacts& cell, const Shape& shape, const Variant& variant) {
  const CellOptions& o = variant.options;
  return (testing::Message() << cell.name << ", " << shape << (variant.ids ? ", ids" : "")
                             << (variant.masked ? ", masked" : "")
                             << (variant.reverse ? ", reverse" : "") << ", " << NameOf(o.activation)
                             << " " << NameOf(o.gate_activation) << " "
                             << NameOf(o.output_activation) << ", clip " << o.clip
                             << (o.input_forget ? ", input_forget" : ""))
      .GetString();
}

/// Calls body(cell, shape, variant) for every cell, option and walk, and for sizes around the
/// vector widths.
template <class Body>
void ForEachVariant(const Body& body) {
  for (const CellFacts& cell : Cells()) {
    const auto traced = [&](const Shape& shape, const Variant& variant) {
      SCOPED_TRACE(Describe(cell, shape, variant));
      body(cell, shape, variant);
    };
    for (const std::size_t H : {1, 7, 16, 33}) traced({4, 7, 3, H}, Variant(H == 7));
    for (const CellOptions& options : OptionsOf(cell)) {
      for (const Variant& variant : VariantsOf(options)) traced({5, 3, 2, 5}, variant);
    }
  }
}

/// The worst gradient of a walk, the worst output included.
double WorstGradient(const RandomLayer<double>& layer, const test::PaperGradients& paper) {
  const test::PaperWeights<double> ours = WeightGradientsOf(layer);
  const test::PaperWeights<double>& theirs = paper.d_weights;
  return std::max({WorstOutput(layer, paper.out),
                   test::WorstDifference(test::Wide(layer.d_state, layer.H), paper.d_before),
                   test::WorstDifference(test::Wide(layer.d_initial, layer.H), paper.d_initial),
                   test::WorstDifference(test::Wide(layer.d_x, layer.I), paper.d_x),
                   test::WorstDifference(ours.weight_ih, theirs.weight_ih),
                   test::WorstDifference(ours.weight_hh, theirs.weight_hh),
                   test::WorstDifference(ours.bias_ih, theirs.bias_ih),
                   test::WorstDifference(ours.bias_hh, theirs.bias_hh),
                   test::WorstDifference(ours.weight_peephole, theirs.weight_peephole)});
}

void Record(double worst) { testing::Test::RecordProperty("worst", testing::PrintToString(worst)); }

TEST(PaperTest, WalksInDoubleFollowTheEquationsForwardAndBackward) {
  double worst = 0;
  ForEachVariant([&](const CellFacts& cell, const Shape& shape, const Variant& variant) {
    RandomLayer<double> layer(cell, shape, /*seed=*/42, variant);
    const test::PaperGradients paper = GradientsByThePaper(layer);
    test::ForEachInstructionSet([&] {
      RandomLayer<double> walked(cell, shape, /*seed=*/42, variant);
      walked.Forward();
      walked.Backward();
      const double here = WorstGradient(walked, paper);
      EXPECT_LE(here, 1e-12);
      worst = std::max(worst, here);
    });
  });
  Record(worst);
}

TEST(PaperTest, WalksInFloatFollowTheEquations) {
  double worst = 0;  // of outputs alone: a gradient jumps at a kink
  ForEachVariant([&](const CellFacts& cell, const Shape& shape, const Variant& variant) {
    RandomLayer<float> layer(cell, shape, /*seed=*/42, variant);
    const test::PaperOutputs<double> paper = OutputsByThePaper(layer);
    test::ForEachInstructionSet([&] {
      RandomLayer<float> walked(cell, shape, /*seed=*/42, variant);
      walked.Forward();
      const double here = WorstOutput(walked, paper);
      EXPECT_LE(here, 3e-6);
      worst = std::max(worst, here);
    });
  });
  Record(worst);
}

TEST(PaperTest, ThresholdsBoundWhatEveryStepPassesBack) {
  for (const CellFacts& cell : Cells()) {
    for (const auto& [kind, limit] :
         {std::pair(Threshold::Kind::kValue, 0.5), std::pair(Threshold::Kind::kNorm, 0.7)}) {
      for (Variant variant : VariantsOf({})) {
        variant.threshold = {kind, limit};
        SCOPED_TRACE(Describe(cell, {9, 4, 2, 5}, variant) + ", limit " + std::to_string(limit));
        RandomLayer<double> layer(cell, {9, 4, 2, 5}, /*seed=*/43, variant);
        const test::PaperGradients paper = GradientsByThePaper(layer);
        EXPECT_LT(*std::min_element(paper.kept.begin(), paper.kept.end()), 0.9) << "it acts";
        EXPECT_EQ(*std::max_element(paper.kept.begin(), paper.kept.end()), 1) << "but not always";
        test::ForEachInstructionSet([&] {
          RandomLayer<double> walked(cell, {9, 4, 2, 5}, /*seed=*/43, variant);
          walked.Forward();
          walked.Backward();
          EXPECT_LE(WorstGradient(walked, paper), 1e-12);
          const std::vector<double> kept(walked.shares_kept.data(),
                                         walked.shares_kept.data() + walked.shares_kept.size());
          EXPECT_LE(test::WorstDifference(kept, paper.kept), 1e-12);
        });
      }
    }
  }
}

}  // namespace
}  // namespace unroll
