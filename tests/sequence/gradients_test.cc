// Gradients through time in double, against central differences of the walk itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/gradient_check.h"
#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"

namespace unroll {
namespace {

using test::Dense;
using test::RandomLayer;
using test::Shape;

constexpr double kTolerance = 1e-7;

/// Fails unless every gradient of the layer is right, of which about `most` numbers an array are
/// looked at; returns the worst error.
double CheckGradients(RandomLayer<double>& layer, Split split, int threads, std::size_t most) {
  layer.Forward(split, threads);
  layer.Backward(split, threads);
  const auto error = [&] { return ErrorOf(layer, split, threads); };
  double all = 0;
  const auto check = [&](const char* name, double* parameters, const double* gradient,
                         std::size_t size, const auto& counts) {
    const std::size_t step = size / most | 1;
    const double worst = test::WorstError(parameters, gradient, size, error, [&](std::size_t i) {
      return i % step == 0 && counts(i);
    });
    EXPECT_LE(worst, kTolerance) << name;
    all = std::max(all, worst);
  };
  const auto rows = [&](const char* name, Buffer<double>& of, const Buffer<double>& gradient,
                        std::size_t columns) {
    const std::size_t stride = Padded<double>(columns);
    check(name, of.data(), gradient.data(), of.size(),
          [=](std::size_t i) { return i % stride < columns; });
  };
  const std::size_t L = layer.walks->lanes, H = layer.H;
  const auto panels = [&](const char* name, std::size_t offset, std::size_t K, int sums) {
    const std::size_t panel = K * static_cast<std::size_t>(sums) * L;
    check(name, layer.weights.data() + offset, layer.d_weights.data() + offset,
          panel * ((H + L - 1) / L), [=](std::size_t i) { return i / panel * L + i % L < H; });
  };
  if (layer.cell->input_sums > 0) panels("W", layer.plan.w, layer.I, layer.cell->input_sums);
  if (layer.cell->recurrent_sums > 0) panels("U", layer.plan.u, H, layer.cell->recurrent_sums);
  panels("b", layer.plan.b, 1, static_cast<int>(layer.cell->sums.size()));
  const int units = static_cast<int>(layer.cell->unit_weights.size());
  if (units > 0) panels("the cell's own weights", layer.plan.unit, 1, units);
  rows("x", layer.x, layer.d_x, layer.I);
  rows("state before", layer.before, layer.d_state, H);
  rows("initial state", layer.initial, layer.d_initial, H);
  return all;
}

struct Case {
  Shape shape;
  bool with_ids;
  Split split = Split::kAlone;
  int threads = 1;
  std::size_t most = 5000;  ///< more than any of the smaller layers has
};

void CheckCases(const std::vector<Case>& cases) {
  double worst = 0;
  for (const CellFacts& cell : Cells()) {
    for (const Case& c : cases) {
      SCOPED_TRACE(testing::Message() << cell.name << ", " << c.shape << (c.with_ids ? ", ids" : "")
                                      << ", " << c.threads << " threads");
      RandomLayer<double> layer(cell, c.shape, /*seed=*/7, c.with_ids);
      worst = std::max(worst, CheckGradients(layer, c.split, c.threads, c.most));
    }
  }
  testing::Test::RecordProperty("worst", std::to_string(worst * 1e12) + "e-12");
}

TEST(GradientsTest, OfOddSizesAroundTheVectorWidths) {
  CheckCases({{{1, 1, 1, 1}, false},
              {{4, 1, 2, 3}, false},
              {{3, 2, 3, 9}, false},
              {{5, 7, 1, 5}, false},
              {{3, 3, 9, 17}, false},
              {{2, 13, 2, 4}, false},
              {{1, 5, 3, 20}, false}});
}

TEST(GradientsTest, OfSequencesEndToEndWithIdleSteps) {
  CheckCases({{{1, 1, 1, 1}, true},
              {{9, 1, 2, 3}, true},
              {{7, 4, 3, 9}, true},
              {{6, 13, 2, 5}, true},
              {{5, 3, 5, 17}, true},
              {{12, 2, 1, 8}, true}});
}

TEST(GradientsTest, OfEverySplit) {
  for (const Split split : {Split::kRows, Split::kUnits}) {
    for (const int threads : {2, 3}) {
      CheckCases({{{3, 3, 2, 9}, false, split, threads, /*most=*/10},
                  {{4, 4, 1, 9}, true, split, threads, /*most=*/10}});
    }
  }
}

TEST(GradientsTest, WhereTheBlocksOfAProductEnd) {
  // That of the weights has blocks of 256 rows by 480 columns, that of x tiles of 96 rows; the way
  // back is cut at a depth of 1024.
  CheckCases({{{100, 3, 2, 3}, false},
              {{2, 1, 485, 1}, false},
              {{2, 2, 1, 265}, false, Split::kAlone, 1, /*most=*/60}});
}

TEST(GradientsTest, OnEveryInstructionSet) {
  test::ForEachInstructionSet([] {
    CheckCases({{{4, 2, 3, 5}, false}, {{5, 3, 2, 9}, true}, {{3, 7, 1, 3}, true}});
  });
}

TEST(GradientsTest, AreAddedToTheWeightsAndOverwriteTheRest) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<double> layer(cell, {4, 3, 2, 9}, /*seed=*/8, true);
    layer.Forward();
    layer.Backward();
    const std::vector<double> once(layer.d_weights.data(),
                                   layer.d_weights.data() + layer.d_weights.size());
    const std::vector<double> d_x = Dense(layer.d_x, layer.I);
    const std::vector<double> d_initial = Dense(layer.d_initial, layer.H);
    layer.Forward();  // the tape is used up
    for (std::size_t i = 0; i < layer.d_state.size(); ++i) layer.d_state[i] = layer.d_after[i];
    Crew<double> crew = layer.TheCrew(Split::kAlone, 1);
    Backward(layer.Weights(), layer.TheBatch(),
             States<double>{layer.before.data(), layer.after.data()}, layer.y.data(),
             layer.d_y.data(), layer.TheTape(),
             BatchGradients<double>{layer.plan.In(layer.d_weights.data()), layer.d_state.data(),
                                    layer.d_initial.data(), layer.d_x.data()},
             crew);
    for (std::size_t i = 0; i < once.size(); ++i) {
      EXPECT_NEAR(layer.d_weights[i], 2 * once[i], 1e-12 * (1 + std::abs(once[i])));
    }
    EXPECT_EQ(Dense(layer.d_x, layer.I), d_x);
    EXPECT_EQ(Dense(layer.d_initial, layer.H), d_initial);
  }
}

