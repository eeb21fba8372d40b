// Outputs, last states and gradients through time of every cell with every option, which PyTorch
// computed in double: all cases of tests/goldens/CELL.txt.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/golden_case.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/paper_layer.h"

namespace unroll {
namespace {

using test::GoldenCase;
using test::RandomLayer;
using test::Wide;

template <class Real>
void SetRows(Buffer<Real>& to, std::size_t columns, const std::vector<double>& numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    to[i / columns * Padded<Real>(columns) + i % columns] = static_cast<Real>(numbers[i]);
  }
}

/// The half `k` of rows that two directions share.
std::vector<double> HalfOf(const std::vector<double>& both, std::size_t H, std::size_t k) {
  std::vector<double> half;
  for (std::size_t i = 0; i < both.size(); ++i) {
    if (i / H % 2 == k) half.push_back(both[i]);
  }
  return half;
}

/// The layers of a case: one upon the other, or beside each other in both directions.
template <class Real>
class PytorchCase {
 public:
  PytorchCase(const CellFacts& cell, const GoldenCase& golden)
      : golden_(golden), both_ways_(golden.IsBidirectional()) {
    const std::vector<std::size_t>& x = golden.At("x").extents;
    const std::size_t H = golden.At("h_0").extents[2];
    for (std::size_t k = 0; k < golden.layers(); ++k) {
      test::Variant variant;
      variant.options = golden.options();
      variant.masked = golden.Has("mask");
      variant.reverse = both_ways_ && k == 1;
      const test::Shape shape{x[0], x[1], k == 0 || both_ways_ ? x[2] : H, H};
      layers_.push_back(std::make_unique<RandomLayer<Real>>(cell, shape, /*seed=*/1, variant));
      Give(*layers_.back(), k);
    }
  }

  /// The worst difference, relative to the largest entry of its tensor.
  double Worst() {
    RandomLayer<Real>&first = *layers_.front(), &last = *layers_.back();
    std::vector<double> x = golden_.Numbers("x"), d_y = golden_.Numbers("d_y");
    for (const auto& layer : layers_) {
      SetRows(layer->x, layer->I, x);
      layer->Forward();
      if (!both_ways_) x = Wide(layer->y, layer->H);
    }
    for (std::size_t k = layers_.size(); k-- > 0;) {
      RandomLayer<Real>& layer = *layers_[k];
      SetRows(layer.d_y, layer.H, both_ways_ ? HalfOf(d_y, layer.H, k) : d_y);
      layer.Backward();
      CompareLayer(layer, k);
      if (!both_ways_) d_y = Wide(layer.d_x, layer.I);
    }
    std::vector<double> d_x = Wide(first.d_x, first.I);
    if (both_ways_) {
      const std::vector<double> other = Wide(last.d_x, last.I);
      std::transform(d_x.begin(), d_x.end(), other.begin(), d_x.begin(), std::plus<>());
      for (const std::size_t k : {0, 1}) {
        Compare("y", Wide(layers_[k]->y, last.H), HalfOf(golden_.Numbers("y"), last.H, k));
      }
    } else {
      Compare("y", Wide(last.y, last.H), golden_.Numbers("y"));
    }
    Compare("d_x", d_x, golden_.Numbers("d_x"));
    return worst_;
  }

 private:
  std::string Suffix(std::size_t k) const {
    if (both_ways_) return k == 1 ? "_l0_reverse" : "_l0";
    return "_l" + std::to_string(k);
  }

  void Give(RandomLayer<Real>& layer, std::size_t k) {
    for (const auto& [weight, name] :
         {std::pair(&layer.weight_ih, "weight_ih"), std::pair(&layer.weight_hh, "weight_hh"),
          std::pair(&layer.bias_ih, "bias_ih"), std::pair(&layer.bias_hh, "bias_hh"),
          std::pair(&layer.weight_peephole, "weight_peephole")}) {
      const std::vector<double> numbers = golden_.Numbers(name + Suffix(k));
      ASSERT_EQ(weight->size(), numbers.size()) << name;
      std::copy(numbers.begin(), numbers.end(), weight->begin());
    }
    layer.LoadWeights();
    SetRows(layer.before, layer.H, golden_.States("_0", k));
    SetRows(layer.d_after, layer.H, golden_.States("_n", k, "d_"));
    if (golden_.Has("mask")) SetRows(layer.mask, layer.H, golden_.Numbers("mask"));
  }

