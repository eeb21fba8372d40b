// Golden networks rebuilt from the papers' equations: that layers in both directions, residual,
// with learned initial states and tied embeddings mean here what they mean in PyTorch.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/support/golden_case.h"
#include "tests/support/paper_walk.h"

namespace unroll {
namespace {

using test::Var;

/// A network of network.txt with its weights on a tape. Rows are [T * B] of so many columns.
class PaperNetwork {
 public:
  explicit PaperNetwork(const std::string& name)
      : golden_(test::ReadGolden("network.txt")), case_(golden_, name) {
    const std::vector<std::size_t>& output = case_.At("output").extents;
    T_ = output[0], B_ = output[1];
  }

  /// The leaves of a weight, always the same ones.
  const std::vector<Var>& Weight(const std::string& name) {
    const auto found = weights_.find(name);
    if (found != weights_.end()) return found->second;
    return weights_[name] = tape_.Leaves(case_.At(name).numbers);
  }

  /// A layer over x, from its learned initial states, or 0.
  std::vector<Var> Layer(const std::string& cell, const std::vector<Var>& x,
                         const std::string& suffix) {
    const test::PaperWeights<Var> weights{x.size() / (T_ * B_),
                                          case_.At("rnn.weight_hh" + suffix).extents[1],
                                          Weight("rnn.weight_ih" + suffix),
                                          Weight("rnn.weight_hh" + suffix),
                                          Weight("rnn.bias_ih" + suffix),
                                          Weight("rnn.bias_hh" + suffix),
                                          {}};
    test::PaperBatch<Var> batch{T_, B_, 0, cell == "lstm" ? 2u : 1u, x};
    for (const char* letter : cell == "lstm" ? std::vector{"h", "c"} : std::vector{"h"}) {
      const std::string initial = std::string("initial.") + letter + suffix;
      const std::vector<Var> state =
          case_.Has(initial) ? Weight(initial) : std::vector<Var>(weights.H);
      for (std::size_t b = 0; b < B_; ++b) {
        batch.before.insert(batch.before.end(), state.begin(), state.end());
      }
    }
    batch.reverse = suffix.ends_with("_reverse");
    return WalkByThePaper(cell, weights, {}, batch,
                          [](const auto& state, auto, auto) { return state; })
        .y;
  }

  /// Two arrays of rows side by side.
  std::vector<Var> Beside(const std::vector<Var>& a, const std::vector<Var>& b) const {
    std::vector<Var> both;
    const std::size_t H = a.size() / (T_ * B_);
    for (std::size_t row = 0; row < T_ * B_; ++row) {
      for (const auto* half : {&a, &b}) {
        for (std::size_t j = 0; j < H; ++j) both.push_back((*half)[row * H + j]);
      }
    }
    return both;
  }

  /// W x + b of every row.
  std::vector<Var> Dense(const std::vector<Var>& x, const std::string& weight,
                         const std::string& bias) {
    const std::vector<Var>&W = Weight(weight), &b = Weight(bias);
    const std::size_t I = W.size() / b.size();
    std::vector<Var> y;
    for (std::size_t row = 0; row < T_ * B_; ++row) {
      for (std::size_t j = 0; j < b.size(); ++j) {
        Var sum = b[j];
        for (std::size_t k = 0; k < I; ++k) sum = sum + W[j * I + k] * x[row * I + k];
        y.push_back(sum);
      }
    }
    return y;
  }

  /// Row ids[k] of a weight, for every k.
  std::vector<Var> Rows(const std::string& weight, const std::vector<double>& ids) {
    const std::size_t D = case_.At(weight).extents[1];
    std::vector<Var> rows;
    for (const double id : ids) {
      const std::vector<Var> row = test::RowOf(Weight(weight), static_cast<std::size_t>(id), D);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
  }

  std::vector<double> Given(const std::string& name) const { return case_.At(name).numbers; }

  Var SquaredError(const std::vector<Var>& output) const {
    const std::vector<double> target = Given("target");
    Var sum = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
      const Var difference = output[i] - target[i];
      sum = sum + difference * difference;
    }
    return sum * (1.0 / static_cast<double>(output.size()));
  }

  /// -log softmax of the target, mean over the rows that have one.
  Var CrossEntropy(const std::vector<Var>& logits) const {
    const std::vector<double> target = Given("target");
    const std::size_t V = logits.size() / target.size();
    Var sum = 0;
    double count = 0;
    for (std::size_t row = 0; row < target.size(); ++row) {
      if (target[row] < 0) continue;
      Var all = 0;
      for (std::size_t v = 0; v < V; ++v) {
        const Var& logit = logits[row * V + v];
        all = all + Chain(logit, std::exp(logit.value), std::exp(logit.value));
      }
      const Var& right = logits[row * V + static_cast<std::size_t>(target[row])];
      sum = sum + Chain(all, std::log(all.value), 1 / all.value) - right;
      ++count;
    }
    return sum * (1 / count);
  }

  void ExpectAsInPytorch(const std::vector<Var>& output, const Var& loss) {
    std::vector<double> numbers;
    for (const Var& number : output) numbers.push_back(number.value);
    EXPECT_LE(test::WorstDifference(numbers, Given("output")), 1e-13);
    EXPECT_LE(test::WorstDifference({loss.value}, Given("loss")), 1e-13);
    tape_.Backward(loss);
    for (const auto& [name, leaves] : weights_) {
      EXPECT_LE(test::WorstDifference(tape_.GradientsOf(leaves), Given("d_" + name)), 1e-12)
          << name;
    }
  }

 private:
  test::Golden golden_;
  test::GoldenCase case_;
  std::size_t T_ = 0, B_ = 0;
  test::ScalarTape tape_;
  std::map<std::string, std::vector<Var>> weights_;
};

std::vector<Var> Constants(const std::vector<double>& numbers) {
  return {numbers.begin(), numbers.end()};
}

TEST(PaperNetworkTest, LayersInBothDirections) {
  PaperNetwork network("bidirectional");
  std::vector<Var> flow = Constants(network.Given("x"));
  for (const char* suffix : {"_l0", "_l1"}) {
    flow = network.Beside(network.Layer("lstm", flow, suffix),
                          network.Layer("lstm", flow, std::string(suffix) + "_reverse"));
  }
  const std::vector<Var> output = network.Dense(flow, "head.weight", "head.bias");
  network.ExpectAsInPytorch(output, network.SquaredError(output));
}

TEST(PaperNetworkTest, ResidualLayersFromLearnedStates) {
  PaperNetwork network("residual");
  const std::vector<Var> first = network.Layer("gru", Constants(network.Given("x")), "_l0");
  std::vector<Var> second = network.Layer("gru", first, "_l1");
  for (std::size_t i = 0; i < second.size(); ++i) second[i] = second[i] + first[i];
  const std::vector<Var> output =
      network.Dense(network.Layer("gru", second, "_l2"), "head.weight", "head.bias");
  network.ExpectAsInPytorch(output, network.SquaredError(output));
}

TEST(PaperNetworkTest, AnEmbeddingThatIsTheHeadToo) {
  PaperNetwork network("tied");
  const std::vector<Var> h =
      network.Layer("lstm", network.Rows("embedding.weight", network.Given("ids")), "_l0");
  const std::vector<Var> output = network.Dense(h, "embedding.weight", "head.bias");
  network.ExpectAsInPytorch(output, network.CrossEntropy(output));
}

}  // namespace
}  // namespace unroll