TEST(GradientsTest, LeaveThePaddingOfTheWeightsAtZero) {
  for (const CellFacts& cell : Cells()) {
    RandomLayer<double> layer(cell, {6, 5, 3, 9}, /*seed=*/9, true);
    layer.Forward();
    layer.Backward();
    const std::size_t L = layer.walks->lanes;
    const auto expect_zero = [&](std::size_t offset, std::size_t K, std::size_t sums) {
      const std::size_t panel = K * sums * L;
      for (std::size_t i = 0; panel > 0 && i < panel * (Padded<double>(layer.H) / L); ++i) {
        if (i / panel * L + i % L < layer.H) continue;
        ASSERT_EQ(layer.d_weights[offset + i], 0) << cell.name << ", number " << i;
      }
    };
    expect_zero(layer.plan.w, layer.I, static_cast<std::size_t>(cell.input_sums));
    expect_zero(layer.plan.u, layer.H, static_cast<std::size_t>(cell.recurrent_sums));
    expect_zero(layer.plan.b, 1, cell.sums.size());
    expect_zero(layer.plan.unit, 1, cell.unit_weights.size());
  }
}

TEST(GradientsTest, OfNoStepAreThoseOfTheStateAfter) {
  for (const CellFacts& cell : Cells()) {
    for (const bool with_ids : {false, true}) {
      RandomLayer<double> layer(cell, {0, 3, 2, 9}, /*seed=*/10, with_ids);
      for (const bool with_tape : {false, true}) {
        layer.Forward(Split::kUnits, 2, with_tape);
        EXPECT_EQ(Dense(layer.after, layer.H), Dense(layer.before, layer.H));
      }
      layer.Backward(Split::kUnits, 2);
      EXPECT_EQ(Dense(layer.d_state, layer.H), Dense(layer.d_after, layer.H));
      for (std::size_t i = 0; i < layer.d_weights.size(); ++i) ASSERT_EQ(layer.d_weights[i], 0);
    }
  }
}

}  // namespace
}  // namespace unroll
