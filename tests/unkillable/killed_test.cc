// The program is killed just before and just after each of its calls to the disk, at random times,
// and by a second Ctrl-C at each call; and each call fails. Whatever happens, --resume leads to the
// model of a training that nothing stopped, from at most one save interval back.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/unkillable/program.h"

namespace unroll {
namespace {

using test::Ending;
using test::Program;
using Words = Program::Words;

/// The step of the line "step 3 of 5, loss ..." that `find` finds, or 0.
long StepIn(const std::string& words, std::size_t at) {
  return at == std::string::npos ? 0 : std::strtol(words.c_str() + at + 5, nullptr, 10);
}
long LastStep(const std::string& words) { return StepIn(words, words.rfind("step ")); }
long FirstStep(const std::string& words) { return StepIn(words, words.find("step ")); }

class KilledTest : public testing::Test {
 protected:
  /// Saves after each step but the last, and tells each.
  KilledTest() : KilledTest("8", "3") {}
  KilledTest(const std::string& hidden, const std::string& steps)
      : train({"train", "air.csv", "-o", "m", "--hidden", hidden, "--steps", steps, "--save-every",
               "1e-9", "--threads", "1"}) {
    const Ending whole = program.Run(train, "disk 0 0");
    EXPECT_EQ(whole.code, 0) << whole.err;
    EXPECT_EQ(LastStep(whole.err), std::stol(steps));
    calls = whole.calls;
    model = program.Get("m");
    EXPECT_GT(calls, 50) << "calls are not counted";
    EXPECT_EQ(program.Names(), (std::vector<std::string>{"air.csv", "m"}));
  }

  /// Goes on after `stopped`.
  void Resume(const Ending& stopped) {
    const bool saved = program.Has("m.ckpt"), done = program.Has("m");
    const long steps_done = LastStep(stopped.err);
    if (done) {
      EXPECT_TRUE(program.Get("m") == model);
    }
    Words resume = train;
    resume.push_back("--resume");
    Ending ending = program.Run(resume);
    if (!saved) {
      // Nothing had been saved yet, or nothing more was to be done.
      EXPECT_EQ(ending.code, 66) << ending.err;
      EXPECT_TRUE(done || steps_done <= 1) << "steps done: " << steps_done;
      ending = program.Run(train);
    } else {
      EXPECT_GE(FirstStep(ending.err), steps_done) << "more than one step back";
      ++resumed;
    }
    EXPECT_EQ(ending.code, 0) << ending.err;
    EXPECT_TRUE(program.Get("m") == model);
    EXPECT_EQ(program.Names(), (std::vector<std::string>{"air.csv", "m"}));
  }

  void KillAtEachCall(const std::string& action, int signal) {
    for (long k = 1; k <= calls; ++k) {
      SCOPED_TRACE("disk " + action + " " + std::to_string(k));
      program.Clear();
      const Ending killed = program.Run(train, "disk " + action + " " + std::to_string(k));
      // The one signal more, where the last call had none behind it.
      if (signal == SIGINT && k == calls) break;
      ASSERT_EQ(killed.signal, signal) << killed.err;
      Resume(killed);
      if (HasFailure()) break;
    }
    std::printf("%ld calls, resumed from a checkpoint %d times\n", calls, resumed);
    EXPECT_GT(resumed, calls / 2);
  }

  Program program;
  Words train;
  std::string model;  // of the training that nothing stopped
  long calls = 0;
  int resumed = 0;
};

TEST_F(KilledTest, JustBeforeEachCall) { KillAtEachCall("before", SIGKILL); }
TEST_F(KilledTest, JustAfterEachCall) { KillAtEachCall("after", SIGKILL); }
TEST_F(KilledTest, ByASecondCtrlCAtEachCall) { KillAtEachCall("interrupt", SIGINT); }

class KilledAtRandomTest : public KilledTest {
 protected:
  KilledAtRandomTest() : KilledTest("64", "10") {}
};

TEST_F(KilledAtRandomTest, FiftyTimes) {
  using Clock = std::chrono::steady_clock;
  program.Clear();
  const Clock::time_point begin = Clock::now();
  ASSERT_EQ(program.Run(train).code, 0);
  const std::chrono::duration<double, std::micro> whole = Clock::now() - begin;
  std::mt19937 random(1);
  int killed = 0;
  for (int i = 0; i < 50; ++i) {
    const double share = std::uniform_real_distribution(0.0, 1.0)(random);
    const std::chrono::microseconds delay(static_cast<long>(share * whole.count()));
    SCOPED_TRACE("killed after " + std::to_string(delay.count()) + " microseconds");
    program.Clear();
    const Ending ending = program.Run(train, "", delay);
    if (ending.signal == SIGKILL) {
      ++killed;
      Resume(ending);
    } else {
      EXPECT_EQ(ending.code, 0) << ending.err;
      EXPECT_TRUE(program.Get("m") == model);
    }
  }
  std::printf("killed %d times of 50 before its end, resumed from a checkpoint %d times\n", killed,
              resumed);
}

/// Each call fails once: with an error number, or by writing half of what it should.
class FailedCallTest : public KilledTest {
 protected:
  void FailEachCall(const std::string& how) {
    int refused = 0;
    for (long k = 1; k <= calls; ++k) {
      SCOPED_TRACE("disk " + how + " " + std::to_string(k));
      program.Clear();
      const Ending ending = program.Run(train, "disk " + how + " " + std::to_string(k));
      ASSERT_EQ(ending.signal, 0) << ending.err;
      for (const std::string& name : program.Names()) {
        EXPECT_TRUE(name == "air.csv" || name == "m" || name == "m.ckpt") << name;
      }
      if (ending.code == 0) {
        EXPECT_TRUE(program.Get("m") == model);
      } else {
        ++refused;
        EXPECT_TRUE(ending.code == 66 || ending.code == 73 || ending.code == 74)
            << ending.code << ": " << ending.err;
        const std::size_t line = ending.err.rfind("unroll: ");
        EXPECT_TRUE(line != std::string::npos &&
                    ending.err.find('\n', line) + 1 == ending.err.size())
            << ending.err;
        Resume(ending);
      }
      if (HasFailure()) break;
    }
    std::printf("%ld calls, %d ended the training\n", calls, refused);
    failures = refused;
  }
  int failures = 0;
};

TEST_F(FailedCallTest, ByTheDisk) {
  FailEachCall(std::to_string(EIO));
  EXPECT_GT(failures, calls / 2);
}
TEST_F(FailedCallTest, ForWantOfRoom) {
  FailEachCall(std::to_string(ENOSPC));
  EXPECT_GT(failures, calls / 2);
}
TEST_F(FailedCallTest, HalfAWriteIsGoneOnWith) {
  FailEachCall("short");
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace unroll
