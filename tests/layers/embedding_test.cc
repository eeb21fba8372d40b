// An embedding against plain loops over PyTorch's table [V, D], its own or the head's.
#include "unroll/layers/embedding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/gradient_check.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/random_numbers.h"

namespace unroll {
namespace {

using test::PoolOf;
using test::RandomNumbers;

/// An embedding with random numbers in its table; tied to a head that lies behind other weights.
template <class Real>
struct Table {
  Table(std::size_t vocabulary, std::size_t width, bool tied) : V(vocabulary), D(width) {
    layout.Reserve(17);  // it does not begin the arena
    if (tied) head.emplace_back(LinearCell(), D, V, layout);
    embedding.push_back(tied ? Embedding<Real>(head[0]) : Embedding<Real>(V, D, layout));
    const Buffer<Real> numbers = RandomNumbers<Real>(V * D, 1);
    plain.assign(numbers.data(), numbers.data() + V * D);
    arena = Buffer<Real>(layout.total()), d_arena = Buffer<Real>(layout.total());
    bias.assign(V, Real(0));
    tied ? head[0].Pack({plain.data(), nullptr, bias.data(), nullptr}, arena.data())
         : embedding[0].Pack(plain.data(), arena.data());
  }

  /// A gradient of the table in PyTorch's layout, as the layer that owns it tells it.
  std::vector<Real> PlainGradient() {
    std::vector<Real> gradient(V * D), d_bias(V);
    head.empty()
        ? embedding[0].Unpack(d_arena.data(), gradient.data())
        : head[0].Unpack(d_arena.data(), {gradient.data(), nullptr, d_bias.data(), nullptr});
    return gradient;
  }

