// Under a limit of the system (`ulimit -v`), a work that fits runs and one that does not is refused
// with its figure; no signal ends either.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace unroll {
namespace {

using test::Ran;

constexpr const char* kData = UNROLL_SOURCE_DIR "/examples/air_passengers.csv";
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

/// "12.5 MiB" behind `words`, in bytes, rounded up.
std::uint64_t AmountAfter(const std::string& text, const std::string& words) {
  const std::size_t at = text.find(words);
  if (at == text.npos) return 0;
  double amount = 0;
  char unit[4] = {};
  if (std::sscanf(text.c_str() + at + words.size(), "%lf %3s", &amount, unit) != 2) return 0;
  return static_cast<std::uint64_t>((amount + 0.1) * (unit[0] == 'M' ? 1 << 20 : 1 << 10));
}

struct Work {
  const char* name;
  std::vector<std::string> words;
  const char* place;
};

class MemoryLimitTest : public testing::TestWithParam<Work> {};

TEST_P(MemoryLimitTest, IsMetOrRefused) {
  const test::TemporaryFolder folder, kept;
  std::vector<std::string> words = GetParam().words;
  words.insert(words.begin(), UNROLL_PROGRAM);
  const auto run = [&](std::uint64_t address_space) {
    return test::RunProgram(words, folder.path(), kept, {.address_space = address_space});
  };
  const std::uint64_t small = 48 * kMiB;
  const Ran refused = run(small);
  EXPECT_EQ(refused.code, 71) << refused.err;
  EXPECT_EQ(refused.signal, 0);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_EQ(refused.err.rfind(std::string("unroll: ") + GetParam().place, 0), 0u) << refused.err;
  EXPECT_TRUE(folder.Names().empty());

  const std::uint64_t left = AmountAfter(refused.err, "at most "),
                      needed = AmountAfter(refused.err, "it needs ");
  ASSERT_GT(needed, left) << refused.err;
  const Ran met = run(small - left + needed + kMiB);
  EXPECT_EQ(met.code, 0) << met.err;
  EXPECT_EQ(met.signal, 0);
  std::printf("needs %.1f MiB by the refusal, took %.1f MiB\n", static_cast<double>(needed) / kMiB,
              static_cast<double>(met.most_memory) / kMiB);

  // On the way between, no limit leads to anything else than one of the two.
  for (std::uint64_t limit = small; limit < small - left + needed; limit += 24 * kMiB) {
    const Ran between = run(limit);
    EXPECT_EQ(between.code, 71) << limit << ": " << between.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Works, MemoryLimitTest,
                         testing::Values(Work{"train",
                                              {"train", kData, "-o", "m", "--hidden", "600",
                                               "--steps", "2", "--quiet", "--threads", "2"},
                                              "training: expected at most "},
                                         Work{"forecast",
                                              {"forecast", kData, "--hidden", "600", "--steps", "2",
                                               "--quiet", "--threads", "2"},
                                              "training: expected at most "},
                                         Work{
                                             "bench",
                                             {"bench", "--shape", "256,64,64,64", "--threads", "2"},
                                             "--shape: expected at most "}),
                         [](const auto& work) { return std::string(work.param.name); });

}  // namespace
}  // namespace unroll
