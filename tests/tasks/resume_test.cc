// A training that was stopped goes on as if it had not been, or says why it cannot.
#include "unroll/tasks/resume.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/tasks/small_fit.h"
#include "unroll/cells/cells.h"

namespace unroll {
namespace {

using test::FakeFiles;
using test::SmallOptions;
using test::Stopper;
using test::Wave;

/// That a fit with these options, cut after any step, gives the file of one that never stopped.
void ExpectCutsChangeNothing(ForecastingOptions options, const std::string& what) {
  FakeFiles whole;
  Stopper never;
  ASSERT_TRUE(Fit(Wave(), options, "m", whole, never));
  const std::string expected = whole.Now().at("m");
  for (std::uint64_t k = 1; k < 30; ++k) {
    FakeFiles files;
    Stopper stopper(k);
    options.resume = false;
    const auto stopped = Fit(Wave(), options, "m", files, stopper);
    ASSERT_TRUE(stopped) << stopped.error().Message();
    EXPECT_TRUE(stopped->stopped);
    EXPECT_EQ(stopped->steps, k);
    EXPECT_EQ(files.Exists("m"), stopped->best_step > 0);
    options.resume = true;
    Stopper rest;
    const auto resumed = Fit(Wave(), options, "m", files, rest);
    ASSERT_TRUE(resumed) << resumed.error().Message();
    EXPECT_EQ(rest.steps, 30 - k);
    EXPECT_TRUE(files.Now().at("m") == expected) << what << ", stopped after step " << k;
    EXPECT_FALSE(files.Exists("m.ckpt"));
  }
}

TEST(ResumeTest, AfterAnyStepTheModelIsThatOfATrainingThatNeverStopped) {
  std::vector<std::pair<std::string, Precision>> kinds = {{"lstm", Precision::kFp64}};
  for (const CellFacts& cell : Cells()) {
    if (!cell.reads_input) kinds.emplace_back(cell.name, Precision::kFp32);
  }
  for (const auto& [cell, precision] : kinds) {
    ForecastingOptions options = SmallOptions(precision);
    options.cell = cell;
    ExpectCutsChangeNothing(options, cell);
  }
}

TEST(ResumeTest, SoItIsWithEveryOptimizerAndSchedule) {
  const Schedule schedules[] = {{ScheduleKind::kStep, 4, 0.75, 0, 3},
                                {ScheduleKind::kCosine, 0, 1, 0.1, 5},
                                {ScheduleKind::kCosine},
                                {ScheduleKind::kConstant, 0, 1, 0, 10}};
  for (const Rule rule : kRules) {
    ForecastingOptions options = SmallOptions();
    options.optimizer = DefaultsOf(rule);
    if (rule == Rule::kSgd || rule == Rule::kRmsprop) options.optimizer.momentum = 0.9;
    options.schedule = schedules[static_cast<std::size_t>(rule)];
    ExpectCutsChangeNothing(options, std::string(NameOf(rule)));
  }
}

TEST(ResumeTest, ALongerOrShorterRunIsThatWhichHadItsLengthFromTheBeginning) {
  for (const std::uint64_t steps : {15, 45}) {
    ForecastingOptions options = SmallOptions();
    options.schedule = {ScheduleKind::kStep, 4, 0.75, 0, 3};
    FakeFiles files;
    Stopper stopper(10);
    ASSERT_TRUE(Fit(Wave(), options, "m", files, stopper));
    options.steps = steps;
    FakeFiles whole;
    Stopper never, rest;
    ASSERT_TRUE(Fit(Wave(), options, "m", whole, never));
    options.resume = true;
    ASSERT_TRUE(Fit(Wave(), options, "m", files, rest));
    EXPECT_EQ(rest.steps, steps - 10);
    EXPECT_TRUE(files.Now().at("m") == whole.Now().at("m")) << steps;
  }
}

/// Hears how a run resumes.
class ResumeListener : public Stopper {
 public:
  using Stopper::Stopper;
  void OnResume(const Resumption& resumption) override { heard.push_back(resumption); }
  std::vector<Resumption> heard;
};

TEST(ResumeTest, OnAnotherInstructionSetItGoesOnAndSaysSo) {
  const auto sets = InstructionSets();
  if (sets.size() < 2) GTEST_SKIP() << "this machine has one instruction set";
  const std::string first(sets.front()), last(sets.back());
  ForecastingOptions options = SmallOptions();
  FakeFiles files;
  Stopper stopper(10);
  ASSERT_TRUE(Fit(Wave(), options, "m", files, stopper));
  options.resume = true;
  ResumeListener same(5), other(5), again;
  ASSERT_TRUE(Fit(Wave(), options, "m", files, same));
  ASSERT_EQ(same.heard.size(), 1u);
  EXPECT_EQ(same.heard[0].begun_on, first);
  EXPECT_EQ(same.heard[0].runs_on, first);
  {
    const test::ForcedInstructionSet forced(last);
    ASSERT_TRUE(Fit(Wave(), options, "m", files, other));
    ASSERT_EQ(other.heard.size(), 1u);
    EXPECT_EQ(other.heard[0].checkpoint, "m.ckpt");
    EXPECT_EQ(other.heard[0].step, 15u);
    EXPECT_EQ(other.heard[0].begun_on, first);
    EXPECT_EQ(other.heard[0].runs_on, last);
    ASSERT_TRUE(Fit(Wave(), options, "m", files, again));
  }
  EXPECT_EQ(again.heard.at(0).begun_on, first + ", " + last);
  const auto model = ReadModel(files, "m");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->provenance.at("simd"), first + ", " + last);
  EXPECT_EQ(model->provenance.at("precision"), "fp32");
}

/// A training stopped after 10 steps, and how it refuses to go on.
class ResumeRefusalTest : public testing::Test {
 protected:
  ResumeRefusalTest() {
    Stopper stopper(10);
    EXPECT_TRUE(Fit(Wave(), SmallOptions(), "m", files, stopper));
    options.resume = true;
  }
  Error Refusal(const Series& series = Wave()) {
    const auto before = files.Now();
    Stopper stopper;
    const auto report = Fit(series, options, "m", files, stopper);
    EXPECT_FALSE(report);
    EXPECT_EQ(stopper.steps, 0u);
    EXPECT_EQ(files.Now(), before);
    return report ? Error{} : report.error();
  }

