// Embeddings, dropout and initial states as parts of a whole network: their gradients, and what
// they have to do with sequences.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/gradient_check.h"
#include "tests/support/random_numbers.h"
#include "unroll/network/pass.h"

namespace unroll {
namespace {

using test::PoolOf;

constexpr std::size_t kT = 6, kB = 2, kO = 7, kEntities = 3, kFeatures = 2;

std::vector<double> Normals(std::size_t count, std::uint64_t seed) {
  const Buffer<double> numbers = test::RandomNumbers<double>(count, seed);
  return {numbers.span().begin(), numbers.span().end()};
}

Specification Small() {
  Specification s;
  s.precision = Precision::kFp64;
  s.inputs = 5, s.hidden = 5, s.layers = 2, s.outputs = kO;
  return s;
}

/// A network with random weights, and a batch with or without ids that it learns from.
struct Case {
  /// With ids there are 5 sequences: 3 in row 0 with idle steps between, 1 carried into row 1 and
  /// then another, and 1 that never occurs.
  Case(const Specification& s, bool with_ids)
      : ids(with_ids),
        network(s),
        pass(
            network, kT, kB,
            [&] {
              PassOptions options(PassKind::kTraining);
              options.N = with_ids ? 6 : 0;
              return options;
            }(),
            PoolOf(2)),
        gradients(network.weights().size()) {
    pass.ForceSplit(Split::kUnits);
    network.Initialise(5);
    weights = network.Unpack(network.weights());
    for (NamedTensor& tensor : weights) {  // initial states begin at zero: stir them
      auto& values = std::get<std::vector<double>>(tensor.values);
      Random random(values.size(), Purpose::kTest);
      for (double& value : values) value += 0.3 * random.Normal();
    }
    network.Pack(weights, network.weights());
    if (s.vocabulary == 0) x = Normals(kT * kB * s.inputs, 1);
    d_outputs = Normals(kT * kB * kO, 2);
    for (std::size_t k = 0; k < kT * kB && with_ids; ++k) {
      if (sequence[k] == kIdle) std::fill_n(&d_outputs[k * kO], kO, 0.0);
    }
    features = Normals(6 * kFeatures, 3);
    for (const TensorName& state : StatesOf(s)) given_size += state.dims[0] * N();
    given = Normals(given_size, 4);
  }
  std::size_t N() const { return ids ? 6 : kB; }

  PassInput<double> Input() const {
    const Specification& s = network.specification();
    PassInput<double> input =
        s.vocabulary > 0
            ? PassInput<double>(Tensor<const std::int32_t>{symbols.data(), {{'T', kT}, {'B', kB}}})
            : PassInput<double>(
                  Tensor<const double>{x.data(), {{'T', kT}, {'B', kB}, {'I', s.inputs}}});
    if (ids) {
      input.sequence = sequence.data(), input.N = N();
      if (s.direction == Direction::kForward) input.before = before.data();
    }
    input.entity = entity.data(), input.features = features.data(), input.given = given.data();
    if (s.dropout > 0 || s.recurrent_dropout > 0) input.dropout = key;
    return input;
  }
  double Error() {
    network.Pack(weights, network.weights());
    pass.Reset();
    const Tensor<const double> y = pass.Forward(Input());
    double error = 0;
    for (std::size_t i = 0; i < y.size(); ++i) error += y[i] * d_outputs[i];
    return error;
  }
  void Backward(std::vector<double>* d_x = nullptr, std::vector<double>* d_given = nullptr) {
    gradients.Zero();
    PassGradients<double> wanted{gradients.span()};
    if (d_x != nullptr) d_x->resize(x.size()), wanted.d_x = d_x->data();
    if (d_given != nullptr) d_given->resize(given_size), wanted.d_given = d_given->data();
    pass.Backward({d_outputs.data(), {{'T', kT}, {'B', kB}, {'O', kO}}}, wanted);
  }

