// Rates over a run are PyTorch's, and schedules that cannot be are refused.
#include "unroll/train/schedule.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/support/golden.h"

namespace unroll {
namespace {

const Schedule kHalving{ScheduleKind::kStep, 7, 0.5, 0, 5};
const Schedule kToAFloor{ScheduleKind::kCosine, 0, 1, 0.01, 5};
const Schedule kToZero{ScheduleKind::kCosine};

TEST(ScheduleTest, AgreesWithPyTorch) {
  const test::Golden golden = test::ReadGolden("optimizers.txt");
  for (std::uint64_t step = 0; step < 40; ++step) {
    const auto expected = [&](const char* name) { return golden.at(name).numbers.at(step); };
    EXPECT_NEAR(RateFactor(kHalving, step, 40), expected("rates.step"), 1e-12) << step;
    EXPECT_NEAR(RateFactor(kToAFloor, step, 40), expected("rates.cosine"), 1e-12) << step;
    EXPECT_NEAR(RateFactor(kToZero, step, 40), expected("rates.plain"), 1e-12) << step;
  }
}

TEST(ScheduleTest, TheDefaultChangesNothing) {
  for (const std::uint64_t step : {0, 1, 999}) EXPECT_EQ(RateFactor({}, step, 1000), 1);
  Schedule warm;
  warm.warm_up = 4;
  EXPECT_EQ(RateFactor(warm, 0, 1000), 0.25);
  EXPECT_EQ(RateFactor(warm, 3, 1000), 1);
  EXPECT_EQ(RateFactor(warm, 4, 1000), 1);
}

TEST(ScheduleTest, HasWords) {
  EXPECT_EQ(InWords(Schedule{}), "constant");
  EXPECT_EQ(InWords(kHalving), "step:7:0.5");
  EXPECT_EQ(InWords(kToAFloor), "cosine:0.01");
  EXPECT_EQ(InWords(kToZero), "cosine");
}

TEST(ScheduleTest, WhatCannotBeIsRefusedByName) {
  const auto message = [](const Schedule& schedule) {
    const Result<void> checked = CheckSchedule(schedule, 40);
    return checked ? "" : checked.error().Message();
  };
  for (const Schedule& sound : {Schedule{}, kHalving, kToAFloor, kToZero}) {
    EXPECT_EQ(message(sound), "");
  }
  EXPECT_EQ(message({ScheduleKind::kStep, 0, 0.5}),
            "schedule: expected at least 1 step between two changes of the rate, found step:0:0.5");
  for (const double factor : {0.0, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_NE(message({ScheduleKind::kStep, 1, factor}), "");
  }
  EXPECT_EQ(message({ScheduleKind::kCosine, 0, 1, 1.5}),
            "schedule: expected a floor from 0 to 1, found cosine:1.5");
  EXPECT_EQ(message({ScheduleKind::kConstant, 0, 1, 0, 40}),
            "warm_up: expected fewer than all 40 steps, found 40");
}

}  // namespace
}  // namespace unroll
