// Streaming = sequence = one row at a time = stretches with carried state, bit for bit; and a step
// of a stream allocates nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/allocations.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"
#include "tests/support/same_bits.h"

namespace unroll {
namespace {

using test::Dense;
using test::Outcome;
using test::RandomLayer;
using test::SameBits;
using test::Shape;

const Shape kShapes[] = {{20, 3, 2, 21}, {7, 1, 1, 1}, {9, 13, 5, 16}, {6, 1, 40, 128}};

/// Runs body(layer) for every cell, shape and instruction set.
template <class Real, class Body>
void ForEachLayer(const Body& body) {
  test::ForEachInstructionSet([&] {
    for (const CellFacts& cell : Cells()) {
      for (const Shape& shape : kShapes) {
        SCOPED_TRACE(testing::Message() << cell.name << ", " << shape);
        RandomLayer<Real> layer(cell, shape, /*seed=*/5);
        body(layer);
      }
    }
  });
}

template <class Real>
Buffer<Real> Copy(const Buffer<Real>& from) {
  Buffer<Real> copy(from.size());
  std::copy_n(from.data(), from.size(), copy.data());
  return copy;
}

/// y and the last state of the layer, walked by Advance.
template <class Real>
void ExpectAdvanceIsForward(RandomLayer<Real>& layer) {
  layer.Forward();
  Buffer<Real> state = Copy(layer.before);
  Buffer<Real> scratch(AdvanceScratch(layer.Weights(), layer.B));
  const std::size_t numbers = layer.B * Padded<Real>(layer.H);
  Buffer<Real> y(layer.y.size());
  for (std::size_t t = 0; t < layer.T; ++t) {
    Advance(layer.Weights(), layer.B, layer.XAt(t, 0), state.data(), scratch.data());
    std::copy_n(state.data(), numbers, y.data() + t * numbers);
  }
  EXPECT_TRUE(SameBits(Dense(y, layer.H), Dense(layer.y, layer.H)));
  EXPECT_TRUE(SameBits(Dense(state, layer.H), Dense(layer.after, layer.H)));
}

TEST(StreamingTest, GivesTheBitsOfTheSequence) {
  ForEachLayer<float>([](RandomLayer<float>& layer) { ExpectAdvanceIsForward(layer); });
  ForEachLayer<double>([](RandomLayer<double>& layer) { ExpectAdvanceIsForward(layer); });
}

template <class Real>
void ExpectRowsAreTheBatch(RandomLayer<Real>& layer) {
  layer.Forward();
  const std::size_t Ip = Padded<Real>(layer.I), Hp = Padded<Real>(layer.H);
  for (std::size_t b = 0; b < layer.B; ++b) {
    Buffer<Real> x(layer.T * Ip), y(layer.T * Hp), state(layer.S * Hp);
    for (std::size_t t = 0; t < layer.T; ++t) std::copy_n(layer.XAt(t, b), Ip, &x[t * Ip]);
    for (std::size_t s = 0; s < layer.S; ++s) {
      std::copy_n(&layer.before[(s * layer.B + b) * Hp], Hp, &state[s * Hp]);
    }
    Buffer<Real> scratch(ScratchSize(layer.Weights(), layer.T, 1, 1));
    Crew<Real> crew{&test::PoolOf(1), Split::kAlone, scratch.data()};
    Forward(layer.Weights(), Batch<Real>{layer.T, 1, 0, x.data(), nullptr, nullptr, nullptr},
            States<Real>{state.data(), state.data()}, y.data(), Tape<Real>{nullptr}, crew);
    for (std::size_t t = 0; t < layer.T; ++t) {
      ASSERT_TRUE(SameBits(std::vector<Real>(&y[t * Hp], &y[t * Hp] + layer.H),
                           std::vector<Real>(layer.YAt(t, b), layer.YAt(t, b) + layer.H)))
          << "row " << b << ", step " << t;
    }
  }
}

TEST(StreamingTest, OneRowAtATimeGivesTheBitsOfTheBatch) {
  ForEachLayer<float>([](RandomLayer<float>& layer) { ExpectRowsAreTheBatch(layer); });
  ForEachLayer<double>([](RandomLayer<double>& layer) { ExpectRowsAreTheBatch(layer); });
}

/// The layer's walk in stretches of `steps` steps: forward with the state carried on, then backward
/// with its gradient handed on. Gradients of the weights are summed in another order.
template <class Real>
void WalkInStretches(RandomLayer<Real>& layer, std::size_t steps) {
  const std::size_t Hp = Padded<Real>(layer.H), Ip = Padded<Real>(layer.I), B = layer.B;
  const std::size_t count = (layer.T + steps - 1) / steps;
  std::vector<Buffer<Real>> states, tapes, operands;
  std::vector<Batch<Real>> batches;
  std::vector<std::vector<std::int32_t>> ids_before(count + 1, layer.ids.before);
  states.push_back(Copy(layer.before));
  Crew<Real> crew = layer.TheCrew(Split::kAlone, 1);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t t0 = i * steps, n = std::min(steps, layer.T - t0);
    Batch<Real> batch = layer.TheBatch();
    batch.T = n, batch.x += t0 * B * Ip;
    if (batch.sequence != nullptr) {
      batch.sequence += t0 * B, batch.before = ids_before[i].data();
      ids_before[i + 1] = ids_before[i];
      for (std::size_t k = 0; k < n * B; ++k) {
        if (batch.sequence[k] != kIdle) ids_before[i + 1][k % B] = batch.sequence[k];
      }
    }
    batches.push_back(batch);
    states.emplace_back(layer.before.size());
    tapes.emplace_back(TapeSize<Real>(*layer.cell, layer.H, n, B));
    operands.emplace_back(OperandSize<Real>(*layer.cell, layer.H, n, B, layer.variant.masked));
    Forward(layer.Weights(), batch, States<Real>{states[i].data(), states[i + 1].data()},
            layer.y.data() + t0 * B * Hp, Tape<Real>{tapes[i].data(), operands[i].data()}, crew);
  }
  layer.after = Copy(states.back()), layer.d_state = Copy(layer.d_after);
  layer.d_weights.Zero(), layer.d_initial.Zero();
  for (std::size_t i = count; i-- > 0;) {
    const std::size_t row = i * steps * B;
    Buffer<Real> d_initial(layer.d_initial.size());
    Backward(layer.Weights(), batches[i], States<Real>{states[i].data(), states[i + 1].data()},
             layer.y.data() + row * Hp, layer.d_y.data() + row * Hp,
             Tape<Real>{tapes[i].data(), operands[i].data()},
             BatchGradients<Real>{layer.plan.In(layer.d_weights.data()), layer.d_state.data(),
                                  layer.ids.N == 0 ? nullptr : d_initial.data(),
                                  layer.d_x.data() + row * Ip},
             crew);
    for (std::size_t k = 0; k < d_initial.size(); ++k) layer.d_initial[k] += d_initial[k];
  }
}

TEST(StreamingTest, StretchesWithCarriedStateGiveTheBitsOfTheSequence) {
  for (const CellFacts& cell : Cells()) {
    for (const bool with_ids : {false, true}) {
      RandomLayer<double> layer(cell, {23, 6, 3, 19}, /*seed=*/6, with_ids);
      layer.Forward();
      layer.Backward();
      const Outcome<double> whole(layer);
      for (const std::size_t steps : {1, 5, 22}) {
        SCOPED_TRACE(testing::Message()
                     << cell.name << (with_ids ? ", ids" : "") << ", stretches of " << steps);
        WalkInStretches(layer, steps);
        const Outcome<double> stretches(layer);
        test::ExpectSameWalk(stretches, whole);
        EXPECT_TRUE(SameBits(stretches.d_state, whole.d_state));
        EXPECT_TRUE(SameBits(stretches.d_x, whole.d_x));
        EXPECT_EQ(stretches.d_initial, whole.d_initial);  // a sum with 0 forgets the sign of 0
        for (std::size_t i = 0; i < whole.d_weights.size(); ++i) {
          ASSERT_NEAR(stretches.d_weights[i], whole.d_weights[i], 1e-11);
        }
      }
    }
  }
}

TEST(StreamingTest, WithoutATapeTheStateMayBeReplacedInPlace) {
  for (const CellFacts& cell : Cells()) {
    for (const Split split : {Split::kAlone, Split::kRows, Split::kUnits}) {
      RandomLayer<float> layer(cell, {6, 5, 3, 70}, /*seed=*/7, true);
      layer.Forward();
      const Outcome<float> apart(layer);
      Crew<float> crew = layer.TheCrew(split, 3);
      Forward(layer.Weights(), layer.TheBatch(),
              States<float>{layer.before.data(), layer.before.data()}, layer.y.data(),
              Tape<float>{nullptr}, crew);
      EXPECT_TRUE(SameBits(Dense(layer.y, layer.H), apart.y)) << cell.name;
      EXPECT_TRUE(SameBits(Dense(layer.before, layer.H), apart.after)) << cell.name;
    }
  }
}

TEST(StreamingTest, AStepAllocatesNothing) {
  if (UNROLL_COUNTS_ALLOCATIONS == 0) GTEST_SKIP() << "allocations cannot be counted here";
  const long start = test::allocations;
  ::operator delete(::operator new(1));  // a call, which no compiler may leave out
  ASSERT_GT(test::allocations, start) << "nothing is counted";
  ForEachLayer<float>([](RandomLayer<float>& layer) {
    Buffer<float> scratch(AdvanceScratch(layer.Weights(), layer.B));
    const WalkWeights<float> weights = layer.Weights();
    const long before = test::allocations;
    Advance(weights, layer.B, layer.x.data(), layer.before.data(), scratch.data());
    EXPECT_EQ(test::allocations, before);
  });
}

TEST(StreamingTest, AWalkAllocatesNothingOnceItsCrewHasWalked) {
  if (UNROLL_COUNTS_ALLOCATIONS == 0) GTEST_SKIP() << "allocations cannot be counted here";
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {6, 5, 3, 20}, /*seed=*/7);
    const WalkWeights<float> weights = layer.Weights();
    const Batch<float> batch = layer.TheBatch();
    Crew<float> crew = layer.TheCrew(Split::kUnits, 2);
    const States<float> states{layer.before.data(), layer.after.data()};
    const long before = test::allocations;
    Forward(weights, batch, states, layer.y.data(), layer.TheTape(), crew);
    Backward(weights, batch, states, layer.y.data(), layer.d_y.data(), layer.TheTape(),
             BatchGradients<float>{layer.plan.In(layer.d_weights.data()), layer.d_state.data(),
                                   nullptr, layer.d_x.data()},
             crew);
    EXPECT_EQ(test::allocations, before) << cell.name;
  }
}

}  // namespace
}  // namespace unroll
