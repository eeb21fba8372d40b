// Norms and updates over whole arrays: of any size of number, and the same bits however shared.
#include "unroll/kernels/vector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/golden.h"
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
  using Limits = std::numeric_limits<TypeParam>;
  constexpr bool kSingle = sizeof(TypeParam) == 4;
  const std::vector<TypeParam> sizes{
      Limits::max() / 4, static_cast<TypeParam>(kSingle ? 1e38 : 1e300),
      static_cast<TypeParam>(1e20), static_cast<TypeParam>(1e-20), Limits::min() * 4};
  ForEachInstructionSet([&] {
    for (const TypeParam size : sizes) {
      for (const std::size_t at : {0, 17, 5000}) {
        Buffer<TypeParam> numbers(9000);
        numbers[at] = 3 * size, numbers[8999] = -size;
        const double expected = static_cast<double>(size) * std::sqrt(10.0);
        EXPECT_NEAR(this->Norm(numbers) / expected, 1, kSingle ? 1e-7 : 1e-14) << size;
      }
    }
  });
}

/// The largest numbers that there are: the norm is infinite only where it is no double.
TYPED_TEST(VectorTest, TheLargestNumbersHaveANorm) {
  const TypeParam most = std::numeric_limits<TypeParam>::max();
  ForEachInstructionSet([&] {
    Buffer<TypeParam> numbers(70'000);
    numbers[69'999] = -most;
    EXPECT_EQ(this->Norm(numbers), static_cast<double>(most));
    for (TypeParam& number : numbers.span()) number = most / 1024;
    const double expected = static_cast<double>(most / 1024) * std::sqrt(70'000.0);
    EXPECT_NEAR(this->Norm(numbers) / expected, 1, 1e-12);
    for (TypeParam& number : numbers.span()) number = most;
    EXPECT_EQ(std::isinf(this->Norm(numbers)), sizeof(TypeParam) == 8);
  });
}

/// Numbers of both ends at once: the small ones add nothing, and take nothing away.
TYPED_TEST(VectorTest, VastAndTinyNumbersMeet) {
  using Limits = std::numeric_limits<TypeParam>;
  ForEachInstructionSet([&] {
    Buffer<TypeParam> numbers(5001);
    for (TypeParam& number : numbers.span()) number = Limits::min();
    numbers[4999] = Limits::max() / 2;
    EXPECT_EQ(this->Norm(numbers), static_cast<double>(Limits::max() / 2));
  });
}

TYPED_TEST(VectorTest, DenormalsAreFlushed) {
  using Limits = std::numeric_limits<TypeParam>;
  ForEachInstructionSet([&] {
    Buffer<TypeParam> numbers(100);
    for (TypeParam& number : numbers.span()) number = Limits::min() / 2;
    EXPECT_EQ(this->Norm(numbers), 0);
    numbers[50] = Limits::min();
    EXPECT_EQ(this->Norm(numbers), static_cast<double>(Limits::min()));
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

TYPED_TEST(VectorTest, AnUpdateSaysWhereItEndsInNumbersThatAreNone) {
  using Limits = std::numeric_limits<TypeParam>;
  ForEachInstructionSet([this] {
    for (const TypeParam g : {Limits::quiet_NaN(), Limits::max()}) {
      Buffer<TypeParam> w(50), m(50), v(50), gradients(50);
      gradients[49] = g;
      EXPECT_FALSE(UpdateByAdam<TypeParam>({0.01, 1, 1}, gradients.span(), w.span(), m.span(),
                                           v.span(), this->pool));
    }
  });
}

/// A golden tensor's row `row`, or all of it.
std::vector<double> RowOf(const test::GoldenTensor& tensor, std::size_t row) {
  const std::size_t width = tensor.extents.back();
  const auto begin = tensor.numbers.begin() + static_cast<std::ptrdiff_t>(row * width);
  return {begin, begin + static_cast<std::ptrdiff_t>(width)};
}

TEST(AdamTest, AgreesWithPyTorch) {
  const test::Golden golden = test::ReadGolden("adam.txt");
  const auto setting = [&](const char* name) { return golden.at(name).numbers.at(0); };
  const std::size_t steps = golden.at("norm").numbers.size(), n = 12;  // a, then b
  ForEachInstructionSet([&] {
    ThreadPool pool(1);
    Buffer<double> w(n), m(n), v(n), g(n);
    const auto join = [](Buffer<double>& to, std::vector<double> a, const std::vector<double>& b) {
      a.insert(a.end(), b.begin(), b.end());
      std::copy(a.begin(), a.end(), to.data());
    };
    const auto expect_near = [](std::span<const double> found, const std::vector<double>& a,
                                const std::vector<double>& b) {
      for (std::size_t i = 0; i < found.size(); ++i) {
        const double expected = i < a.size() ? a[i] : b[i - a.size()];
        EXPECT_NEAR(found[i], expected, 1e-12 * std::max(1.0, std::abs(expected))) << i;
      }
    };
    join(w, golden.at("a_0").numbers, golden.at("b_0").numbers);
    for (std::size_t t = 0; t < steps; ++t) {
      join(g, RowOf(golden.at("gradient_a"), t), RowOf(golden.at("gradient_b"), t));
      const double norm = EuclideanNorm<double>(g.span(), pool);
      EXPECT_NEAR(norm, golden.at("norm").numbers[t], 1e-12 * norm);
      const double factor = std::min(1.0, setting("clip") / (norm + 1e-6));
      const AdamStep step{setting("lr"),     factor,        t + 1, setting("beta_1"),
                          setting("beta_2"), setting("eps")};
      ASSERT_TRUE(UpdateByAdam<double>(step, g.span(), w.span(), m.span(), v.span(), pool));
      expect_near(w.span(), RowOf(golden.at("a"), t), RowOf(golden.at("b"), t));
    }
    expect_near(m.span(), golden.at("m_a").numbers, golden.at("m_b").numbers);
    expect_near(v.span(), golden.at("v_a").numbers, golden.at("v_b").numbers);
  });
}

}  // namespace
}  // namespace unroll
