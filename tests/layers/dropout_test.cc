// Masks: how much they drop, what they depend on and what they do not.
#include "unroll/layers/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"
#include "tests/support/random_numbers.h"
#include "unroll/base/random.h"

namespace unroll {
namespace {

using test::PoolOf;
using test::RandomNumbers;

/// What Apply makes of ones: the mask, dense rows.
template <class Real>
std::vector<std::vector<Real>> MaskOf(const Dropout<Real>& dropout, const DropoutKey& key,
                                      std::size_t T, std::size_t B, const std::int32_t* sequence,
                                      std::size_t width) {
  DropoutSteps steps;
  steps.Set(T, B, sequence);
  const std::size_t stride = Padded<Real>(width);
  Buffer<Real> rows(T * B * stride);
  for (Real& one : rows.span()) one = 1;
  dropout.Apply(key, steps, width, rows.data(), rows.data(), PoolOf(1));
  std::vector<std::vector<Real>> mask;
  for (std::size_t k = 0; k < T * B; ++k) {
    mask.emplace_back(rows.data() + k * stride, rows.data() + k * stride + width);
  }
  return mask;
}

template <class Real>
class DropoutTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(DropoutTest, Reals);

TYPED_TEST(DropoutTest, GoesByTheWordsOfTheStreamOnEveryInstructionSet) {
  using Real = TypeParam;
  constexpr std::size_t kWidth = 45;
  constexpr std::uint64_t kStep = (std::uint64_t{3} << 40) + 5, kPlace = 9;
  test::ForEachInstructionSet([] {
    const auto mask =
        MaskOf<Real>(Dropout<Real>(0.3, false, kPlace), {11, kStep}, 4, 3, nullptr, kWidth);
    for (std::size_t b = 0; b < 3; ++b) {
      Random random(11, Purpose::kDropout, kPlace << 46 | kStep, static_cast<std::uint32_t>(b));
      for (std::size_t t = 0; t < 4; ++t) {
        for (std::size_t j = 0; j < Padded<Real>(kWidth); ++j) {  // a step's words: a whole row
          const bool dropped = random.Bits() < std::lround(std::ldexp(0.3, 32));
          if (j >= kWidth) continue;
          ASSERT_EQ(mask[t * 3 + b][j], dropped ? Real(0) : static_cast<Real>(1 / 0.7));
        }
      }
    }
  });
}

TYPED_TEST(DropoutTest, DropsTheShareThatItIsTold) {
  using Real = TypeParam;
  for (const double rate : {0.0, 0.1, 0.5, 0.9}) {
    double dropped = 0, sum = 0, numbers = 0;
    for (const auto& row :
         MaskOf<Real>(Dropout<Real>(rate, false, 0), {1, 2}, 50, 20, nullptr, 64)) {
      for (const Real m : row) dropped += m == 0, sum += m, numbers += 1;
    }
    const double sd = std::sqrt(rate * (1 - rate) / numbers);
    EXPECT_NEAR(dropped / numbers, rate, 4 * sd);
    EXPECT_NEAR(sum / numbers, 1, 4 * sd / (1 - rate) + 1e-6) << "the mean stays";
  }
}

TYPED_TEST(DropoutTest, IsAnotherMaskForEverySeedStepPlaceSequenceAndTime) {
  using Real = TypeParam;
  std::set<std::vector<Real>> masks;
  std::size_t count = 0;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{1} << 32}) {
    for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 33}) {
      for (const std::uint32_t place : {0, 1, 1023}) {
        for (auto& row :
             MaskOf<Real>(Dropout<Real>(0.5, false, place), {seed, step}, 3, 4, nullptr, 64)) {
          masks.insert(std::move(row)), ++count;
        }
      }
    }
  }
  EXPECT_EQ(masks.size(), count);
}