  std::size_t V, D;
  Layout<Real> layout;
  std::vector<Recurrent<Real>> head;  // one or none
  std::vector<Embedding<Real>> embedding;
  std::vector<Real> plain, bias;
  Buffer<Real> arena, d_arena;
};

std::vector<std::int32_t> RandomTokens(std::size_t count, std::size_t V) {
  Random random(3, Purpose::kTest);
  std::vector<std::int32_t> ids(count);
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random.Below(V));
  ids[1] = ids[count / 2] = kIdle;
  return ids;
}

TEST(EmbeddingTest, GathersTheRowsOfThePlainTable) {
  test::ForEachInstructionSet([] {
    for (const bool tied : {false, true}) {
      Table<float> table(37, 21, tied);
      const std::vector<std::int32_t> ids = RandomTokens(60, table.V);
      const std::size_t stride = Padded<float>(table.D);
      Buffer<float> x = RandomNumbers<float>(ids.size() * stride, 2);
      table.embedding[0].Gather(table.arena.data(), ids, x.data(), PoolOf(1));
      for (std::size_t k = 0; k < ids.size(); ++k) {
        for (std::size_t d = 0; d < table.D; ++d) {
          const std::size_t v = static_cast<std::size_t>(ids[k]);
          ASSERT_EQ(x[k * stride + d], ids[k] == kIdle ? 0.0f : table.plain[v * table.D + d]);
        }
      }
    }
  });
}

TEST(EmbeddingTest, AddsGradientsUpInTheOrderOfTheTokens) {
  test::ForEachInstructionSet([] {
    for (const bool tied : {false, true}) {
      Table<float> table(5, 21, tied);  // each token comes many times
      const std::vector<std::int32_t> ids = RandomTokens(200, table.V);
      const std::size_t stride = Padded<float>(table.D);
      Buffer<float> d_x = RandomNumbers<float>(ids.size() * stride, 2);
      std::vector<float> expected(table.V * table.D, 0.0f);
      for (int twice = 0; twice < 2; ++twice) {  // added to what is there
        table.embedding[0].ScatterAdd(ids, d_x.data(), table.d_arena.data(), PoolOf(1));
        for (std::size_t k = 0; k < ids.size(); ++k) {
          for (std::size_t d = 0; d < table.D && ids[k] != kIdle; ++d) {
            expected[static_cast<std::size_t>(ids[k]) * table.D + d] += d_x[k * stride + d];
          }
        }
      }
      EXPECT_EQ(table.PlainGradient(), expected) << "bit for bit";
      double inside = 0, all = 0;
      for (const float g : expected) inside += std::abs(g);
      for (const float g : table.d_arena.span()) all += std::abs(g);
      EXPECT_NEAR(all, inside, 1e-3) << "nothing beside the table";
    }
  });
}

TEST(EmbeddingTest, TiedHasTheGradientOfBothUses) {
  // E = sum of d_y * (A x + b), x the rows of A: A is used twice.
  Table<double> table(19, 6, /*tied=*/true);
  const std::vector<std::int32_t> ids = {4, 18, 4, kIdle, 0, 17};
  const std::size_t rows = ids.size(), Dp = Padded<double>(table.D), Vp = Padded<double>(table.V);
  const Recurrent<double>& head = table.head[0];
  Buffer<double> x(rows * Dp), y(rows * Vp), d_x(rows * Dp), state(rows * Vp), tape(rows * Vp);
  Buffer<double> d_y = RandomNumbers<double>(rows * Vp, 5);
  for (std::size_t i = 0; i < d_y.size(); ++i) d_y[i] *= i % Vp < table.V ? 1 : 0;
  const BackSizes<double> back(LinearCell(), table.D, table.V);
  Buffer<double> w_back(back.w), u_back(back.u);
  const WalkWeights<double> weights =
      head.Weights(table.arena.data(), w_back.data(), u_back.data());
  Buffer<double> scratch(ScratchSize(weights, 1, rows, 1));
  Crew<double> crew{&PoolOf(1), Split::kAlone, scratch.data()};
  const Batch<double> batch{1, rows, 0, x.data(), nullptr, nullptr, nullptr};
  const States<double> states{state.data(), state.data()};
  const auto error = [&] {
    head.Pack({table.plain.data(), nullptr, table.bias.data(), nullptr}, table.arena.data());
    table.embedding[0].Gather(table.arena.data(), ids, x.data(), PoolOf(1));
    Forward(weights, batch, states, y.data(), Tape<double>{tape.data()}, crew);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += d_y[i] * y[i];
    return sum;
  };
  error();
  PackBack(weights, w_back.data(), u_back.data(), PoolOf(1), Split::kAlone);
  Buffer<double> d_state(rows * Vp);
  Backward(
      weights, batch, states, y.data(), d_y.data(), Tape<double>{tape.data()},
      BatchGradients<double>{head.In(table.d_arena.data()), d_state.data(), nullptr, d_x.data()},
      crew);
  table.embedding[0].ScatterAdd(ids, d_x.data(), table.d_arena.data(), PoolOf(1));
  const std::vector<double> gradient = table.PlainGradient();
  EXPECT_LE(test::WorstError(table.plain.data(), gradient.data(), gradient.size(), error,
                             [](std::size_t) { return true; }),
            1e-9);
}

TEST(EmbeddingTest, RefusesATokenOutsideTheTable) {
  Table<double> table(4, 3, /*tied=*/false);
  Buffer<double> x(2 * Padded<double>(3));
  for (const std::int32_t wrong : {-2, 4}) {
    const std::vector<std::int32_t> ids = {0, wrong};
    const auto says = [&](const auto& call) {
      try {
        call();
      } catch (const std::logic_error& refused) {
        return std::string(refused.what());
      }
      return std::string();
    };
    const std::string expected =
        "ids[1] = " + std::to_string(wrong) + ": expected -1 .. V - 1, V being 4";
    EXPECT_EQ(
        says([&] { table.embedding[0].Gather(table.arena.data(), ids, x.data(), PoolOf(1)); }),
        expected);
    EXPECT_EQ(says([&] {
                table.embedding[0].ScatterAdd(ids, x.data(), table.d_arena.data(), PoolOf(1));
              }),
              expected);
  }
}

TEST(EmbeddingTest, IsTiedToADenseLayerOnly) {
  Layout<float> layout;
  const Recurrent<float> lstm(*FindCell("lstm"), 4, 4, layout);
  EXPECT_THROW(Embedding<float>{lstm}, std::logic_error);
}

TEST(EmbeddingTest, BeginsAsPyTorchsDoes) {
  Random random(1, Purpose::kWeights);
  std::vector<double> plain(200 * 50);
  InitialiseEmbedding(200, 50, random, plain.data());
  double sum = 0, squares = 0;
  for (const double v : plain) sum += v, squares += v * v;
  EXPECT_NEAR(sum / 1e4, 0, 0.05);
  EXPECT_NEAR(squares / 1e4, 1, 0.07);
}

}  // namespace
}  // namespace unroll
