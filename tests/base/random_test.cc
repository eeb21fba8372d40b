// The numbers are Philox's, depend on what they are for alone, and are distributed as promised.
#include "unroll/base/random.h"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

namespace unroll {
namespace {

TEST(RandomTest, IsPhilox4x32WithTenRounds) {  // the first of Random123's known answers
  Random random(0, Purpose::kWeights);
  EXPECT_EQ(random.Bits(), 0x6627e8d5u);
  EXPECT_EQ(random.Bits(), 0xe169c58du);
  EXPECT_EQ(random.Bits(), 0xbc57ac4cu);
  EXPECT_EQ(random.Bits(), 0x9b00dbd8u);
}

TEST(RandomTest, TheCountersWordsKeepTheirPlaces) {
  Random random(0x0123456789abcdef, Purpose::kDropout, 0x00c0ffee5678abcd, 0xdeadbeef);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const auto words = r123::Philox4x32()({{block, 0xdeadbeef, 0x5678abcd, 0x02c0ffee}},
                                          {{0x89abcdef, 0x01234567}});
    for (int i = 0; i < 4; ++i) EXPECT_EQ(random.Bits(), words[i]) << block << ", " << i;
  }
}

TEST(RandomTest, EveryPartOfTheKeyMakesAnotherStream) {
  std::set<std::uint32_t> first;
  const std::uint64_t high = std::uint64_t{1} << 32;
  for (Random random :
       {Random(1, Purpose::kTest), Random(2, Purpose::kTest), Random(1 + high, Purpose::kTest),
        Random(1, Purpose::kWindows), Random(1, Purpose::kTest, 1), Random(1, Purpose::kTest, high),
        Random(1, Purpose::kTest, 0, 1)}) {
    first.insert(random.Bits());
  }
  EXPECT_EQ(first.size(), 7u);
}

TEST(RandomTest, DrawingFromOneStreamLeavesTheOthersAlone) {
  Random alone(5, Purpose::kTest, 3, 1);
  std::vector<double> expected;
  for (int i = 0; i < 50; ++i) expected.push_back(alone.Normal());
  Random one(5, Purpose::kTest, 3, 1), other(5, Purpose::kTest, 3, 2);
  for (int i = 0; i < 50; ++i) {
    for (int k = 0; k < i % 3; ++k) other.Normal();
    EXPECT_EQ(one.Normal(), expected[i]);
  }
}

TEST(RandomTest, UniformHas53BitsAndNeverReachesOne) {
  Random random(1, Purpose::kTest);
  double least = 1, most = 0, sum = 0;
  int odd = 0, large_low = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.Uniform();
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
    const double scaled = std::ldexp(value, 53);
    ASSERT_EQ(scaled, std::floor(scaled));
    odd += std::fmod(scaled, 2) == 1;
    large_low += std::fmod(scaled, 1 << 26) >= 1 << 25;  // the first bit of the second word
  }
  EXPECT_GE(least, 0);
  EXPECT_LT(least, 1e-4);
  EXPECT_LT(most, 1);
  EXPECT_GT(most, 1 - 1e-4);
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);
  EXPECT_NEAR(odd, kDraws / 2.0, 1000);
  EXPECT_NEAR(large_low, kDraws / 2.0, 1000);
}

TEST(RandomTest, UniformBetweenBoundsStaysThere) {
  Random random(2, Purpose::kTest);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double value = random.Uniform(-3, -1);
    ASSERT_TRUE(value >= -3 && value < -1) << value;
    sum += value;
  }
  EXPECT_NEAR(sum / 10000, -2, 0.03);
}

TEST(RandomTest, BelowGivesEachNumberAsOften) {
  Random random(3, Purpose::kTest);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(random.Below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 450);  // 4.8 standard deviations
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(RandomTest, BelowHasNotTheBiasOfARemainder) {
  // 2^64 mod n = 2^62: by a remainder, numbers below 2^62 would come twice as often.
  const std::uint64_t n = std::uint64_t{3} << 62;
  Random random(4, Purpose::kTest);
  int low = 0;
  for (int i = 0; i < 30000; ++i) low += random.Below(n) < std::uint64_t{1} << 62;
  EXPECT_NEAR(low, 10000, 400);
}

TEST(RandomTest, NormalHasTheMomentsOfANormal) {
  Random random(6, Purpose::kTest);
  constexpr int kDraws = 200000;
  double sums[5] = {}, neighbours = 0, last = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.Normal();
    ASSERT_TRUE(std::isfinite(value));
    for (int power = 1; power <= 4; ++power) sums[power] += std::pow(value, power);
    neighbours += value * last;
    last = value;
  }
  EXPECT_NEAR(sums[1] / kDraws, 0, 0.01);
  EXPECT_NEAR(sums[2] / kDraws, 1, 0.015);
  EXPECT_NEAR(sums[3] / kDraws, 0, 0.04);
  EXPECT_NEAR(sums[4] / kDraws, 3, 0.12);
  EXPECT_NEAR(neighbours / kDraws, 0, 0.01);
}

TEST(RandomTest, RefusesWhatItCannotKeepApart) {
  EXPECT_NO_THROW(Random(0, Purpose::kTest, (std::uint64_t{1} << 56) - 1));
  EXPECT_THROW(Random(0, Purpose::kTest, std::uint64_t{1} << 56), std::logic_error);
  EXPECT_THROW(Random(0, Purpose::kTest).Below(0), std::logic_error);
}

}  // namespace
}  // namespace unroll
