// Every kind of initial state against plain loops over its parameters in PyTorch's layout.
#include "unroll/layers/initial_state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/random_layer.h"
#include "tests/support/random_numbers.h"

namespace unroll {
namespace {

using test::PoolOf;
using test::RandomNumbers;

constexpr std::size_t kStates = 2, kUnits = 19, kSequences = 5, kStride = Padded<double>(kUnits);
constexpr Initial kKinds[] = {Initial::kZeros,  Initial::kGiven,  Initial::kLearned,
                              Initial::kEntity, Initial::kStatic, Initial::kWarmUp};

/// An initial state of that kind with random parameters and inputs: 3 entities, or 3 features.
struct Case {
  static constexpr std::size_t kChoices = 3;

  explicit Case(Initial kind)
      : initial(kind, kStates, kUnits, kChoices, layout),
        room(initial, kSequences, 1),
        features(RandomNumbers<double>(kSequences * kChoices, 1)),
        given(RandomNumbers<double>(kStates * kSequences * kUnits, 2)),
        states(kStates * kSequences * kStride),
        d_states(kStates * kSequences * kStride),
        arena(layout.total()),
        d_arena(layout.total()) {
    const std::size_t rows = kind == Initial::kLearned ? 1 : kChoices;
    for (std::size_t s = 0; s < kStates; ++s) {
      for (std::size_t i = 0; i < initial.tensors_per_state(); ++i) {
        const Buffer<double> numbers =
            RandomNumbers<double>(i == 0 ? rows * kUnits : kUnits, 10 + s * 2 + i);
        plain.emplace_back(numbers.span().begin(), numbers.span().end());
      }
    }
    std::vector<const double*> tensors;
    for (const auto& tensor : plain) tensors.push_back(tensor.data());
    initial.Pack(tensors, arena.data());
    const Buffer<double> random = RandomNumbers<double>(d_states.size(), 3);
    for (std::size_t i = 0; i < random.size(); ++i) {
      d_states[i] = i % kStride < kUnits ? random[i] : 0;
    }
    for (double& number : states.span()) number = 7;  // whatever was there
  }
  InitialInput<double> Input() const {
    return {kSequences, entity.data(), features.data(), given.data()};
  }

  /// State s of sequence n, unit j, as it should be.
  double Expected(std::size_t s, std::size_t n, std::size_t j) const {
    switch (initial.kind()) {
      case Initial::kZeros:
      case Initial::kWarmUp:
        return 0;
      case Initial::kGiven:
        return given[(s * kSequences + n) * kUnits + j];
      case Initial::kLearned:
        return plain[s][j];
      case Initial::kEntity:
        return entity[n] == kIdle ? 0 : plain[s][static_cast<std::size_t>(entity[n]) * kUnits + j];
      case Initial::kStatic:
        break;
    }
    double sum = plain[2 * s + 1][j];
    for (std::size_t f = 0; f < kChoices; ++f) {
      sum += plain[2 * s][j * kChoices + f] * features[n * kChoices + f];
    }
    return sum;
  }

  /// The gradients of the parameters of state s, by plain loops, tensor by tensor.
  std::vector<std::vector<double>> ExpectedGradient(std::size_t s) const {
    std::vector<std::vector<double>> d;
    for (std::size_t i = 0; i < initial.tensors_per_state(); ++i) {
      d.emplace_back(plain[s * initial.tensors_per_state() + i].size(), 0.0);
    }
    for (std::size_t n = 0; n < kSequences; ++n) {
      for (std::size_t j = 0; j < kUnits && !d.empty(); ++j) {
        const double d_h = d_states[(s * kSequences + n) * kStride + j];
        if (initial.kind() == Initial::kLearned) d[0][j] += d_h;
        if (initial.kind() == Initial::kEntity && entity[n] != kIdle) {
          d[0][static_cast<std::size_t>(entity[n]) * kUnits + j] += d_h;
        }
        if (initial.kind() != Initial::kStatic) continue;
        d[1][j] += d_h;
        for (std::size_t f = 0; f < kChoices; ++f) {
          d[0][j * kChoices + f] += d_h * features[n * kChoices + f];
        }
      }
    }
    return d;
  }

