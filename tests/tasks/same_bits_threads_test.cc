// A fit leaves the same file every time, for any number of threads.
#include <gtest/gtest.h>

#include <string>

#include "tests/tasks/small_fit.h"

namespace unroll {
namespace {

TEST(ForecastingTest, TheModelIsTheSameForAnyNumberOfThreads) {
  ForecastingOptions options = test::SmallOptions();
  options.hidden = 200, options.layers = 2, options.steps = 4;  // more than one thread takes alone
  std::string expected;
  for (const int threads : {1, 1, 2, 3}) {
    options.threads = threads;
    test::FakeFiles files;
    test::Stopper stopper;
    const auto report = Fit(test::Wave(), options, "m", files, stopper);
    ASSERT_TRUE(report) << report.error().Message();
    if (expected.empty()) expected = files.Now().at("m");
    EXPECT_TRUE(files.Now().at("m") == expected) << threads;
  }
}

}  // namespace
}  // namespace unroll
