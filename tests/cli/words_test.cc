// Small words: the nearest name, the progress bar, what a shell reads back.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace unroll::cli {
namespace {

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> names = {"--horizon", "--hidden", "--lr", "--steps"};
  EXPECT_EQ(Nearest("--hiden", names), "--hidden");
  EXPECT_EQ(Nearest("--hiddne", names), "--hidden");
  EXPECT_EQ(Nearest("--step", names), "--steps");
  EXPECT_EQ(Nearest("--setp", names), "--steps");  // two letters swapped, one left out
  EXPECT_EQ(Nearest("--rlx", names), "--lr");
  EXPECT_EQ(Nearest("--gradient", names), "");
  EXPECT_EQ(Nearest(std::string(100000, 'x'), names), "");
}

Progress At(std::uint64_t step, std::uint64_t steps, double loss, double seconds) {
  Progress progress;
  progress.step = step;
  progress.steps = steps;
  progress.loss = loss;
  progress.seconds = seconds;
  return progress;
}

TEST(BarLine, TellsRateTimeLeftAndLoss) {
  EXPECT_EQ(BarLine(At(250, 1000, 0.125, 2.0), 50, 80),
            "[#######.......................] 250/1000  100 steps/s  0:08 left  loss 0.125");
}

TEST(BarLine, FitsTheTerminal) {
  for (std::size_t width = 1; width < 100; ++width) {
    EXPECT_LT(BarLine(At(250, 1000, 0.125, 2.0), 50, width).size(), width + (width == 1)) << width;
  }
}

TEST(BarLine, KnowsNoRateAtTheStart) {
  EXPECT_EQ(BarLine(At(50, 100, 0.5, 0.0), 50, 30), "[#####.....] 50/100  loss 0.5");
}

TEST(Duration, IsReadAsAClock) {
  EXPECT_EQ(Duration(0.2), "0:01");
  EXPECT_EQ(Duration(67), "1:07");
  EXPECT_EQ(Duration(3723), "1:02:03");
  EXPECT_EQ(Duration(1e300), "long");
}

TEST(ShellWord, IsReadBackByAShell) {
  EXPECT_EQ(ShellWord("a/b-1.csv"), "a/b-1.csv");
  EXPECT_EQ(ShellWord("two words"), "'two words'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord(""), "''");
}

}  // namespace
}  // namespace unroll::cli