  /// The largest error of any tensor's gradient, relative to the largest gradient of all.
  double WorstOfWeights() {
    Error();
    Backward();
    double largest = 0, worst = 0;
    for (const double g : gradients.span()) largest = std::max(largest, std::abs(g));
    const std::vector<NamedTensor> found = network.Unpack(gradients.span());
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (weights[k].name.find("bias_hh") != std::string::npos) continue;  // folded into bias_ih
      auto& values = std::get<std::vector<double>>(weights[k].values);
      const std::span<const double> g = found[k].As<double>();
      double most = 0;
      for (const double one : g) most = std::max(most, std::abs(one));
      const double error = test::WorstError(
          values.data(), g.data(), values.size(), [&] { return Error(); },
          [](std::size_t) { return true; });
      worst = std::max(worst, error * (most > 0 ? most : 1) / largest);
    }
    return worst;
  }

  bool ids;
  Network<double> network;
  Pass<double> pass;
  Buffer<double> gradients;
  std::vector<NamedTensor> weights;
  std::vector<double> x, d_outputs, features, given;
  std::size_t given_size = 0;
  std::vector<std::int32_t> symbols = {3, 1, 3, 6, 0, kIdle, kIdle, 2, 3, 6, 1, 0};
  std::vector<std::int32_t> sequence = {0, 1, 0, 1, kIdle, kIdle, kIdle, 4, 2, 4, 5, 4};
  std::vector<std::int32_t> before = {kIdle, 1};
  std::vector<std::int32_t> entity = {2, 0, 2, 1, 0, 2};
  DropoutKey key{7, 3};
};

TEST(LayersTest, GradientsOfWhatInitialStatesAreMadeOf) {
  for (const char* cell : {"lstm", "gru"}) {
    for (const Direction direction : {Direction::kForward, Direction::kBidirectional}) {
      for (const Initial initial :
           {Initial::kZeros, Initial::kLearned, Initial::kEntity, Initial::kStatic}) {
        for (const bool ids : {false, true}) {
          SCOPED_TRACE(testing::Message() << cell << ", " << NameOf(direction) << ", "
                                          << NameOf(initial) << (ids ? ", ids" : ""));
          Specification s = Small();
          s.cell = cell, s.initial = initial, s.direction = direction;
          s.entities = initial == Initial::kEntity ? kEntities : 0;
          s.static_inputs = initial == Initial::kStatic ? kFeatures : 0;
          EXPECT_LE(Case(s, ids).WorstOfWeights(), 1e-6);
        }
      }
    }
  }
}

TEST(LayersTest, GradientsOfGivenInitialStates) {
  for (const bool ids : {false, true}) {
    Specification s = Small();
    s.initial = Initial::kGiven;
    Case c(s, ids);
    c.Error();
    std::vector<double> d_given;
    c.Backward(nullptr, &d_given);
    EXPECT_LE(test::WorstError(
                  c.given.data(), d_given.data(), d_given.size(), [&] { return c.Error(); },
                  [](std::size_t) { return true; }),
              1e-6);
  }
}

TEST(LayersTest, GradientsOfAnEmbeddingOfItsOwnOrTheHeads) {
  for (const bool tied : {false, true}) {
    for (const bool ids : {false, true}) {
      Specification s = Small();
      s.vocabulary = kO, s.tied = tied;
      Case c(s, ids);
      if (!ids) std::replace(c.symbols.begin(), c.symbols.end(), kIdle, 4);
      EXPECT_LE(c.WorstOfWeights(), 1e-6) << (tied ? "tied" : "own") << (ids ? ", ids" : "");
    }
  }
}

TEST(LayersTest, GradientsWithNumbersDropped) {
  struct Drop {
    double dropout;
    bool variational;
    double recurrent;
  };
  for (const char* cell : {"lstm", "gru_reset_before"}) {
    for (const Drop drop :
         {Drop{0.4, false, 0}, {0.4, true, 0}, {0, false, 0.4}, {0.4, true, 0.4}}) {
      for (const bool residual : {false, true}) {
        for (const Direction direction : {Direction::kForward, Direction::kBidirectional}) {
          for (const bool ids : {false, true}) {
            SCOPED_TRACE(testing::Message()
                         << cell << ", " << drop.dropout << (drop.variational ? " variational" : "")
                         << ", " << drop.recurrent << (residual ? ", residual, " : ", ")
                         << NameOf(direction) << (ids ? ", ids" : ""));
            Specification s = Small();
            s.cell = cell, s.direction = direction, s.residual = residual;
            s.dropout = drop.dropout, s.variational = drop.variational;
            s.recurrent_dropout = drop.recurrent;
            Case c(s, ids);
            EXPECT_LE(c.WorstOfWeights(), 1e-6);
            c.Error();
            std::vector<double> d_x;
            c.Backward(&d_x);
            EXPECT_LE(test::WorstError(
                          c.x.data(), d_x.data(), d_x.size(), [&] { return c.Error(); },
                          [](std::size_t) { return true; }),
                      1e-6);
          }
        }
      }
    }
  }
}

/// The outputs of one walk.
std::vector<double> Outputs(Case& c, const PassInput<double>& input) {
  c.pass.Reset();
  const Tensor<const double> y = c.pass.Forward(input);
  return {y.begin(), y.end()};
}

TEST(LayersTest, DropsOnlyWhereItIsTold) {
  Specification s = Small();
  s.dropout = 0.5, s.recurrent_dropout = 0.3;
  Case c(s, false);
  Specification plain = Small();
  Case without(plain, false);
  PassInput<double> input = c.Input();
  const std::vector<double> dropped = Outputs(c, input);
  EXPECT_EQ(Outputs(c, input), dropped) << "the same key";
  input.dropout->step = 4;
  EXPECT_NE(Outputs(c, input), dropped) << "another step of the training";
  input.dropout.reset();
  EXPECT_EQ(Outputs(c, input), Outputs(without, without.Input())) << "nothing is dropped";

  Pass<double> inference(c.network, kT, kB, PassKind::kInference, PoolOf(1));
  EXPECT_THROW(inference.Forward(c.Input()), std::logic_error);
  const Tensor<const double> y = inference.Forward(input);
  EXPECT_EQ(std::vector<double>(y.begin(), y.end()), Outputs(without, without.Input()));
}

TEST(LayersTest, ACarriedStateIsNotInitial) {
  Specification s = Small();
  s.initial = Initial::kLearned;
  Case c(s, false);
  c.Error();
  c.Backward();
  const auto initial_gradient = [&] {
    double sum = 0;
    for (const NamedTensor& tensor : c.network.Unpack(c.gradients.span())) {
      if (tensor.name.rfind("initial.", 0) != 0) continue;
      for (const double g : tensor.As<double>()) sum += std::abs(g);
    }
    return sum;
  };
  EXPECT_GT(initial_gradient(), 0);
  const Tensor<const double> y = c.pass.Forward(c.Input());  // goes on
  const std::vector<double> went_on(y.begin(), y.end());
  c.Backward();
  EXPECT_EQ(initial_gradient(), 0);
  EXPECT_NE(Outputs(c, c.Input()), went_on) << "begun anew";
}

TEST(LayersTest, RefusesWhatIsMissing) {
  const auto refusal = [](Specification s, auto change) {
    Case c(s, false);
    PassInput<double> input = c.Input();
    change(input);
    try {
      c.pass.Forward(input);
    } catch (const std::logic_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  Specification s = Small();
  s.initial = Initial::kGiven;
  EXPECT_EQ(refusal(s, [](auto& input) { input.given = nullptr; }),
            "initial state given: expected the states, found null");
  s.initial = Initial::kEntity, s.entities = 3;
  EXPECT_EQ(refusal(s, [](auto& input) { input.entity = nullptr; }),
            "initial state entity: expected the entity of each sequence, found null");
  s = Small();
  s.vocabulary = 4;
  EXPECT_EQ(refusal(s, [](auto&) {}), "ids[3] = 6: expected -1 .. V - 1, V being 4");
  s.vocabulary = 0;
  EXPECT_EQ(refusal(s,
                    [](auto& input) {
                      input.x.shape = {{'T', kT}, {'B', 1}, {'I', 5}};
                    }),
            "x: expected [T 6, B 2, I 5], found [T 6, B 1, I 5]");
}

}  // namespace
}  // namespace unroll
