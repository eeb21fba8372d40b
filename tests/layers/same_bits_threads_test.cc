// Layers give the same bits, however many threads share them.
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/random_layer.h"
#include "tests/support/random_numbers.h"
#include "tests/support/same_bits.h"
#include "unroll/layers/dropout.h"
#include "unroll/layers/embedding.h"
#include "unroll/layers/initial_state.h"

namespace unroll {
namespace {

using test::PoolOf;
using test::RandomNumbers;
using test::SameBits;

constexpr std::size_t kRows = 251, kWidth = 131;  // more than one thread takes alone

std::vector<float> All(const Buffer<float>& a, const Buffer<float>& b) {
  std::vector<float> all(a.span().begin(), a.span().end());
  all.insert(all.end(), b.span().begin(), b.span().end());
  return all;
}

/// Fails unless body(pool), which says all that it wrote, gives the same for any pool and was
/// shared.
template <class Body>
void ExpectThreadsAgree(const Body& body) {
  const std::vector<float> alone = body(PoolOf(1));
  for (const int threads : {2, 3, 5}) {
    EXPECT_TRUE(SameBits(body(PoolOf(threads)), alone)) << threads << " threads";
    EXPECT_EQ(PoolOf(threads).last_count(), threads);
  }
}

TEST(LayersSameBitsTest, OfEmbeddings) {
  std::vector<std::int32_t> ids(kRows);
  for (std::size_t k = 0; k < kRows; ++k) ids[k] = static_cast<std::int32_t>(k * k % 12) - 1;
  const Buffer<float> d_x = RandomNumbers<float>(kRows * Padded<float>(kWidth), 1);
  for (const bool tied : {false, true}) {
    Layout<float> layout;
    const Recurrent<float> head(LinearCell(), kWidth, 33, layout);
    const Embedding<float> embedding =
        tied ? Embedding<float>(head) : Embedding<float>(33, kWidth, layout);
    const Buffer<float> arena = RandomNumbers<float>(layout.total(), 2);
    ExpectThreadsAgree([&](ThreadPool& pool) {
      Buffer<float> x(d_x.size()), d_arena(layout.total());
      embedding.Gather(arena.data(), ids, x.data(), pool);
      embedding.ScatterAdd(ids, d_x.data(), d_arena.data(), pool);
      return All(x, d_arena);
    });
  }
}

TEST(LayersSameBitsTest, OfDropout) {
  for (const bool variational : {false, true}) {
    const Dropout<float> dropout(0.5, variational, 1);
    DropoutSteps steps;
    steps.Set(kRows, 1, nullptr);
    ExpectThreadsAgree([&](ThreadPool& pool) {
      Buffer<float> x = RandomNumbers<float>(kRows * Padded<float>(kWidth), 3);
      dropout.Apply({1, 2}, steps, kWidth, x.data(), x.data(), pool);
      return All(x, {});
    });
  }
}

TEST(LayersSameBitsTest, OfInitialStates) {
  constexpr std::size_t kFeatures = 400;  // enough that more than one thread is worth waking
  const Buffer<float> features = RandomNumbers<float>(kRows * kFeatures, 4);
  std::vector<std::int32_t> entity(kRows);
  for (std::size_t n = 0; n < kRows; ++n) entity[n] = static_cast<std::int32_t>(n * n % 7);
  for (const Initial kind : {Initial::kLearned, Initial::kEntity, Initial::kStatic}) {
    Layout<float> layout;
    const InitialState<float> initial(kind, 2, kWidth, kFeatures, layout);
    const Buffer<float> arena = RandomNumbers<float>(layout.total(), 5);
    Buffer<float> d_initial(2 * kRows * Padded<float>(kWidth));
    for (std::size_t i = 0; i < d_initial.size(); ++i) {
      d_initial[i] = i % Padded<float>(kWidth) < kWidth ? static_cast<float>(i % 101) - 50.3f : 0;
    }
    const InitialInput<float> input{kRows, entity.data(), features.data(), nullptr};
    ExpectThreadsAgree([&](ThreadPool& pool) {
      Buffer<float> states(d_initial.size()), d_arena(layout.total());
      InitialRoom<float> room(initial, kRows, pool.threads());
      initial.Fill(arena.data(), input, states.data(), room, pool);
      initial.AddGradient(arena.data(), input, d_initial.data(), d_arena.data(), room, pool);
      return All(states, d_arena);
    });
  }
}

}  // namespace
}  // namespace unroll
