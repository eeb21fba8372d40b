// Outputs, last states and gradients through time of torch.nn.LSTM, GRU and RNN, which PyTorch
// computed in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/golden.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"

namespace unroll {
namespace {

using test::Dense;
using test::Golden;
using test::GoldenTensor;
using test::RandomLayer;

/// Layer k of a tensor [layers, ...].
std::vector<double> OfLayer(const GoldenTensor& tensor, std::size_t k) {
  const std::size_t size = tensor.numbers.size() / tensor.extents.at(0);
  const auto first = tensor.numbers.begin() + static_cast<std::ptrdiff_t>(k * size);
  return {first, first + static_cast<std::ptrdiff_t>(size)};
}

template <class Real>
void SetRows(Buffer<Real>& to, std::size_t columns, const std::vector<double>& numbers,
             std::size_t first_row = 0) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    to[(first_row + i / columns) * Padded<Real>(columns) + i % columns] =
        static_cast<Real>(numbers[i]);
  }
}

template <class Real>
class PytorchCase {
 public:
  PytorchCase(const CellFacts& cell, const Golden& golden, std::string name)
      : cell_(cell), golden_(golden), name_(std::move(name)), layers_(At("h_0").extents[0]) {
    const std::vector<std::size_t>& x = At("x").extents;
    const std::size_t H = At("h_0").extents[2];
    for (std::size_t k = 0; k < layers_; ++k) {
      const test::Shape shape{x[0], x[1], k == 0 ? x[2] : H, H};
      stack_.push_back(std::make_unique<RandomLayer<Real>>(cell_, shape, /*seed=*/1));
      Give(*stack_.back(), k);
    }
    SetRows(stack_.front()->x, x[2], At("x").numbers);
    SetRows(stack_.back()->d_y, H, At("d_y").numbers);
  }

  /// The worst difference, relative to the largest entry of its tensor.
  double Worst() {
    for (std::size_t k = 0; k < layers_; ++k) {
      if (k > 0) SetRows(stack_[k]->x, stack_[k]->I, Numbers(stack_[k - 1]->y, stack_[k]->I));
      stack_[k]->Forward();
    }
    Compare("y", Numbers(stack_.back()->y, stack_.back()->H), At("y").numbers);
    for (std::size_t k = layers_; k-- > 0;) {
      stack_[k]->Backward();
      CompareLayer(*stack_[k], k);
      if (k > 0) SetRows(stack_[k - 1]->d_y, stack_[k]->I, Numbers(stack_[k]->d_x, stack_[k]->I));
    }
    Compare("d_x", Numbers(stack_.front()->d_x, stack_.front()->I), At("d_x").numbers);
    return worst_;
  }

 private:
  const GoldenTensor& At(const std::string& tensor) const {
    return golden_.at(name_ + "." + tensor);
  }

  void Give(RandomLayer<Real>& layer, std::size_t k) {
    const std::string suffix = "_l" + std::to_string(k);
    for (const auto& [weight, name] :
         {std::pair(&layer.weight_ih, "weight_ih"), std::pair(&layer.weight_hh, "weight_hh"),
          std::pair(&layer.bias_ih, "bias_ih"), std::pair(&layer.bias_hh, "bias_hh")}) {
      const std::vector<double>& numbers = At(name + suffix).numbers;
      ASSERT_EQ(weight->size(), numbers.size());
      std::copy(numbers.begin(), numbers.end(), weight->begin());
    }
    layer.LoadWeights();
    layer.d_y.Zero();
    SetRows(layer.before, layer.H, States("_0", k));
    SetRows(layer.d_after, layer.H, States("_n", k, "d_"));
  }

  /// PyTorch's h, and c where the cell has it, of layer k.
  std::vector<double> States(const std::string& suffix, std::size_t k,
                             const std::string& prefix = "") const {
    std::vector<double> all;
    for (const char* letter : cell_.states == 2 ? std::vector{"h", "c"} : std::vector{"h"}) {
      const std::vector<double> state = OfLayer(At(prefix + letter + suffix), k);
      all.insert(all.end(), state.begin(), state.end());
    }
    return all;
  }