TYPED_TEST(DropoutTest, VariationalIsOneMaskForAllStepsOfASequence) {
  using Real = TypeParam;
  const Dropout<Real> dropout(0.5, true, 3);
  const auto mask = MaskOf<Real>(dropout, {1, 2}, 6, 3, nullptr, 40);
  const std::size_t stride = Padded<Real>(40);
  Buffer<Real> rows(3 * stride);
  dropout.FillMask({1, 2}, 3, 40, rows.data());
  for (std::size_t b = 0; b < 3; ++b) {
    for (std::size_t t = 0; t < 6; ++t) EXPECT_EQ(mask[t * 3 + b], mask[b]);
    EXPECT_EQ(mask[b], std::vector<Real>(rows.data() + b * stride, rows.data() + b * stride + 40))
        << "as the walk is given it";
  }
  EXPECT_NE(mask[0], mask[1]);
  EXPECT_NE(mask[1], mask[2]);
}

TYPED_TEST(DropoutTest, BelongsToTheSequenceWhereverItLies) {
  using Real = TypeParam;
  // Sequence 2 of three steps: alone in a row; behind sequence 0; with an idle step inside.
  const std::vector<std::int32_t> ids = {0, 2,      //
                                         0, kIdle,  //
                                         2, 2,      //
                                         2, 2,      //
                                         2, kIdle};
  for (const bool variational : {false, true}) {
    const auto mask =
        MaskOf<Real>(Dropout<Real>(0.5, variational, 1), {7, 7}, 5, 2, ids.data(), 33);
    EXPECT_EQ(mask[2 * 2], mask[0 * 2 + 1]);
    EXPECT_EQ(mask[3 * 2], mask[2 * 2 + 1]);
    EXPECT_EQ(mask[4 * 2], mask[3 * 2 + 1]);
    EXPECT_EQ(mask[2 * 2] == mask[3 * 2], variational);
    EXPECT_NE(mask[0], mask[2 * 2]) << "sequence 0";
    EXPECT_EQ(mask[1 * 2 + 1], std::vector<Real>(33, Real(0))) << "idle";
  }
}

TYPED_TEST(DropoutTest, DropsTheGradientAsItDroppedTheNumbers) {
  using Real = TypeParam;
  const Dropout<Real> dropout(0.4, false, 2);
  DropoutSteps steps;
  steps.Set(5, 2, nullptr);
  const std::size_t size = 5 * 2 * Padded<Real>(20);
  const Buffer<Real> x = RandomNumbers<Real>(size, 1), d_to = RandomNumbers<Real>(size, 2);
  Buffer<Real> to(size), d_from(size);
  dropout.Apply({3, 4}, steps, 20, x.data(), to.data(), PoolOf(1));
  dropout.Apply({3, 4}, steps, 20, d_to.data(), d_from.data(), PoolOf(1));
  const auto scale = static_cast<Real>(1 / (1 - 0.4));
  for (std::size_t i = 0; i < size; ++i) {
    ASSERT_TRUE(to[i] == x[i] * scale || to[i] == 0);
    ASSERT_EQ(d_from[i], to[i] == 0 ? 0 : d_to[i] * scale);
  }
}

TEST(DropoutTest, RefusesARateOrAPlaceOrAStepThatIsNone) {
  for (const double rate : {-0.1, 1.0, 2.0, std::nan("")}) {
    EXPECT_THROW(Dropout<float>(rate, false, 0), std::logic_error) << rate;
  }
  EXPECT_NO_THROW(Dropout<float>(0x1.fffffffffffffp-1, false, 0));
  EXPECT_THROW(Dropout<float>(0.5, false, 1024), std::logic_error);
  const DropoutKey late{1, std::uint64_t{1} << 46};
  EXPECT_THROW(MaskOf<float>(Dropout<float>(0.5, false, 0), late, 1, 1, nullptr, 4),
               std::logic_error);
  Buffer<float> mask(16);
  EXPECT_THROW(Dropout<float>(0.5, false, 0).FillMask(late, 1, 4, mask.data()), std::logic_error);
}

}  // namespace
}  // namespace unroll
