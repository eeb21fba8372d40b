// Softmax against long double, for rows of every length and any size of number.
#include "unroll/kernels/softmax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_numbers.h"

namespace unroll {
namespace {

using test::ForEachInstructionSet;

/// A row's results by the definition.
struct Exact {
  template <class Real>
  explicit Exact(const std::vector<Real>& x) {
    const auto at = std::max_element(x.begin(), x.end());
    const auto largest = static_cast<long double>(*at);
    long double others = 0;
    for (auto number = x.begin(); number != x.end(); ++number) {
      if (number != at) others += std::exp(*number - largest);
    }
    excess = std::log1p(others);
    for (const Real number : x) {
      off.push_back(largest - number);
      logarithm.push_back(-off.back() - excess);
      softmax.push_back(std::exp(-off.back()) / (1 + others));
    }
  }
  long double excess;
  std::vector<long double> off, logarithm, softmax;
};

template <class Real>
class SoftmaxTest : public testing::Test {
 protected:
  using Limits = std::numeric_limits<Real>;

  static constexpr bool kSingle = sizeof(Real) == 4;

  /// The error in eps, but for results below the normal numbers.
  static double ErrorIn(Real found, long double exact) {
    const long double error = std::abs(found - exact);
    const long double least = kSingle ? Limits::denorm_min() : Limits::min();
    if (error <= least) return 0;
    return static_cast<double>(error / std::abs(exact) / Limits::epsilon());
  }

  /// Compares all three functions with the definition.
  void Expect(const std::vector<Real>& x, const std::string& what) {
    const Exact exact(x);
    const std::size_t n = x.size();
    const RowFunctions<Real> of_row = SoftmaxFunctions<Real>();
    std::vector<Real> p(n + 1, 7), logarithm(n + 1, 7);
    const LogSum sum = of_row.softmax(x.data(), n, p.data());
    for (const LogSum& same :
         {of_row.log_sum(x.data(), n), of_row.log_softmax(x.data(), n, logarithm.data())}) {
      EXPECT_EQ(same.largest, sum.largest) << what;
      EXPECT_EQ(same.excess, sum.excess) << what;
    }
    EXPECT_EQ(sum.largest, *std::max_element(x.begin(), x.end())) << what;
    EXPECT_NEAR(sum.excess, static_cast<double>(exact.excess), 1e-15 * (1 + sum.excess)) << what;
    double total = 0;
    const double in_sum = static_cast<double>(n) / 1000;
    const auto log_excess = static_cast<double>(std::log(exact.excess));
    for (std::size_t k = 0; k < n; ++k) {
      const double off = std::min(800.0, static_cast<double>(exact.off[k]));
      const double bound = kSingle ? 1.1 : 3 + off + in_sum;
      const double error = ErrorIn(p[k], exact.softmax[k]);
      worst_softmax = std::max(worst_softmax, kSingle ? error : error / bound);
      ASSERT_LE(error, bound) << what << ", " << k << " of " << n;
      const double log_error = ErrorIn(logarithm[k], exact.logarithm[k]);
      if (exact.off[k] != 0 && log_error < 100) worst_log = std::max(worst_log, log_error);
      if (std::abs(exact.logarithm[k]) > Limits::max()) {
        ASSERT_EQ(logarithm[k], -Limits::infinity()) << what;
      } else {
        const double of_largest = 3 + in_sum + (exact.off[k] == 0 ? -log_excess : 0);
        ASSERT_LE(log_error, kSingle ? 0.6 : std::max(3.0, of_largest))
            << what << ", " << k << " of " << n;
      }
      total += static_cast<double>(p[k]);
    }
    EXPECT_NEAR(total, 1, (10 + in_sum) * static_cast<double>(Limits::epsilon())) << what;
    EXPECT_EQ(p[n], 7) << "behind the row";
    EXPECT_EQ(logarithm[n], 7) << "behind the row";
    ExpectSameInPlace(x, p, logarithm);
  }

  void ExpectSameInPlace(const std::vector<Real>& x, const std::vector<Real>& p,
                         const std::vector<Real>& logarithm) {
    const RowFunctions<Real> of_row = SoftmaxFunctions<Real>();
    for (const bool log : {false, true}) {
      std::vector<Real> y = x;
      (log ? of_row.log_softmax : of_row.softmax)(y.data(), y.size(), y.data());
      const Real* const expected = (log ? logarithm : p).data();
      EXPECT_EQ(std::memcmp(y.data(), expected, y.size() * sizeof(Real)), 0) << log;
    }
  }

