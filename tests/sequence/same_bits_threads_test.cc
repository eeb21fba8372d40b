// The same bits for any number of threads and any split, with a tape or without.
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"
#include "tests/support/same_bits.h"
#include "tests/support/variants.h"

namespace unroll {
namespace {

using test::ExpectSameGradients;
using test::ExpectSameWalk;
using test::Outcome;
using test::PoolOf;
using test::RandomLayer;
using test::Shape;
using test::Variant;

constexpr Split kSplits[] = {Split::kAlone, Split::kRows, Split::kUnits};
const char* const kSplitNames[] = {"rows", "units", "alone"};

/// Fails unless `threads` threads walk this shape with the bits of one thread alone.
template <class Real>
void ExpectSplitsAgree(const CellFacts& cell, const Shape& shape, const Variant& variant,
                       const std::vector<int>& threads) {
  RandomLayer<Real> layer(cell, shape, /*seed=*/3, variant);
  layer.Forward();
  layer.Backward();
  const Outcome<Real> alone(layer);
  for (const int count : threads) {
    for (const Split split : kSplits) {
      SCOPED_TRACE(testing::Message()
                   << cell.name << ", " << shape << variant << ", " << count << " threads, split "
                   << kSplitNames[static_cast<int>(split)]);
      const int expected = split == Split::kAlone ? 1 : count;
      layer.Spoil();
      layer.Forward(split, count);
      ASSERT_EQ(PoolOf(count).last_count(), expected);
      layer.Backward(split, count);
      ASSERT_EQ(PoolOf(count).last_count(), expected);
      const Outcome<Real> outcome(layer);
      ExpectSameWalk(outcome, alone);
      ExpectSameGradients(outcome, alone);
      if (variant.masked) continue;
      layer.Spoil();
      layer.Forward(split, count, /*with_tape=*/false);
      ASSERT_EQ(PoolOf(count).last_count(), expected);
      ExpectSameWalk(Outcome<Real>(layer), alone);
    }
  }
}

TEST(SameBitsTest, ForAnyThreadsAndSplit) {
  // Several panels a thread, several tiles a panel, several column blocks; one row of many units;
  // more threads than rows and than panels; several chunks of steps.
  for (const Shape& shape :
       {Shape{11, 33, 70, 130}, {5, 1, 3, 128}, {7, 2, 1, 5}, {60, 4, 33, 48}, {1, 9, 20, 64}}) {
    for (const CellFacts& cell : Cells()) {
      ExpectSplitsAgree<float>(cell, shape, false, {1, 2, 3, 5});
      ExpectSplitsAgree<double>(cell, shape, false, {2, 3});
    }
  }
}

TEST(SameBitsTest, ForAnyThreadsAndSplitWithIdsAndIdleRows) {
  for (const Shape& shape : {Shape{11, 33, 20, 70}, {20, 1, 3, 128}, {40, 7, 5, 33}}) {
    for (const CellFacts& cell : Cells()) {
      ExpectSplitsAgree<float>(cell, shape, true, {1, 2, 3, 5});
      ExpectSplitsAgree<double>(cell, shape, true, {3});
    }
  }
}

TEST(SameBitsTest, ForEveryOptionMaskThresholdAndDirection) {
  for (const CellFacts& cell : Cells()) {
    for (const Variant& variant : test::Variants(cell)) {
      ExpectSplitsAgree<float>(cell, {11, 19, 18, 85}, variant, {1, 2, 3, 5});
      ExpectSplitsAgree<double>(cell, {7, 5, 18, 37}, variant, {2, 3});
    }
  }
}

TEST(SameBitsTest, OnEveryInstructionSet) {
  test::ForEachInstructionSet([] {
    for (const CellFacts& cell : Cells()) {
      const std::vector<Variant> variants = test::Variants(cell);
      ExpectSplitsAgree<float>(cell, {9, 13, 18, 70}, variants.back(), {2, 5});
      ExpectSplitsAgree<double>(cell, {9, 13, 18, 37}, variants[4], {3});
    }
  });
}

TEST(SameBitsTest, WhereTheBlocksOfAProductEnd) {
  // A block of the way back is 1024 deep, one of the weights' gradient 256 rows by 480 columns.
  for (const CellFacts& cell : Cells()) {
    ExpectSplitsAgree<float>(cell, {3, 97, 490, 290}, false, {2, 3});
  }
}

TEST(SameBitsTest, WhenThePoolIsBusyAndOneThreadComes) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {6, 9, 3, 40}, /*seed=*/4);
    layer.Forward();
    layer.Backward();
    const Outcome<float> alone(layer);
    ThreadPool& pool = PoolOf(3);
    for (const Split split : {Split::kRows, Split::kUnits}) {
      pool.Run(3, [&](int index, int /*count*/) {
        if (index != 0) return;
        layer.Spoil();
        layer.Forward(split, 3);
        EXPECT_EQ(pool.last_count(), 1);
        layer.Backward(split, 3);
        EXPECT_EQ(pool.last_count(), 1);
      });
      const Outcome<float> outcome(layer);
      ExpectSameWalk(outcome, alone);
      ExpectSameGradients(outcome, alone);
    }
  }
}

TEST(SameBitsTest, PanelsForTheWayBackFromAnyThreads) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {1, 1, 70, 90}, /*seed=*/6);
    const std::vector<float> w(layer.w_back.data(), layer.w_back.data() + layer.w_back.size());
    const std::vector<float> u(layer.u_back.data(), layer.u_back.data() + layer.u_back.size());
    for (const int threads : {2, 3, 5}) {
      layer.w_back.Zero(), layer.u_back.Zero();
      PackBack(layer.Weights(), layer.w_back.data(), layer.u_back.data(), PoolOf(threads),
               Split::kUnits);
      EXPECT_TRUE(test::SameBits(
          w, std::vector<float>(layer.w_back.data(), layer.w_back.data() + w.size())));
      EXPECT_TRUE(test::SameBits(
          u, std::vector<float>(layer.u_back.data(), layer.u_back.data() + u.size())));
    }
  }
}

}  // namespace
}  // namespace unroll
