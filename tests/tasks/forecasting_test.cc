// The forecaster's job: what it chooses, refuses, reports and leaves on the disk.
#include "unroll/tasks/forecasting.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/tasks/small_fit.h"
#include "unroll/base/memory.h"
#include "unroll/kernels/instruction_sets.h"
#include "unroll/version.h"

namespace unroll {
namespace {

using test::FakeFiles;
using test::SmallOptions;
using test::Stopper;
using test::Wave;

/// The fit of a wave; its model lies in `files` as "m".
Result<FitReport> FitWave(const ForecastingOptions& options, FakeFiles& files,
                          Observer&& observer = Stopper(), const Series& series = Wave()) {
  return Fit(series, options, "m", files, observer);
}

Error RefusalOf(const ForecastingOptions& options, const Series& series = Wave()) {
  FakeFiles files;
  const Result<FitReport> report = FitWave(options, files, Stopper(), series);
  EXPECT_FALSE(report);
  EXPECT_TRUE(files.log().empty()) << "nothing is touched";
  return report ? Error{} : report.error();
}

TEST(ForecastingTest, LeavesTheBestModelAndNoCheckpoint) {
  FakeFiles files;
  ForecastingOptions options = SmallOptions();
  options.save_every = 0;
  const auto report = FitWave(options, files);
  ASSERT_TRUE(report) << report.error().Message();
  EXPECT_FALSE(report->stopped);
  EXPECT_EQ(report->steps, 30u);
  EXPECT_EQ(report->planned_steps, 30u);
  EXPECT_EQ(report->training_values, 56u);
  EXPECT_EQ(report->validation_values, 4u);
  EXPECT_GT(report->best_step, 0u);
  EXPECT_EQ(files.Now().size(), 1u) << "the model alone";
  const auto saves = std::count(files.log().begin(), files.log().end(), "target m.ckpt");
  EXPECT_EQ(saves, 29) << "after every step but the last";
  const auto model = ReadModel(files, "m");
  ASSERT_TRUE(model) << model.error().Message();
  EXPECT_EQ(model->specification, report->model.specification);
  EXPECT_EQ(model->scaling, report->model.scaling);
  EXPECT_EQ(model->provenance, report->model.provenance);
}

TEST(ForecastingTest, SaysWhereTheModelComesFrom) {
  FakeFiles files;
  const auto report = FitWave(SmallOptions(Precision::kFp64), files);
  ASSERT_TRUE(report);
  const std::map<std::string, std::string> expected = {
      {"version", kVersion},
      {"data", "wave.csv"},
      {"simd", std::string(CurrentInstructionSet())},
      {"precision", "fp64"},
      {"seed", "1"},
      {"steps", "30"},
      {"best_step", std::to_string(report->best_step)}};
  EXPECT_EQ(report->model.provenance, expected);
}

TEST(ForecastingTest, ComparesItselfWithTheSeasonBefore) {
  FakeFiles files;
  ForecastingOptions options = SmallOptions();
  options.steps = 200;
  const auto report = FitWave(options, files);
  ASSERT_TRUE(report);
  EXPECT_NEAR(report->seasonal_naive_error, 4, 1e-9) << "growth of one season";
  EXPECT_LT(report->validation_error, 2);
}

TEST(ForecastingTest, WithoutAPathNothingIsKept) {
  FakeFiles files;
  Stopper stopper(5);
  const auto report = Fit(Wave(), SmallOptions(), "", files, stopper);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->stopped);
  EXPECT_TRUE(files.log().empty());
}

TEST(ForecastingTest, ChoosesHorizonSeasonAndSteps) {
  FakeFiles files;
  ForecastingOptions options = SmallOptions();
  options.season = 0, options.steps = 0, options.epochs = 3;
  auto report = FitWave(options, files);
  ASSERT_TRUE(report) << report.error().Message();
  EXPECT_EQ(report->model.scaling->season, 1u) << "there are no dates";
  EXPECT_EQ(report->model.scaling->horizon(), 12u);
  EXPECT_EQ(report->steps, 6u) << "two stretches of 24 a pass";
  Series monthly = Wave();
  monthly.dates = DateAxis{DateForm::kMonth, DateUnit::kMonths, 0, 3, 1};
  report = FitWave(options, files, Stopper(), monthly);
  ASSERT_TRUE(report) << report.error().Message();
  EXPECT_EQ(report->model.scaling->season, 4u) << "quarters";
  EXPECT_EQ(report->model.scaling->horizon(), 4u);
  options.epochs = 0;
  report = FitWave(options, files);
  EXPECT_EQ(report->steps, defaults::kSteps);
}

TEST(ForecastingTest, TooFewValuesAreRefusedWithWhatIsNeeded) {
  ForecastingOptions options = SmallOptions();
  EXPECT_EQ(RefusalOf(options, Wave(7)).Message(),
            "data/wave.csv: expected at least 8 values for a season of 4 and a horizon of 4, found "
            "7; take a longer series, or a shorter --horizon or --season");
  EXPECT_EQ(RefusalOf(options, Wave(7)).kind, Failure::kBadData);
  FakeFiles files;
  EXPECT_TRUE(FitWave(options, files, Stopper(), Wave(8)));
  options.season = 12, options.horizon = 1;
  EXPECT_EQ(RefusalOf(options, Wave(14)).expected,
            "at least 15 values for a season of 12 and a horizon of 1");
  EXPECT_TRUE(FitWave(options, files, Stopper(), Wave(15)));
}

TEST(ForecastingTest, ConstantAndNegativeSeriesAreFitted) {
  for (const double value : {0.0, -3.5, 7.0, 1e15}) {
    Series series = Wave(30);
    series.values.assign(30, value);
    FakeFiles files;
    const auto report = FitWave(SmallOptions(), files, Stopper(), series);
    ASSERT_TRUE(report) << report.error().Message();
    EXPECT_EQ(report->model.scaling->logarithm, value > 0);
  }
}

TEST(ForecastingTest, OptionsThatCannotBeAreRefusedByTheirFlags) {
  const auto place = [](auto change) {
    ForecastingOptions options = SmallOptions();
    change(options);
    const Error error = RefusalOf(options);
    EXPECT_EQ(error.kind, Failure::kUsage);
    return error.place;
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(place([](auto& o) { o.epochs = 3; }), "--epochs");
  EXPECT_EQ(place([](auto& o) { o.cell = "elman2"; }), "--cell");
  EXPECT_EQ(place([](auto& o) { o.hidden = 0; }), "--hidden");
  EXPECT_EQ(place([](auto& o) { o.layers = 0; }), "--layers");
  EXPECT_EQ(place([](auto& o) { o.horizon = 1'000'000'000'000; }), "--horizon");
  EXPECT_EQ(place([](auto& o) { o.season = 1'000'000'000'000; }), "--season");
  EXPECT_EQ(place([](auto& o) { o.rate = 0; }), "--lr");
  EXPECT_EQ(place([&](auto& o) { o.rate = kNan; }), "--lr");
  EXPECT_EQ(place([](auto& o) { o.clip = -1; }), "--clip");
  EXPECT_EQ(place([](auto& o) { o.threads = -1; }), "--threads");
  EXPECT_EQ(place([&](auto& o) { o.save_every = kNan; }), "--save-every");
}

TEST(ForecastingTest, TooMuchMemoryIsRefusedWithTheFigure) {
  ForecastingOptions options = SmallOptions();
  options.hidden = 20000;  // 20000^2 weights in four gates, in five arenas
  options.memory_limit = std::uint64_t{1} << 30;
  const Error error = RefusalOf(options);
  EXPECT_EQ(error.kind, Failure::kSystem);
  const auto needed = FitMemory(Wave(), options);
  ASSERT_TRUE(needed);
  EXPECT_GT(*needed, std::uint64_t{5 * 4 * 4} * 20000 * 20000);
  EXPECT_EQ(error.Message(), "training: expected at most 1 GiB of memory, found that it needs " +
                                 BytesInWords(*needed) +
                                 "; take fewer --hidden units or --layers, or a shorter --horizon");
  options = SmallOptions();
  options.memory_limit = *FitMemory(Wave(), options);
  FakeFiles files;
  EXPECT_TRUE(FitWave(options, files));
}

TEST(ForecastingTest, APathThatCannotBeWrittenIsRefusedBeforeTheFirstStep) {
  FakeFiles files;
  Stopper stopper;
  const auto report = Fit(Wave(), SmallOptions(), "/no/such/folder/m", files, stopper);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, Failure::kCannotCreate);
  EXPECT_EQ(stopper.steps, 0u);
}

TEST(ForecastingTest, ADiskThatFailsIsToldAndLeavesTheOldModel) {
  FakeFiles files;
  files.Put("m", "old");
  files.FailAt(0, Error{Failure::kInputOutput, "m", "room on the disk", "none", ""});
  const auto report = FitWave(SmallOptions(), files);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, Failure::kInputOutput);
  EXPECT_EQ(files.Now().at("m"), "old");
}

TEST(ForecastingTest, ADivergedTrainingWritesNothing) {
  FakeFiles files;
  files.Put("m", "old");
  ForecastingOptions options = SmallOptions();
  options.rate = 1e300, options.steps = 1000, options.save_every = 0;
  const auto report = FitWave(options, files);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, Failure::kDiverged);
  EXPECT_EQ(files.Now().at("m"), "old");
}

}  // namespace
}  // namespace unroll