  double worst_softmax = 0, worst_log = 0;
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(SoftmaxTest, Reals);

TYPED_TEST(SoftmaxTest, IsRightToWhatIsStated) {
  using Real = TypeParam;
  ForEachInstructionSet([&] {
    for (std::size_t n = 1; n <= 70; ++n) {
      for (const double scale : {0.0, 0.01, 1.0, 10.0, 100.0, 1000.0}) {
        const Buffer<Real> numbers = test::RandomNumbers<Real>(n, 10 * n);
        std::vector<Real> x;
        for (const Real number : numbers.span()) x.push_back(static_cast<Real>(scale) * number);
        this->Expect(x, "scale " + std::to_string(scale));
        x.back() = x.front();
        this->Expect(x, "two that are equal");
      }
    }
    const Buffer<Real> numbers = test::RandomNumbers<Real>(100'003, 1);
    this->Expect({numbers.span().begin(), numbers.span().end()}, "many");
  });
  this->RecordProperty("worst_softmax", testing::PrintToString(this->worst_softmax));
  this->RecordProperty("worst_log_softmax", testing::PrintToString(this->worst_log));
}

TYPED_TEST(SoftmaxTest, AnySizeOfNumberHasAPlace) {
  using Real = TypeParam;
  const Real most = TestFixture::Limits::max(), least = TestFixture::Limits::denorm_min(),
             never = -TestFixture::Limits::infinity();
  ForEachInstructionSet([&] {
    for (std::size_t n = 1; n <= 40; ++n) {
      for (std::size_t at = 0; at < n; ++at) {
        std::vector<Real> x(n, 0);
        const auto expect_with = [&](Real number, const char* what) {
          x[at] = number;
          this->Expect(x, what);
        };
        expect_with(most, "one vast");
        expect_with(-most, "one far below");
        expect_with(least, "a denormal");
        if (n > 1) expect_with(never, "one impossible");
        std::fill(x.begin(), x.end(), -most);
        expect_with(most, "vast on both sides");
        if (n > 1) expect_with(-most, "all far below");
        std::fill(x.begin(), x.end(), never);
        expect_with(Real(-3), "one possible");
      }
    }
  });
}

TYPED_TEST(SoftmaxTest, ARowThatIsNoneGivesNanEverywhere) {
  using Real = TypeParam;
  const auto expect_none = [](std::vector<Real> x) {
    const RowFunctions<Real> of_row = SoftmaxFunctions<Real>();
    std::vector<Real> y(x.size());
    for (const bool log : {false, true}) {
      const LogSum sum = (log ? of_row.log_softmax : of_row.softmax)(x.data(), x.size(), y.data());
      EXPECT_TRUE(std::isnan(sum.excess)) << x.size();
      for (const Real number : y) EXPECT_TRUE(std::isnan(number)) << x.size();
    }
    EXPECT_TRUE(std::isnan(of_row.log_sum(x.data(), x.size()).excess)) << x.size();
  };
  ForEachInstructionSet([&] {
    for (std::size_t n = 1; n <= 40; ++n) {
      expect_none(std::vector<Real>(n, -TestFixture::Limits::infinity()));
      for (std::size_t at = 0; at < n; ++at) {
        for (const Real bad : {TestFixture::Limits::quiet_NaN(), -TestFixture::Limits::quiet_NaN(),
                               TestFixture::Limits::infinity()}) {
          for (const Real first : {Real(0), Real(1000), Real(-1000)}) {
            std::vector<Real> x(n, 1);
            x[0] = first;
            x[at] = bad;
            expect_none(x);
          }
        }
      }
    }
  });
}

TYPED_TEST(SoftmaxTest, ARowOfOneIsCertain) {
  using Real = TypeParam;
  ForEachInstructionSet([&] {
    for (const Real number : {Real(0), Real(-1e30), std::numeric_limits<Real>::max()}) {
      Real y = 7;
      SoftmaxFunctions<Real>().softmax(&number, 1, &y);
      EXPECT_EQ(y, 1);
      SoftmaxFunctions<Real>().log_softmax(&number, 1, &y);
      EXPECT_EQ(y, 0);
    }
  });
}

}  // namespace
}  // namespace unroll