  Layout<double> layout;
  InitialState<double> initial;
  InitialRoom<double> room;
  std::vector<std::int32_t> entity = {2, 0, kIdle, 2, 0};  // entity 1 never occurs
  Buffer<double> features, given, states, d_states, arena, d_arena;
  std::vector<std::vector<double>> plain;  // tensor by tensor
};

TEST(InitialStateTest, IsWhatItsKindSays) {
  for (const Initial kind : kKinds) {
    SCOPED_TRACE(std::string(NameOf(kind)));
    Case c(kind);
    c.initial.Fill(c.arena.data(), c.Input(), c.states.data(), c.room, PoolOf(1));
    for (std::size_t s = 0; s < kStates; ++s) {
      for (std::size_t n = 0; n < kSequences; ++n) {
        for (std::size_t j = 0; j < kUnits; ++j) {
          ASSERT_NEAR(c.states[(s * kSequences + n) * kStride + j], c.Expected(s, n, j), 1e-14)
              << "state " << s << ", sequence " << n << ", unit " << j;
        }
      }
    }
  }
}

TEST(InitialStateTest, GradientsReachTheParametersInOrder) {
  for (const Initial kind : kKinds) {
    SCOPED_TRACE(std::string(NameOf(kind)));
    Case c(kind);
    c.initial.Fill(c.arena.data(), c.Input(), c.states.data(), c.room, PoolOf(1));
    c.initial.AddGradient(c.arena.data(), c.Input(), c.d_states.data(), c.d_arena.data(), c.room,
                          PoolOf(1));
    std::vector<std::vector<double>> found = c.plain;
    std::vector<double*> tensors;
    for (auto& tensor : found) tensors.push_back(tensor.data());
    c.initial.Unpack(c.d_arena.data(), tensors);
    for (std::size_t s = 0; s < kStates; ++s) {
      const auto expected = c.ExpectedGradient(s);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::vector<double>& tensor = found[s * expected.size() + i];
        ASSERT_EQ(tensor.size(), expected[i].size());
        for (std::size_t k = 0; k < tensor.size(); ++k) {
          // The dense layer multiplies and adds with one rounding.
          EXPECT_NEAR(tensor[k], expected[i][k], kind == Initial::kStatic ? 1e-13 : 0);
        }
      }
    }
  }
}

TEST(InitialStateTest, OfNoSequenceNeedsNothing) {
  for (const Initial kind : kKinds) {
    Case c(kind);
    EXPECT_NO_THROW(c.initial.Fill(c.arena.data(), {}, c.states.data(), c.room, PoolOf(1)));
    EXPECT_NO_THROW(c.initial.AddGradient(c.arena.data(), {}, c.d_states.data(), c.d_arena.data(),
                                          c.room, PoolOf(1)));
    for (const double g : c.d_arena.span()) ASSERT_EQ(g, 0);
  }
}

TEST(InitialStateTest, RefusesWhatItCannotFill) {
  const auto refusal = [](Initial kind, const InitialInput<double>& input) {
    Case c(kind);
    try {
      c.initial.Fill(c.arena.data(), input, c.states.data(), c.room, PoolOf(1));
    } catch (const std::logic_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal(Initial::kGiven, {2}), "initial state given: expected the states, found null");
  EXPECT_EQ(refusal(Initial::kEntity, {2}),
            "initial state entity: expected the entity of each sequence, found null");
  EXPECT_EQ(refusal(Initial::kStatic, {2}),
            "initial state static: expected the features of each sequence, found null");
  const std::int32_t none = 3;
  EXPECT_EQ(refusal(Initial::kEntity, {1, &none}), "ids[0] = 3: expected -1 .. V - 1, V being 3");
  EXPECT_EQ(refusal(Initial::kLearned, {kSequences + 1}),
            "initial state: expected at most 5 sequences, found 6");
}

using Mask = std::vector<float>;

TEST(WarmUpTest, MasksTheFirstStepsOfWhatBegins) {
  const auto masked = [](std::size_t steps, std::size_t T, std::size_t B,
                         const std::vector<std::int32_t>& ids,
                         const std::vector<std::int32_t>& before, bool begins) {
    Mask mask(T * B * 2, 1.0f);
    MaskWarmUp(steps, T, B, ids.empty() ? nullptr : ids.data(),
               before.empty() ? nullptr : before.data(), begins, 2, mask.data());
    Mask first;
    for (std::size_t k = 0; k < T * B; ++k) {
      EXPECT_EQ(mask[2 * k], mask[2 * k + 1]) << "all outputs of a step";
      first.push_back(mask[2 * k]);
    }
    return first;
  };
  EXPECT_EQ(masked(2, 4, 1, {}, {}, true), (Mask{0, 0, 1, 1}));
  EXPECT_EQ(masked(2, 4, 1, {}, {}, false), (Mask{1, 1, 1, 1}));
  EXPECT_EQ(masked(0, 2, 1, {}, {}, true), (Mask{1, 1}));
  EXPECT_EQ(masked(9, 2, 2, {}, {}, true), (Mask{0, 0, 0, 0}));
  EXPECT_EQ(masked(1, 4, 1, {0, 0, 1, 1}, {}, false), (Mask{0, 1, 0, 1}));
  EXPECT_EQ(masked(1, 4, 1, {0, 0, 1, 1}, {0}, true), (Mask{1, 1, 0, 1})) << "0 is carried on";
  EXPECT_EQ(masked(2, 4, 1, {0, -1, 0, 0}, {}, false), (Mask{0, 1, 0, 1})) << "idle between";
  EXPECT_EQ(masked(1, 2, 2, {0, 1, 0, 2}, {}, false), (Mask{0, 0, 1, 0}));
}

}  // namespace
}  // namespace unroll
