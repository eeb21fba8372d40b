// Walks write into no more scratch and padding than they ask for.
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "tests/support/random_layer.h"
#include "tests/support/same_bits.h"

namespace unroll {
namespace {

using test::Outcome;
using test::PoolOf;
using test::RandomLayer;

/// Walks T steps of B rows with the scratch of `most_T` steps of `most_B` rows, which holds a NaN
/// behind its end; returns whether the walk left it alone.
bool KeepsToScratch(const CellFacts& cell, const test::Shape& shape, std::size_t most_T,
                    std::size_t most_B, Split split, int threads) {
  RandomLayer<float> layer(cell, shape, /*seed=*/1);
  const std::size_t size = ScratchSize(layer.Weights(), most_T, most_B, threads);
  Buffer<float> scratch(size + (std::size_t{1} << 16));
  for (std::size_t i = size; i < scratch.size(); ++i) {
    scratch[i] = std::numeric_limits<float>::quiet_NaN();
  }
  Crew<float> crew{&PoolOf(threads), split, scratch.data()};
  Forward(layer.Weights(), layer.TheBatch(), States<float>{layer.before.data(), layer.after.data()},
          layer.y.data(), Tape<float>{nullptr}, crew);
  for (std::size_t i = size; i < scratch.size(); ++i) {
    if (!std::isnan(scratch[i])) return false;
  }
  return true;
}

TEST(ScratchTest, OfTheMostStepsAndRowsServesFewer) {
  for (const CellFacts& cell : Cells()) {
    for (const Split split : {Split::kAlone, Split::kRows, Split::kUnits}) {
      for (const int threads : {1, 3}) {
        // Fewer rows than 96 are walked in chunks of several steps.
        for (const std::size_t B : {1, 33, 95, 96}) {
          EXPECT_TRUE(KeepsToScratch(cell, {4, B, 3, 256}, 4, 96, split, threads))
              << cell.name << ", B " << B << ", " << threads << " threads";
          EXPECT_TRUE(KeepsToScratch(cell, {2, B, 3, 256}, 4, 96, split, threads))
              << cell.name << ", B " << B << ", " << threads << " threads, T 2";
        }
      }
    }
  }
}

TEST(ScratchTest, OfAsManyThreadsServesAPoolOfFewer) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {30, 40, 3, 256}, /*seed=*/1);
    for (int threads = 2; threads <= 8; ++threads) {
      EXPECT_GE(ScratchSize(layer.Weights(), 30, 40, threads),
                ScratchSize(layer.Weights(), 30, 40, threads - 1));
    }
  }
}

TEST(PaddingTest, MayHoldAnyNumberInWhatIsGivenToForward) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {5, 4, 3, 9}, /*seed=*/2, true);
    layer.Forward();
    layer.Backward();
    const Outcome<float> nonsense(layer);
    for (auto* rows : {&layer.x, &layer.before, &layer.initial}) {
      const std::size_t columns = rows == &layer.x ? layer.I : layer.H;
      for (std::size_t i = 0; i < rows->size(); ++i) {
        if (i % Padded<float>(columns) >= columns) (*rows)[i] = 0;
      }
    }
    layer.Forward();
    layer.Backward();
    const Outcome<float> zero(layer);
    test::ExpectSameWalk(nonsense, zero);
    test::ExpectSameGradients(nonsense, zero);
  }
}

TEST(PaddingTest, HoldsFiniteNumbersInWhatTheWalksWriteAndZerosInGradients) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {5, 4, 3, 9}, /*seed=*/3, true);
    layer.Spoil();
    layer.Forward();
    layer.Backward();
    for (const Buffer<float>* rows : {&layer.y, &layer.after}) {
      for (const float number : rows->span()) ASSERT_TRUE(std::isfinite(number));
    }
    for (const Buffer<float>* rows : {&layer.d_state, &layer.d_initial, &layer.d_x}) {
      const std::size_t columns = rows == &layer.d_x ? layer.I : layer.H;
      for (std::size_t i = 0; i < rows->size(); ++i) {
        ASSERT_TRUE(std::isfinite((*rows)[i]));
        if (i % Padded<float>(columns) >= columns) {
          ASSERT_EQ((*rows)[i], 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace unroll