  static std::vector<double> Numbers(const Buffer<Real>& buffer, std::size_t columns) {
    const std::vector<Real> dense = Dense(buffer, columns);
    return {dense.begin(), dense.end()};
  }

  void CompareLayer(const RandomLayer<Real>& layer, std::size_t k) {
    const std::string suffix = "_l" + std::to_string(k);
    Compare("h_n, c_n", Numbers(layer.after, layer.H), States("_n", k));
    Compare("d_h_0, d_c_0", Numbers(layer.d_state, layer.H), States("_0", k, "d_"));
    std::vector<Real> w(layer.weight_ih.size()), u(layer.weight_hh.size());
    std::vector<Real> b(layer.bias_ih.size()), b_u(layer.bias_hh.size());
    Unpack(layer.plan, layer.walks->lanes, layer.plan.In(layer.d_weights.data()),
           PlainWeights<Real>{w.data(), u.data(), b.data(), b_u.data()});
    for (std::size_t row = 0; row < b.size(); ++row) {
      // Both biases of a sum have its gradient; the other ones each their own.
      if (AddsItsBiases(cell_, static_cast<int>(row / layer.H))) b_u[row] = b[row];
    }
    const auto compare = [&](const std::string& name, const std::vector<Real>& ours) {
      Compare(name, {ours.begin(), ours.end()}, At(name + suffix).numbers);
    };
    compare("d_weight_ih", w);
    compare("d_weight_hh", u);
    compare("d_bias_ih", b);
    compare("d_bias_hh", b_u);
  }

  /// Every sum of Elman's cell goes through one tanh, and what is rounded there is fed back whole:
  /// PyTorch's own float differs from its double by 6e-7.
  double InFloat() const {
    return test::FusesMultiplyAdd() && stack_.front()->cell->name != "elman" ? 1e-6 : 2e-6;
  }

  void Compare(const std::string& what, const std::vector<double>& ours,
               const std::vector<double>& theirs) {
    ASSERT_EQ(ours.size(), theirs.size()) << name_ << "." << what;
    double largest = 0, worst = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      largest = std::max(largest, std::abs(theirs[i]));
      worst = std::max(worst, std::abs(ours[i] - theirs[i]));
    }
    ASSERT_GT(largest, 0) << name_ << "." << what;
    EXPECT_LE(worst / largest, sizeof(Real) == 8 ? 1e-12 : InFloat()) << name_ << "." << what;
    worst_ = std::max(worst_, worst / largest);
  }

  const CellFacts& cell_;
  const Golden& golden_;
  const std::string name_;
  const std::size_t layers_;
  std::vector<std::unique_ptr<RandomLayer<Real>>> stack_;
  double worst_ = 0;
};

template <class Real>
void ComparePytorch(const std::string& cell) {
  const Golden golden = test::ReadGolden(cell + ".txt");
  double worst = 0;
  test::ForEachInstructionSet([&] {
    for (const char* name : {"odd", "wide", "one", "stack"}) {
      if (golden.count(std::string(name) + ".x") == 0) continue;  // "wide" is in lstm.txt alone
      worst = std::max(worst, PytorchCase<Real>(*FindCell(cell), golden, name).Worst());
    }
  });
  char text[32];
  std::snprintf(text, sizeof(text), "%.2e", worst);
  testing::Test::RecordProperty("worst", text);
}

class PytorchTest : public testing::TestWithParam<const char*> {};

TEST_P(PytorchTest, ComputesTheSameInDouble) { ComparePytorch<double>(GetParam()); }
TEST_P(PytorchTest, ComputesTheSameInFloat) { ComparePytorch<float>(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Cells, PytorchTest, testing::Values("elman", "gru", "lstm"));

}  // namespace
}  // namespace unroll
