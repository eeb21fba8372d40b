// Stop signals: the first is noted, the second kills, and one that is ignored stays so.
#include "cli/signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace unroll::cli {
namespace {

/// Each test runs in a process of its own, for the actions on signals belong to the process.
class SignalsTest : public testing::Test {
 protected:
  void SetUp() override { testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(SignalsTest, TheFirstIsNoted) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          NoteStopSignals();
          const bool before = StopWanted() || StopSignal() != 0;
          std::raise(signal);
          std::exit(!before && StopWanted() && StopSignal() == signal ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
  }
}

TEST_F(SignalsTest, TheSecondKillsWhicheverItIs) {
  for (const int second : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          NoteStopSignals();
          std::raise(SIGINT);
          std::raise(second);
        },
        testing::KilledBySignal(second), "");
  }
}

TEST_F(SignalsTest, AnIgnoredOneStaysIgnored) {
  EXPECT_EXIT(
      {
        std::signal(SIGINT, SIG_IGN);
        NoteStopSignals();
        std::raise(SIGINT);
        std::exit(StopWanted() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace unroll::cli