  FakeFiles files;
  ForecastingOptions options = SmallOptions();
};

TEST_F(ResumeRefusalTest, WithoutACheckpoint) {
  FakeFiles empty;
  Stopper stopper;
  auto report = Fit(Wave(), options, "m", empty, stopper);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, Failure::kNoInput);
  EXPECT_EQ(report.error().Message(),
            "m.ckpt: expected the checkpoint of a stopped training, found none; train anew without "
            "--resume");
  report = Fit(Wave(), options, "", files, stopper);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().place, "--resume");
}

TEST_F(ResumeRefusalTest, WithOtherSettings) {
  options.rate = 0.25;
  EXPECT_EQ(
      Refusal().Message(),
      "--lr: expected 0.005, as m.ckpt was begun with, found 0.25; give the same flags again, "
      "or train anew without --resume");
  EXPECT_EQ(Refusal().kind, Failure::kUsage);
  const auto place = [this](auto change) {
    options = SmallOptions();
    options.resume = true;
    change(options);
    return Refusal().place;
  };
  EXPECT_EQ(place([](auto& o) { o.hidden = 6; }), "--hidden");
  EXPECT_EQ(place([](auto& o) { o.layers = 2; }), "--layers");
  EXPECT_EQ(place([](auto& o) { o.horizon = 5; }), "--horizon");
  EXPECT_EQ(place([](auto& o) { o.season = 5, o.horizon = 4; }), "--season");
  EXPECT_EQ(place([](auto& o) { o.optimizer = DefaultsOf(Rule::kSgd); }), "--optimizer");
  EXPECT_EQ(place([](auto& o) { o.optimizer.weight_decay = 0.1; }), "--weight-decay");
  EXPECT_EQ(place([](auto& o) { o.optimizer.momentum = 0.1; }), "--momentum");
  EXPECT_EQ(place([](auto& o) { o.schedule.kind = ScheduleKind::kCosine; }), "--schedule");
  EXPECT_EQ(place([](auto& o) { o.schedule.warm_up = 3; }), "--warm-up");
  EXPECT_EQ(place([](auto& o) { o.clip = 2; }), "--clip");
  EXPECT_EQ(place([](auto& o) { o.seed = 2; }), "--seed");
  EXPECT_EQ(place([](auto& o) { o.precision = Precision::kFp64; }), "--precision");
}

TEST_F(ResumeRefusalTest, WithOtherData) {
  Series other = Wave();
  other.values[3] += 1e-9;
  EXPECT_EQ(Refusal(other).Message(),
            "data/wave.csv: expected the values that m.ckpt was begun with, found others; give the "
            "same file again, or train anew without --resume");
  EXPECT_EQ(Refusal(other).kind, Failure::kBadData);
}

TEST_F(ResumeRefusalTest, WithFewerStepsThanAreDone) {
  options.steps = 10;
  EXPECT_EQ(Refusal().Message(),
            "--steps: expected more than the 10 that m.ckpt has done, found 10");
}

TEST_F(ResumeRefusalTest, WithOtherStepsThanItsScheduleEndsAt) {
  options.resume = false;
  options.schedule.kind = ScheduleKind::kCosine;
  Stopper stopper(10);
  ASSERT_TRUE(Fit(Wave(), options, "m", files, stopper));
  options.resume = true;
  options.steps = 31;
  EXPECT_EQ(Refusal().Message(),
            "--steps: expected 30, as m.ckpt was begun with, which its schedule ends at, found 31; "
            "give the same flags again, or train anew without --resume");
}

TEST_F(ResumeRefusalTest, FromADamagedCheckpoint) {
  std::string bytes = files.Now().at("m.ckpt");
  bytes[bytes.size() - 3] ^= 1;
  files.Put("m.ckpt", bytes);
  EXPECT_EQ(Refusal().kind, Failure::kBadData);
}

TEST_F(ResumeRefusalTest, FromACheckpointThatContradictsItself) {
  auto checkpoint = ReadCheckpoint(files, "m.ckpt");
  ASSERT_TRUE(checkpoint);
  checkpoint->model.scaling->target_mean[0] += 1;
  ASSERT_TRUE(WriteCheckpoint(files, "m.ckpt", *checkpoint));
  EXPECT_EQ(Refusal().expected, "the network and scaling that its settings lead to");
}

TEST_F(ResumeRefusalTest, WhatChangesNoBitMayBeChanged) {
  options.threads = 2, options.save_every = 0.5, options.memory_limit = std::uint64_t{1} << 30;
  Stopper stopper;
  EXPECT_TRUE(Fit(Wave(), options, "m", files, stopper));
}

}  // namespace
}  // namespace unroll