  void CompareLayer(const RandomLayer<Real>& layer, std::size_t k) {
    const auto compare = [&](const std::string& name, const std::vector<double>& ours) {
      Compare("d_" + name, ours, golden_.Numbers("d_" + name + Suffix(k)));
    };
    Compare("h_n, c_n", Wide(layer.after, layer.H), golden_.States("_n", k));
    Compare("d_h_0, d_c_0", Wide(layer.d_state, layer.H), golden_.States("_0", k, "d_"));
    const test::PaperWeights<double> ours = WeightGradientsOf(layer);
    compare("weight_ih", ours.weight_ih);
    compare("weight_hh", ours.weight_hh);
    compare("bias_ih", ours.bias_ih);
    compare("bias_hh", ours.bias_hh);
    compare("weight_peephole", ours.weight_peephole);
  }

  void Compare(const std::string& what, const std::vector<double>& ours,
               const std::vector<double>& theirs) {
    const double difference = test::WorstDifference(ours, theirs);
    EXPECT_LE(difference, sizeof(Real) == 8 ? 1e-12 : 1e-6) << golden_.name() << "." << what;
    worst_ = std::max(worst_, difference);
  }

  const GoldenCase& golden_;
  const bool both_ways_;
  std::vector<std::unique_ptr<RandomLayer<Real>>> layers_;
  double worst_ = 0;
};

template <class Real>
void ComparePytorch() {
  for (const CellFacts& cell : Cells()) {
    SCOPED_TRACE(cell.name);
    const test::Golden golden = test::ReadGolden(std::string(cell.name) + ".txt");
    double worst = 0;
    test::ForEachInstructionSet([&] {
      for (const GoldenCase& one : test::CasesOf(golden)) {
        worst = std::max(worst, PytorchCase<Real>(cell, one).Worst());
      }
    });
    char text[32];
    std::snprintf(text, sizeof(text), "%.2e", worst);
    testing::Test::RecordProperty(std::string(cell.name), text);
  }
}

TEST(PytorchTest, ComputesTheSameInDouble) { ComparePytorch<double>(); }
TEST(PytorchTest, ComputesTheSameInFloat) { ComparePytorch<float>(); }

/// Every option that a cell takes stands in its file, at each of its values.
TEST(PytorchTest, ComputedEveryOptionOfEveryCell) {
  for (const CellFacts& cell : Cells()) {
    const test::Golden golden = test::ReadGolden(std::string(cell.name) + ".txt");
    const std::vector<GoldenCase> cases = test::CasesOf(golden);
    const auto expect = [&](const std::string& what, const auto& has) {
      EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), has)) << cell.name << ": " << what;
    };
    for (const auto& [bit, field] :
         {std::pair(kTakesActivation, &CellOptions::activation),
          std::pair(kTakesGateActivation, &CellOptions::gate_activation),
          std::pair(kTakesOutputActivation, &CellOptions::output_activation)}) {
      if ((cell.options & bit) == 0) continue;
      for (const Activation value : {Activation::kTanh, Activation::kSigmoid, Activation::kRelu,
                                     Activation::kHardSigmoid, Activation::kIdentity}) {
        expect(std::string(NameOf(value)),
               [&, field = field](const GoldenCase& one) { return one.options().*field == value; });
      }
    }
    if ((cell.options & kTakesClip) != 0) {
      expect("clip", [](const GoldenCase& one) { return one.options().clip > 0; });
    }
    if ((cell.options & kTakesInputForget) != 0) {
      expect("input_forget", [](const GoldenCase& one) { return one.options().input_forget; });
    }
    if (cell.recurrent_sums > 0) {
      expect("mask", [](const GoldenCase& one) { return one.Has("mask"); });
    }
  }
}

}  // namespace
}  // namespace unroll
