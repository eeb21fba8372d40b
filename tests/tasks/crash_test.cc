// A whole training, stopped by a power cut or by a failing disk at each operation on its files:
// what is on the disk then leads to the model of a training that nothing stopped, from at most one
// save interval back.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/tasks/small_fit.h"

namespace unroll {
namespace {

using test::FakeFiles;
using test::SmallOptions;
using test::Stopper;
using test::Wave;
using Disk = FakeFiles::Disk;

/// Another training's model, which lies where ours goes to.
const std::string kOld = "the model of an earlier training";

/// A training of a few steps, each of which is followed by a checkpoint. So fast that the third
/// step is the best: checkpoints must keep its weights too.
ForecastingOptions Options(bool resume) {
  ForecastingOptions options = SmallOptions();
  options.steps = 5, options.rate = 2, options.save_every = 0, options.resume = resume;
  return options;
}

Result<FitReport> Train(FakeFiles& files, Observer& observer, bool resume) {
  return Fit(Wave(), Options(resume), "m", files, observer);
}

FakeFiles FilesOf(const Disk& disk) {
  FakeFiles files;
  for (const auto& [path, content] : disk) files.Put(path, content);
  return files;
}

/// What a failed operation is told as: its kind and the phrase of the disk.
Error ErrorOf(const std::string& operation) {
  const auto is = [&](const char* name) { return operation.starts_with(name); };
  if (is("target")) return {Failure::kPermission, "", "a file", "Permission denied", ""};
  if (is("create")) return {Failure::kCannotCreate, "", "a file", "No space left on device", ""};
  return {Failure::kInputOutput, "", "to reach the disk", "Input/output error", ""};
}

class CrashTest : public testing::Test {
 protected:
  CrashTest() {
    FakeFiles files = FilesOf({{"m", kOld}});
    Stopper never;
    const auto report = Train(files, never, false);
    EXPECT_TRUE(report);
    EXPECT_TRUE(report->best_step > 0 && report->best_step < 4) << report->best_step;
    expected = files.Now().at("m");
    operations = files.log();
    EXPECT_EQ(files.Now(), (Disk{{"m", expected}}));
  }

  /// Goes on from `disk`, which a training has left after `steps_done` steps.
  void GoOn(const Disk& disk, std::uint64_t steps_done) {
    ++points;
    const std::string& model = disk.at("m");
    EXPECT_TRUE(model == kOld || model == expected) << "a model that is neither old nor new";
    if (disk.count("m.ckpt") == 0) {
      EXPECT_TRUE(steps_done <= 1 || model == expected) << "more than one step is lost";
      ++without_checkpoint;
    }
    const auto [resumed, is_new] = seen.try_emplace(disk);
    if (is_new) resumed->second = Resume(disk);
    if (disk.count("m.ckpt") > 0) {
      EXPECT_GE(resumed->second + 1, steps_done) << "more than one step is lost";
    }
  }

  /// The step from which a training goes on.
  std::uint64_t Resume(const Disk& disk) {
    FakeFiles files = FilesOf(disk);
    Stopper rest;
    const bool saved = disk.count("m.ckpt") > 0;
    Result<FitReport> report = Train(files, rest, true);
    if (!saved) {
      EXPECT_FALSE(report);
      EXPECT_EQ(report.error().kind, Failure::kNoInput);
      report = Train(files, rest, false);
    }
    EXPECT_TRUE(report) << report.error().Message();
    EXPECT_EQ(files.Now(), (Disk{{"m", expected}}));
    EXPECT_EQ(files.open_handles(), 0);
    return Options(false).steps - rest.steps;
  }

  std::string expected;                 // the model's bytes
  std::vector<std::string> operations;  // of the training that nothing stopped
  std::map<Disk, std::uint64_t> seen;   // from which training has gone on, and the step
  int points = 0, without_checkpoint = 0;
};

TEST_F(CrashTest, APowerCutAtAnyOperation) {
  for (std::size_t k = 0; k < operations.size(); ++k) {
    SCOPED_TRACE("power cut at operation " + std::to_string(k) + ", " + operations[k]);
    FakeFiles files = FilesOf({{"m", kOld}});
    files.CrashAt(k);
    Stopper observer;
    EXPECT_FALSE(Train(files, observer, false));
    files.ForEachOutcome([&](const Disk& disk) { GoOn(disk, observer.steps); });
    if (HasFailure()) return;
  }
  std::printf("%zu operations, %d outcomes of power cuts, %d without a checkpoint\n",
              operations.size(), points, without_checkpoint);
  EXPECT_GE(points, 1000);
  EXPECT_LT(without_checkpoint, points / 2);
}

TEST_F(CrashTest, AFailureOfAnyOperationAndAPowerCutBehindIt) {
  for (std::size_t k = 0; k < operations.size(); ++k) {
    SCOPED_TRACE("failure of operation " + std::to_string(k) + ", " + operations[k]);
    const Error error = ErrorOf(operations[k]);
    FakeFiles files = FilesOf({{"m", kOld}});
    files.FailAt(k, error);
    Stopper observer;
    const auto report = Train(files, observer, false);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, error.kind);
    EXPECT_EQ(report.error().found, error.found);
    EXPECT_TRUE(operations[k].starts_with("remove") || report.error().place == "m" ||
                report.error().place == "m.ckpt")
        << report.error().Message();
    EXPECT_EQ(files.open_handles(), 0);
    for (const auto& [path, content] : files.Now()) {
      EXPECT_TRUE(path == "m" || path == "m.ckpt") << path << " is left";
    }
    GoOn(files.Now(), observer.steps);
    files.ForEachOutcome([&](const Disk& disk) { GoOn(disk, observer.steps); });
    if (HasFailure()) return;
  }
  std::printf("%zu failures, %d outcomes with power cuts behind them\n", operations.size(), points);
  EXPECT_GE(points, 1000);
}

// A second power cut, while the training goes on from what the first has left.
TEST_F(CrashTest, APowerCutWhileATrainingGoesOn) {
  FakeFiles first = FilesOf({{"m", kOld}});
  Stopper two_steps(2);
  ASSERT_TRUE(Train(first, two_steps, false));
  // As if the power had gone before the stopped training's own model was put in its place.
  Disk begun = first.Now();
  begun["m"] = kOld;
  begun[".m.ckpt.unroll-tmp"] = "torn";
  FakeFiles whole = FilesOf(begun);
  Stopper never;
  ASSERT_TRUE(Train(whole, never, true));
  for (const bool cut : {true, false}) {
    for (std::size_t k = 0; k < whole.log().size(); ++k) {
      SCOPED_TRACE(std::string(cut ? "power cut at" : "failure of") + " operation " +
                   std::to_string(k) + ", " + whole.log()[k]);
      FakeFiles files = FilesOf(begun);
      const Error error = ErrorOf(whole.log()[k]);
      cut ? files.CrashAt(k) : files.FailAt(k, error);
      Stopper observer;
      const auto report = Train(files, observer, true);
      ASSERT_FALSE(report);
      if (!cut) {
        EXPECT_EQ(report.error().kind, error.kind);
      }
      files.ForEachOutcome([&](const Disk& disk) { GoOn(disk, 2 + observer.steps); });
      if (HasFailure()) return;
    }
  }
  std::printf("%zu operations, %d outcomes\n", whole.log().size(), points);
  EXPECT_GE(points, 1000);
}

}  // namespace
}  // namespace unroll
