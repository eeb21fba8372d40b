// Sequences by id: what is refused, where a sequence begins, what an idle step leaves alone.
#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/random_layer.h"
#include "tests/support/same_bits.h"
#include "unroll/sequence/entries.h"

namespace unroll {
namespace {

using test::Dense;
using test::RandomLayer;
using test::SameBits;
using Entries = std::vector<std::int32_t>;

Entries Find(std::size_t T, std::size_t B, std::size_t N, const Entries& sequence,
             const Entries& before = {}) {
  Entries entries;
  FindEntries(Batch<float>{T, B, N, nullptr, sequence.data(),
                           before.empty() ? nullptr : before.data(), nullptr},
              entries);
  return entries;
}

std::string Refusal(std::size_t T, std::size_t B, std::size_t N, const Entries& sequence,
                    const Entries& before = {}) {
  try {
    Find(T, B, N, sequence, before);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "";
}

TEST(EntriesTest, AreWhereARowsIdChanges) {
  constexpr std::int32_t go = kGoesOn, idle = kIdles;
  EXPECT_EQ(Find(4, 1, 2, {0, 0, 1, 1}), (Entries{0, go, 1, go}));
  EXPECT_EQ(Find(4, 1, 2, {0, 0, 1, 1}, {0}), (Entries{go, go, 1, go}));
  EXPECT_EQ(Find(4, 1, 1, {-1, 0, -1, 0}), (Entries{idle, 0, idle, go}));
  EXPECT_EQ(Find(4, 1, 1, {-1, 0, -1, 0}, {0}), (Entries{idle, go, idle, go}));
  EXPECT_EQ(Find(2, 2, 3, {2, 0, 1, 0}), (Entries{2, 0, 1, go}));
  EXPECT_EQ(Find(2, 1, 1, {-1, -1}), (Entries{idle, idle}));
}

TEST(EntriesTest, AreNoneWithoutIds) {
  Entries entries{1, 2, 3};
  FindEntries(Batch<double>{3, 1, 0, nullptr, nullptr, nullptr, nullptr}, entries);
  EXPECT_TRUE(entries.empty());
}

TEST(EntriesTest, RefuseAnIdThatIsNone) {
  EXPECT_EQ(Refusal(2, 2, 3, {0, 1, 0, 3}), "sequence[1, 1] = 3: expected -1 .. N - 1, N being 3");
  EXPECT_EQ(Refusal(1, 1, 3, {-2}), "sequence[0, 0] = -2: expected -1 .. N - 1, N being 3");
}

TEST(EntriesTest, RefuseASequenceThatBeginsTwice) {
  EXPECT_EQ(Refusal(3, 1, 2, {0, 1, 0}), "sequence[2, 0] = 0: this sequence began before");
  EXPECT_EQ(Refusal(1, 2, 2, {1, 1}), "sequence[0, 1] = 1: this sequence began before");
  EXPECT_EQ(Refusal(3, 1, 2, {0, 1, 0}, {0}), "") << "carried in, then begun once";
}

TEST(EntriesTest, NeedAPlaceForWhatBegins) {
  const CellFacts& cell = Cells().front();
  RandomLayer<float> layer(cell, {3, 2, 1, 4}, /*seed=*/1, true);
  layer.Forward();
  layer.d_initial = Buffer<float>();
  EXPECT_THROW(layer.Backward(), std::logic_error);
  layer.initial = Buffer<float>();
  EXPECT_THROW(layer.Forward(), std::logic_error);
  layer.ids.sequence.assign(layer.ids.sequence.size(), kIdle);
  EXPECT_NO_THROW(layer.Forward()) << "nothing begins";
}

TEST(EntriesTest, OfAWalkInReverseCarryNothing) {
  RandomLayer<float> layer(*FindCell("gru"), {3, 2, 1, 4}, /*seed=*/1, true);
  Batch<float> batch = layer.TheBatch();
  std::vector<std::int32_t> entries;
  batch.reverse = true;
  EXPECT_THROW(FindEntries(batch, entries), std::logic_error);
  batch.before = nullptr;
  EXPECT_NO_THROW(FindEntries(batch, entries));
}

TEST(EntriesTest, ReachTheCallerOfAWalk) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<float> layer(cell, {3, 2, 1, 4}, /*seed=*/1, true);
    layer.ids.sequence[3] = static_cast<std::int32_t>(layer.ids.N);
    EXPECT_THROW(layer.Forward(), std::logic_error);
    EXPECT_THROW(layer.Backward(), std::logic_error);
  }
}

/// The numbers of row `row` of a buffer of rows of `columns`.
template <class Real>
std::vector<Real> Row(const Buffer<Real>& buffer, std::size_t columns, std::size_t row) {
  const Real* first = buffer.data() + row * Padded<Real>(columns);
  return {first, first + columns};
}

TEST(IdleTest, StepsKeepTheStateBitForBitAndHaveNoGradient) {
  constexpr std::size_t T = 5, B = 2, I = 2, H = 19;
  for (const CellFacts& cell : Cells()) {
    for (const bool with_tape : {true, false}) {
      RandomLayer<float> layer(cell, {T, B, I, H}, /*seed=*/2);
      layer.ids = {2, {0, -1, -1, -1, -1, -1, 0, -1, 0, -1}, {0, -1}};  // row 1 idles all along
      layer.initial = layer.Normals(layer.S * 2, H, 0);
      layer.d_initial = layer.Normals(layer.S * 2, H, 0);
      layer.Forward(Split::kAlone, 1, with_tape);
      for (std::size_t t = 0; t < T; ++t) {
        EXPECT_TRUE(SameBits(Row(layer.y, H, t * B + 1), Row(layer.before, H, 1)));
      }
      EXPECT_TRUE(SameBits(Row(layer.y, H, 1 * B), Row(layer.y, H, 0)));
      EXPECT_TRUE(SameBits(Row(layer.y, H, 2 * B), Row(layer.y, H, 0)));
      EXPECT_FALSE(SameBits(Row(layer.y, H, 3 * B), Row(layer.y, H, 0)));
      for (std::size_t s = 0; s < layer.S; ++s) {
        EXPECT_TRUE(SameBits(Row(layer.after, H, s * B + 1), Row(layer.before, H, s * B + 1)));
      }
      if (!with_tape) continue;
      layer.Backward();
      for (std::size_t s = 0; s < layer.S; ++s) {
        EXPECT_EQ(Row(layer.d_state, H, s * B + 1), Row(layer.d_after, H, s * B + 1));
      }
      for (std::size_t t = 0; t < T; ++t) {
        const std::vector<float> none(layer.I, 0.0f);
        EXPECT_EQ(Row(layer.d_x, layer.I, t * B + 1), none);
        const bool idles = t == 1 || t == 2;
        EXPECT_EQ(Row(layer.d_x, layer.I, t * B) == none, idles) << cell.name << ", step " << t;
      }
      EXPECT_EQ(Dense(layer.d_initial, H), std::vector<float>(layer.S * 2 * H, 0.0f));
    }
  }
}

TEST(IdleTest, StepsBetweenChangeNothingElse) {
  // The same four steps with and without two idle ones between.
  for (const CellFacts& cell : Cells()) {
    RandomLayer<double> apart(cell, {6, 1, 3, 10}, /*seed=*/3), closed(cell, {4, 1, 3, 10}, 3);
    const std::size_t steps[] = {0, 1, 4, 5};
    apart.ids = {1, {0, 0, -1, -1, 0, 0}, {-1}}, closed.ids = {1, {0, 0, 0, 0}, {-1}};
    for (auto* layer : {&apart, &closed}) {
      layer->initial = layer->Normals(layer->S, 10, 0), layer->d_initial = Buffer<double>(0);
      layer->d_initial = layer->Normals(layer->S, 10, 0);
    }
    const auto copy = [](const Buffer<double>& from, Buffer<double>& to) {
      std::copy_n(from.data(), to.size(), to.data());
    };
    copy(apart.initial, closed.initial), copy(apart.d_after, closed.d_after);
    closed.weight_ih = apart.weight_ih, closed.weight_hh = apart.weight_hh;
    closed.bias_ih = apart.bias_ih, closed.bias_hh = apart.bias_hh;
    closed.weight_peephole = apart.weight_peephole;
    closed.LoadWeights();
    const std::size_t Ip = Padded<double>(apart.I), Hp = Padded<double>(10);
    for (std::size_t t = 0; t < 4; ++t) {
      std::copy_n(&apart.x[steps[t] * Ip], Ip, &closed.x[t * Ip]);
      std::copy_n(&apart.d_y[steps[t] * Hp], Hp, &closed.d_y[t * Hp]);
    }
    apart.Forward(), apart.Backward(), closed.Forward(), closed.Backward();
    EXPECT_EQ(Dense(apart.after, 10), Dense(closed.after, 10));
    EXPECT_EQ(Dense(apart.d_initial, 10), Dense(closed.d_initial, 10));
    for (std::size_t i = 0; i < apart.d_weights.size(); ++i) {
      ASSERT_EQ(apart.d_weights[i], closed.d_weights[i]);
    }
    EXPECT_EQ(Dense(apart.d_state, 10), std::vector<double>(apart.S * 10, 0.0))
        << "what was before the sequence began has no part in it";
  }
}

}  // namespace
}  // namespace unroll
