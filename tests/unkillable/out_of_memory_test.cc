// Memory that ends at the k-th allocation, for k = 1, 2, ... until the program no longer comes to
// the k-th: code 71 and one line, or the right result; never a signal, and nothing half written.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/unkillable/program.h"
#include "unroll/base/files.h"
#include "unroll/model/checkpoint.h"

namespace unroll {
namespace {

using test::Ending;
using test::Program;
using Words = Program::Words;
using Files = Program::Files;

constexpr const char* kLine = "unroll: memory: expected enough of it, found none left\n";
const Words kTrain = {"train",   "air.csv", "-o",           "m",    "--hidden",  "4", "--quiet",
                      "--steps", "3",       "--save-every", "1e-9", "--threads", "2"};

/// Every allocation in the night; else every one of the first few and then some.
long After(long k, long stride) {
  return k < 20 || std::getenv("UNROLL_NIGHTLY") != nullptr ? k + 1 : k + stride;
}

class OutOfMemoryTest : public testing::Test {
 protected:
  /// `files` are what the program finds when it starts.
  void FailAtEachAllocation(const Words& words, const std::string& action, long stride,
                            const Files& files = {}) {
    program.Clear(files);
    const Ending whole = program.Run(words, "memory " + action + " 0");
    ASSERT_EQ(whole.code, 0) << whole.err;
    ASSERT_GT(whole.calls, 500) << "allocations are not counted";
    const auto names = program.Names();
    const std::string model = program.Get("m");

    int runs = 0, refused = 0;
    for (long k = 1;; k = After(k, stride)) {
      SCOPED_TRACE("memory " + action + " " + std::to_string(k));
      program.Clear(files);
      const Ending ending = program.Run(words, "memory " + action + " " + std::to_string(k));
      ++runs;
      ASSERT_EQ(ending.signal, 0) << ending.err;
      const bool found_none = ending.code != 0;
      refused += found_none;
      if (found_none) {
        ASSERT_EQ(ending.code, 71) << ending.err;
        EXPECT_EQ(ending.err, kLine);
        EXPECT_TRUE(ending.out.empty() || ending.out == whole.out);
      } else {
        EXPECT_EQ(ending.err, "");
        EXPECT_EQ(ending.out, whole.out);
        EXPECT_EQ(program.Names(), names);
      }
      for (const std::string& name : program.Names()) ExpectWhole(name, model);
      if (ending.calls < k) break;
    }
    std::printf("%ld allocations, %d runs, %d of them with code 71\n", whole.calls, runs, refused);
    EXPECT_GT(refused, runs / 2);
  }

  void ExpectWhole(const std::string& name, const std::string& model) {
    if (name == "m") {
      EXPECT_EQ(program.Get("m"), model);
    } else if (name == "m.ckpt") {
      EXPECT_TRUE(ReadCheckpoint(RealFiles(), program.Path(name)));
    } else {
      EXPECT_EQ(name, "air.csv");
    }
  }

  Program program;
};

TEST_F(OutOfMemoryTest, OnceWhileItTrains) { FailAtEachAllocation(kTrain, "once", 13); }
TEST_F(OutOfMemoryTest, ForGoodWhileItTrains) { FailAtEachAllocation(kTrain, "on", 29); }

TEST_F(OutOfMemoryTest, WhileItGoesOnWithATraining) {
  // Killed half-way through its calls, a training has left a checkpoint.
  const Ending whole = program.Run(kTrain, "disk 0 0");
  program.Clear();
  program.Run(kTrain, "disk before " + std::to_string(whole.calls / 2));
  ASSERT_TRUE(program.Has("m.ckpt"));
  Words words = kTrain;
  words.push_back("--resume");
  FailAtEachAllocation(words, "once", 13, {{"m.ckpt", program.Get("m.ckpt")}});
}

TEST_F(OutOfMemoryTest, WhileItForecasts) {
  ASSERT_EQ(program.Run(kTrain).code, 0);
  const Words words = {"forecast", "air.csv", "--model", "m", "--json", "--threads", "2"};
  const Files files = {{"m", program.Get("m")}};
  FailAtEachAllocation(words, "once", 13, files);
  FailAtEachAllocation(words, "on", 29, files);
}

TEST_F(OutOfMemoryTest, WhileItVerifies) {
  ASSERT_EQ(program.Run(kTrain).code, 0);
  const Files files = {{"m", program.Get("m")}};
  FailAtEachAllocation({"verify", "m"}, "once", 13, files);
  FailAtEachAllocation({"verify", "m", "--json"}, "once", 13, files);
}

TEST_F(OutOfMemoryTest, WithNowhereToTellOfIt) {
  program.err_path = "/dev/full";
  const Ending whole = program.Run({"verify", "none"}, "memory on 0");
  EXPECT_EQ(whole.code, 66);
  for (long k = 1; k <= whole.calls; ++k) {
    const Ending ending = program.Run({"verify", "none"}, "memory on " + std::to_string(k));
    EXPECT_EQ(ending.signal, 0) << "memory on " << k;
    EXPECT_TRUE(ending.code == 71 || ending.code == 66) << ending.code;
  }
}

TEST(OutOfThreadsTest, FewerThreadsGiveTheSameBits) {
  Program program;
  const Words words = {"train",    "air.csv", "-o",      "m", "--hidden",  "64", "--quiet",
                       "--layers", "2",       "--steps", "3", "--threads", "4"};
  const Ending whole = program.Run(words, "threads on 0");
  ASSERT_EQ(whole.code, 0) << whole.err;
  ASSERT_GE(whole.calls, 3) << "threads are not counted";
  const std::string model = program.Get("m");
  for (long k = 1; k <= 3; ++k) {
    program.Clear();
    const Ending ending = program.Run(words, "threads on " + std::to_string(k));
    EXPECT_EQ(ending.code, 0) << ending.err;
    EXPECT_EQ(ending.calls, k) << "no more are tried behind the first that fails";
    EXPECT_EQ(program.Get("m"), model);
  }
}

}  // namespace
}  // namespace unroll
