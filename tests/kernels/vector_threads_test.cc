// Norms and updates give the same bits, however many threads share them.
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_numbers.h"
#include "unroll/base/arena.h"
#include "unroll/kernels/update.h"
#include "unroll/kernels/vector.h"

namespace unroll {
namespace {

using test::RandomNumbers;

/// Weights and moments after three updates by each rule.
template <class Real>
std::vector<Real> AfterThreeUpdates(std::size_t n, ThreadPool& pool) {
  std::vector<Real> all;
  const UpdateStep step{0.01, 0.5, 0.1};
  for (int rule = 0; rule < 3; ++rule) {
    Buffer<Real> w = RandomNumbers<Real>(n, 4), m(n), v(rule == 0 ? 0 : n);
    for (std::uint64_t t = 1; t <= 3; ++t) {
      const Buffer<Real> g = RandomNumbers<Real>(n, 4 + t);
      const UpdateSpans<Real> arrays{g.span(), w.span(), m.span(), v.span()};
      EXPECT_TRUE(rule == 0   ? UpdateBySgd<Real>(step, {0.9, true}, arrays, pool)
                  : rule == 1 ? UpdateByRmsprop<Real>(step, {0.9}, arrays, pool)
                              : UpdateByAdam<Real>(step, {t}, arrays, pool));
    }
    for (const Buffer<Real>* part : {&w, &m, &v}) {
      all.insert(all.end(), part->span().begin(), part->span().end());
    }
  }
  return all;
}

TEST(VectorTest, TheBitsAreTheSameForAnyNumberOfThreads) {
  constexpr std::size_t kSize = 100'001;  // more than one thread takes alone
  ThreadPool alone(1);
  const Buffer<float> numbers = RandomNumbers<float>(kSize, 8);
  test::ForEachInstructionSet([&] {
    const double norm = EuclideanNorm<float>(numbers.span(), alone);
    const std::vector<float> updated = AfterThreeUpdates<float>(kSize, alone);
    for (const int threads : {2, 3, 5}) {
      ThreadPool pool(threads);
      EXPECT_EQ(EuclideanNorm<float>(numbers.span(), pool), norm);
      EXPECT_EQ(pool.last_count(), threads);
      EXPECT_EQ(AfterThreeUpdates<float>(kSize, pool), updated);
      EXPECT_EQ(pool.last_count(), threads);
    }
  });
}

}  // namespace
}  // namespace unroll
