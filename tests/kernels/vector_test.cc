// Norms of whole arrays: of any size of number, and the same bits however shared.
#include "unroll/kernels/vector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_numbers.h"
#include "unroll/base/arena.h"

namespace unroll {
namespace {

using test::ForEachInstructionSet;
using test::RandomNumbers;

template <class Real>
class VectorTest : public testing::Test {
 protected:
  double Norm(const Buffer<Real>& numbers) { return EuclideanNorm<Real>(numbers.span(), pool); }
  ThreadPool pool{2};
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(VectorTest, Reals);

TYPED_TEST(VectorTest, TheNormIsTheRootOfTheSumOfSquares) {
  ForEachInstructionSet([this] {
    for (const std::size_t n : {0, 1, 7, 16, 33, 5000, 300001}) {
      const Buffer<TypeParam> numbers = RandomNumbers<TypeParam>(n, 1);
      long double sum = 0;
      for (const TypeParam x : numbers.span()) sum += static_cast<long double>(x) * x;
      const auto expected = static_cast<double>(std::sqrt(sum));
      EXPECT_NEAR(this->Norm(numbers), expected, 1e-13 * expected) << n;
    }
  });
}

TYPED_TEST(VectorTest, NoSizeOfNumberIsLost) {
  ForEachInstructionSet([this] {
    for (const TypeParam size :
         {std::numeric_limits<TypeParam>::max() / 4, std::numeric_limits<TypeParam>::min() * 4}) {
      Buffer<TypeParam> numbers(9000);
      numbers[17] = 3 * size, numbers[8999] = -size;
      const double expected = static_cast<double>(size) * std::sqrt(10.0);
      EXPECT_NEAR(this->Norm(numbers) / expected, 1, 1e-7);
    }
  });
}

TYPED_TEST(VectorTest, WhatIsNotFiniteIsSeenWhereverItIs) {
  using Limits = std::numeric_limits<TypeParam>;
  ForEachInstructionSet([this] {
    for (const TypeParam bad : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
      for (const std::size_t at : {0, 100, 9998, 9999}) {
        Buffer<TypeParam> numbers = RandomNumbers<TypeParam>(10000, 2);
        EXPECT_TRUE(AllFinite<TypeParam>(numbers.span(), this->pool));
        EXPECT_TRUE(std::isfinite(this->Norm(numbers)));
        numbers[at] = bad;
        EXPECT_FALSE(AllFinite<TypeParam>(numbers.span(), this->pool));
        EXPECT_FALSE(std::isfinite(this->Norm(numbers)));
      }
    }
  });
}

TYPED_TEST(VectorTest, ScaleTouchesNothingBehindTheArray) {
  Buffer<TypeParam> numbers = RandomNumbers<TypeParam>(5003, 3);
  const Buffer<TypeParam> before = RandomNumbers<TypeParam>(5003, 3);
  Scale<TypeParam>(numbers.span().first(5001), 0.5, this->pool);
  for (std::size_t i = 0; i < 5003; ++i) {
    EXPECT_EQ(numbers[i], i < 5001 ? before[i] / 2 : before[i]) << i;
  }
}

}  // namespace
}  // namespace unroll
