// What is available is what the tightest limit leaves; what is too much is refused in words.
#include "unroll/base/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace unroll {
namespace {

TEST(AvailableMemoryTest, IsSomeOfTheMachines) {
  const std::uint64_t pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  const std::uint64_t available = AvailableMemory();
  EXPECT_GT(available, std::uint64_t{1} << 20);
  EXPECT_LT(available, pages * static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE)));
}

TEST(AvailableMemoryTest, HeedsTheLimitOfAddressSpace) {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  ASSERT_TRUE(file >> pages);
  const std::uint64_t used = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
  constexpr std::uint64_t kRest = std::uint64_t{64} << 20;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = used + kRest;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  const std::uint64_t available = AvailableMemory();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_LE(available, kRest);
  EXPECT_GT(available, kRest / 2);
}

TEST(BytesInWordsTest, ChoosesTheUnit) {
  const struct {
    std::uint64_t bytes;
    const char* words;
  } cases[] = {{0, "0 bytes"},          {1, "1 byte"},
               {1023, "1023 bytes"},    {1024, "1 KiB"},
               {12 << 10, "12 KiB"},    {640 << 20, "640 MiB"},
               {3ull << 29, "1.5 GiB"}, {(1 << 20) - 1, "1 MiB"},  // not 1024 KiB
               {~0ull, "16 EiB"}};
  for (const auto& [bytes, words] : cases) EXPECT_EQ(BytesInWords(bytes), words) << bytes;
}

TEST(CheckMemoryTest, TellsBothAmountsAndTheMend) {
  EXPECT_TRUE(CheckMemory("--hidden", 1024, 1024, ""));
  const auto refused = CheckMemory("--hidden", 3ull << 30, 1ull << 30, "take fewer units");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kSystem);
  EXPECT_EQ(refused.error().Message(),
            "--hidden: expected at most 1 GiB of memory, found that it needs 3 GiB; "
            "take fewer units");
}

TEST(CheckMemoryTest, TellsCloseAmountsApart) {
  const auto refused = CheckMemory("--hidden", (1ull << 30) + 1, 1ull << 30, "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().Message(),
            "--hidden: expected at most 1073741824 bytes of memory, found that it needs "
            "1073741825 bytes");
}

}  // namespace
}  // namespace unroll
