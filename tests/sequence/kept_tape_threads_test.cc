// A tape that is kept: it can be walked back again, with all gradients or with those of states
// alone, and every walk gives the bits of the one that uses it up.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "tests/support/random_layer.h"
#include "tests/support/same_bits.h"
#include "tests/support/variants.h"

namespace unroll {
namespace {

using test::ExpectSameGradients;
using test::Outcome;
using test::RandomLayer;
using test::Variant;

TEST(KeptTapeTest, IsWalkedBackAgainToTheSameBits) {
  for (const CellFacts& cell : Cells()) {
    for (const Variant& variant : test::Variants(cell)) {
      SCOPED_TRACE(testing::Message() << cell.name << variant);
      Variant keeps = variant, uses_up = variant;
      keeps.kept = true, uses_up.kept = false;
      RandomLayer<float> once(cell, {7, 5, 3, 37}, /*seed=*/11, uses_up);
      RandomLayer<float> often(cell, {7, 5, 3, 37}, /*seed=*/11, keeps);
      once.Forward(), once.Backward();
      often.Forward(), often.Backward();
      ExpectSameGradients(Outcome<float>(often), Outcome<float>(once));
      often.Backward();
      ExpectSameGradients(Outcome<float>(often), Outcome<float>(once));
    }
  }
}

TEST(KeptTapeTest, GradientsOfStatesAloneNeedRoomForTwoSteps) {
  for (const CellFacts& cell : Cells()) {
    for (const Variant& variant : test::Variants(cell)) {
      for (const Split split : {Split::kAlone, Split::kRows, Split::kUnits}) {
        SCOPED_TRACE(testing::Message() << cell.name << variant);
        RandomLayer<float> layer(cell, {7, 5, 3, 37}, /*seed=*/12, variant);
        layer.Forward();
        layer.Backward();
        const Outcome<float> all(layer);
        layer.Forward();
        layer.Spoil();
        layer.Forward();
        for (std::size_t i = 0; i < layer.d_state.size(); ++i) layer.d_state[i] = layer.d_after[i];
        Buffer<float> ring(KeptSize<float>(cell, layer.H, layer.T, layer.B, /*all_steps=*/false));
        EXPECT_LE(ring.size(), KeptSize<float>(cell, layer.H, 2, layer.B, /*all_steps=*/true));
        Crew<float> crew = layer.TheCrew(split, 2);
        Backward(layer.Weights(), layer.TheBatch(),
                 States<float>{layer.before.data(), layer.after.data()}, layer.y.data(),
                 layer.d_y.data(), layer.TheTape(),
                 BatchGradients<float>{{},
                                       layer.d_state.data(),
                                       layer.ids.N == 0 ? nullptr : layer.d_initial.data(),
                                       nullptr},
                 crew,
                 BackwardExtras<float>{variant.threshold, ring.data(), layer.d_states.data(),
                                       layer.norms.data(), layer.shares_kept.data()});
        const Outcome<float> states(layer);
        EXPECT_TRUE(test::SameBits(states.d_state, all.d_state));
        if (layer.ids.N > 0) {
          EXPECT_TRUE(test::SameBits(states.d_initial, all.d_initial));
        }
        EXPECT_TRUE(test::SameBits(states.d_states, all.d_states));
        EXPECT_TRUE(test::SameBits(states.norms, all.norms));
        EXPECT_TRUE(test::SameBits(states.shares_kept, all.shares_kept));
      }
    }
  }
}

TEST(TapeTest, ThatLacksWhatItMustHoldIsRefused) {
  Variant masked;
  masked.masked = true;
  const auto walk = [](RandomLayer<float>& layer, const Tape<float>& tape) {
    Crew<float> crew = layer.TheCrew(Split::kAlone, 1);
    Forward(layer.Weights(), layer.TheBatch(),
            States<float>{layer.before.data(), layer.after.data()}, layer.y.data(), tape, crew);
  };
  RandomLayer<float> of_gru(*FindCell("gru"), {3, 2, 3, 5}, /*seed=*/13, masked);
  EXPECT_THROW(walk(of_gru, {nullptr}), std::logic_error) << "a mask needs a tape";
  EXPECT_THROW(walk(of_gru, {of_gru.tape.data()}), std::logic_error) << "and room for m * h";
  RandomLayer<float> two_stages(*FindCell("gru_reset_before"), {3, 2, 3, 5}, /*seed=*/13);
  EXPECT_THROW(walk(two_stages, {two_stages.tape.data()}), std::logic_error);
  EXPECT_NO_THROW(walk(two_stages, {nullptr}));
}

}  // namespace
}  // namespace unroll
