// Norms and updates give the same bits, however many threads share them.
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/random_numbers.h"
#include "unroll/base/arena.h"
#include "unroll/kernels/vector.h"

namespace unroll {
namespace {

using test::RandomNumbers;

/// Weights and moments after three updates.
template <class Real>
std::vector<Real> AfterThreeUpdates(std::size_t n, ThreadPool& pool) {
  Buffer<Real> w = RandomNumbers<Real>(n, 4), m(n), v(n);
  for (std::uint64_t t = 1; t <= 3; ++t) {
    const Buffer<Real> g = RandomNumbers<Real>(n, 4 + t);
    EXPECT_TRUE(UpdateByAdam<Real>({0.01, 0.5, t}, g.span(), w.span(), m.span(), v.span(), pool));
  }
  std::vector<Real> all(w.span().begin(), w.span().end());
  all.insert(all.end(), m.span().begin(), m.span().end());
  all.insert(all.end(), v.span().begin(), v.span().end());
  return all;
}

TEST(VectorTest, TheBitsAreTheSameForAnyNumberOfThreads) {
  constexpr std::size_t kSize = 300'001;  // more than one thread takes alone
  ThreadPool alone(1);
  const Buffer<float> numbers = RandomNumbers<float>(kSize, 8);
  const double norm = EuclideanNorm<float>(numbers.span(), alone);
  const std::vector<float> updated = AfterThreeUpdates<float>(kSize, alone);
  for (const int threads : {2, 3, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(EuclideanNorm<float>(numbers.span(), pool), norm);
    EXPECT_EQ(pool.last_count(), threads);
    EXPECT_EQ(AfterThreeUpdates<float>(kSize, pool), updated);
  }
}

}  // namespace
}  // namespace unroll
