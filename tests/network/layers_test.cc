// Embeddings, dropout and initial states as parts of a whole network: their gradients, and what
// they have to do with sequences.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/gradient_check.h"
#include "tests/support/network_case.h"
#include "unroll/network/pass.h"
#include "unroll/network/stream.h"

namespace unroll {
namespace {

using test::PoolOf;

using test::kB;
using test::kEntities;
using test::kFeatures;
using test::kO;
using test::kT;
using test::SmallNetwork;
using Case = test::NetworkCase;

TEST(LayersTest, GradientsOfWhatInitialStatesAreMadeOf) {
  for (const char* cell : {"lstm", "gru"}) {
    for (const Direction direction : {Direction::kForward, Direction::kBidirectional}) {
      for (const Initial initial :
           {Initial::kZeros, Initial::kLearned, Initial::kEntity, Initial::kStatic}) {
        for (const bool ids : {false, true}) {
          SCOPED_TRACE(testing::Message() << cell << ", " << NameOf(direction) << ", "
                                          << NameOf(initial) << (ids ? ", ids" : ""));
          Specification s = SmallNetwork();
          s.cell = cell, s.initial = initial, s.direction = direction;
          s.entities = initial == Initial::kEntity ? kEntities : 0;
          s.static_inputs = initial == Initial::kStatic ? kFeatures : 0;
          EXPECT_LE(Case(s, ids).WorstOfWeights(), 1e-6);
        }
      }
    }
  }
}

TEST(LayersTest, GradientsFlowThroughAWarmUp) {
  for (const bool ids : {false, true}) {
    Specification s = SmallNetwork();
    s.initial = Initial::kWarmUp;
    Case c(s, ids);
    MaskWarmUp<double>(2, kT, kB, ids ? c.sequence.data() : nullptr,
                       ids ? c.before.data() : nullptr,
                       /*begins=*/true, kO, c.d_outputs.data());
    EXPECT_LE(c.WorstOfWeights(), 1e-6);
    std::vector<double> d_x;
    c.Error();
    c.Backward(&d_x);
    const std::size_t first = (ids ? 3 : 0) * kB + 1;  // where a sequence begins in row 1
    EXPECT_EQ(c.d_outputs[first * kO], 0);
    EXPECT_NE(d_x[first * 5], 0) << "a step without error has a gradient";
  }
}

TEST(LayersTest, GradientsOfGivenInitialStates) {
  for (const bool ids : {false, true}) {
    Specification s = SmallNetwork();
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
      Specification s = SmallNetwork();
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
      for (const auto& [residual, direction] : {std::pair(false, Direction::kForward),
                                                {true, Direction::kForward},
                                                {true, Direction::kBidirectional}}) {
        for (const bool ids : {false, true}) {
          SCOPED_TRACE(testing::Message()
                       << cell << ", " << drop.dropout << (drop.variational ? " variational" : "")
                       << ", " << drop.recurrent << (residual ? ", residual, " : ", ")
                       << NameOf(direction) << (ids ? ", ids" : ""));
          Specification s = SmallNetwork();
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

/// The outputs of one walk.
std::vector<double> Outputs(Case& c, const PassInput<double>& input) {
  c.pass.Reset();
  const Tensor<const double> y = c.pass.Forward(input);
  return {y.begin(), y.end()};
}

TEST(LayersTest, DropsOnlyWhereItIsTold) {
  Specification s = SmallNetwork();
  s.dropout = 0.5, s.recurrent_dropout = 0.3;
  Case c(s, false);
  Specification plain = SmallNetwork();
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

TEST(LayersTest, EveryKindOfDropoutDropsSomethingElse) {
  std::vector<std::vector<double>> outputs;
  for (int kind = 0; kind < 4; ++kind) {
    Specification s = SmallNetwork();
    if (kind == 1 || kind == 2) s.dropout = 0.5, s.variational = kind == 2;
    if (kind == 3) s.recurrent_dropout = 0.5;
    Case c(s, false);
    outputs.push_back(Outputs(c, c.Input()));
    for (int other = 0; other < kind; ++other) EXPECT_NE(outputs[other], outputs[kind]);
  }
}

TEST(LayersTest, TheTwoDirectionsOfALayerDropApart) {
  // At a single step both say the same, and the head takes one from the other: what is left are the
  // numbers that only one of them dropped.
  Specification s = SmallNetwork();
  s.layers = 1, s.outputs = 5, s.direction = Direction::kBidirectional, s.dropout = 0.5;
  Network<double> network(s);
  network.Initialise(5);
  std::vector<NamedTensor> weights = network.Unpack(network.weights());
  for (NamedTensor& tensor : weights) {
    const std::size_t at = tensor.name.find("_reverse");
    if (at != std::string::npos) tensor.values = Find(weights, tensor.name.substr(0, at))->values;
    auto& values = std::get<std::vector<double>>(tensor.values);
    if (tensor.name == "head.bias") values.assign(5, 0);
    if (tensor.name != "head.weight") continue;
    values.assign(5 * 10, 0);
    for (std::size_t o = 0; o < 5; ++o) values[o * 10 + o] = 1, values[o * 10 + 5 + o] = -1;
  }
  network.Pack(weights, network.weights());
  Pass<double> pass(network, 1, 8, PassKind::kTraining, PoolOf(1));
  const std::vector<double> x(8 * 5, 0.5);
  PassInput<double> input(Tensor<const double>{x.data(), {{'T', 1}, {'B', 8}, {'I', 5}}});
  for (const bool drops : {false, true}) {
    if (drops) input.dropout = DropoutKey{1, 2};
    pass.Reset();
    double sum = 0;
    for (const double y : pass.Forward(input)) sum += std::abs(y);
    EXPECT_EQ(sum > 0, drops);
  }
}

TEST(LayersTest, ACarriedStateIsNotInitial) {
  Specification s = SmallNetwork();
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

TEST(LayersTest, AStreamBeginsAndReadsAsAPassDoes) {
  for (const Initial initial : {Initial::kZeros, Initial::kGiven, Initial::kLearned,
                                Initial::kEntity, Initial::kStatic, Initial::kWarmUp}) {
    for (const std::uint64_t vocabulary : {0, 7}) {
      Specification s = SmallNetwork();
      s.initial = initial, s.vocabulary = vocabulary, s.tied = vocabulary > 0;
      s.entities = initial == Initial::kEntity ? kEntities : 0;
      s.static_inputs = initial == Initial::kStatic ? kFeatures : 0;
      Case c(s, false);
      std::replace(c.symbols.begin(), c.symbols.end(), kIdle, 4);
      const std::vector<double> expected = Outputs(c, c.Input());
      std::vector<double> given;  // of sequence 0 alone
      for (std::size_t i = 0, row = 0; i < c.given.size(); i += 5, ++row) {
        if (row % kB == 0) given.insert(given.end(), &c.given[i], &c.given[i] + 5);
      }
      Stream<double> stream(c.network);
      const auto advance = [&](std::size_t t) {
        return vocabulary > 0 ? stream.Advance(c.symbols[t * kB])
                              : stream.Advance({&c.x[t * kB * 5], 5});
      };
      const bool must_be_told =
          initial == Initial::kGiven || initial == Initial::kEntity || initial == Initial::kStatic;
      if (must_be_told) {
        EXPECT_THROW(advance(0), std::logic_error);
        EXPECT_THROW(stream.Reset(), std::logic_error);
      }
      for (int twice = 0; twice < 2; ++twice) {
        if (must_be_told || twice > 0) {
          stream.Reset({1, c.entity.data(), c.features.data(), given.data()});
        }
        for (std::size_t t = 0; t < kT; ++t) {
          const std::span<const double> y = advance(t);
          for (std::size_t o = 0; o < kO; ++o) ASSERT_EQ(y[o], expected[t * kB * kO + o]);
        }
      }
    }
  }
}

TEST(LayersTest, AStreamRefusesTheOtherKindOfInput) {
  Specification s = SmallNetwork();
  s.vocabulary = 4;
  const Network<double> symbols(s), numbers(SmallNetwork());
  Stream<double> reads_symbols(symbols), reads_numbers(numbers);
  EXPECT_THROW(reads_symbols.Advance(std::vector<double>(5)), std::logic_error);
  EXPECT_THROW(reads_numbers.Advance(3), std::logic_error);
  EXPECT_THROW(reads_symbols.Advance(4), std::logic_error) << "outside the vocabulary";
  EXPECT_THROW(reads_symbols.Reset({2}), std::logic_error) << "more than one sequence";
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
  Specification s = SmallNetwork();
  s.initial = Initial::kGiven;
  EXPECT_EQ(refusal(s, [](auto& input) { input.given = nullptr; }),
            "initial state given: expected the states, found null");
  s.initial = Initial::kEntity, s.entities = 3;
  EXPECT_EQ(refusal(s, [](auto& input) { input.entity = nullptr; }),
            "initial state entity: expected the entity of each sequence, found null");
  s = SmallNetwork();
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
