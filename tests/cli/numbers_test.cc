// Numbers on the command line: what is taken, and the traps.
#include "cli/numbers.h"

#include <gtest/gtest.h>

#include <string>

namespace unroll::cli {
namespace {

TEST(ParseWhole, TakesPlainDecimalsOfTheRange) {
  EXPECT_EQ(ParseWhole("1", "--hidden", {1, 65536}), 1u);
  EXPECT_EQ(ParseWhole("65536", "--hidden", {1, 65536}), 65536u);
  EXPECT_EQ(ParseWhole("0", "--seed", {}), 0u);
  EXPECT_EQ(ParseWhole("18446744073709551615", "--seed", {}), 18446744073709551615u);
}

TEST(ParseWhole, RefusesEverythingElseByName) {
  for (const std::string text :
       {"0", "65537", "010", "-1", "+1", "18446744073709551616", "1e3", "1.0", "nan", "inf", "0x10",
        "1,5", " 5", "5 ", "", "5a", "\xd9\xa3"}) {
    const auto read = ParseWhole(text, "--hidden", {1, 65536});
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, Failure::kUsage);
    EXPECT_EQ(read.error().Message(),
              "--hidden: expected a whole number from 1 to 65536, found \"" + text + "\"");
  }
}

TEST(ParseReal, TakesPointsAndExponents) {
  EXPECT_EQ(ParseReal("0.5", "--lr", {}), 0.5);
  EXPECT_EQ(ParseReal("1e-3", "--lr", {}), 1e-3);
  EXPECT_EQ(ParseReal("2", "--lr", {0, 2}), 2.0);
}

TEST(ParseReal, RefusesEverythingElseByName) {
  for (const std::string text : {"0", "2.1", "010", "00.5", "-1", "+1", "1e999", "1e-999", "nan",
                                 "inf", "0x10", "1,5", " 5", "5 ", "", "1e", "one"}) {
    const auto read = ParseReal(text, "--lr", {0, 2});
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, Failure::kUsage);
    EXPECT_EQ(read.error().Message(),
              "--lr: expected a number above 0, at most 2, found \"" + text + "\"");
  }
}

TEST(ParseSize, CountsInStepsOf1024) {
  EXPECT_EQ(ParseSize("1K", "--memory"), 1024u);
  EXPECT_EQ(ParseSize("512M", "--memory"), 512u << 20);
  EXPECT_EQ(ParseSize("2GiB", "--memory"), std::uint64_t{2} << 30);
  EXPECT_EQ(ParseSize("8388607T", "--memory"), std::uint64_t{8388607} << 40);
}

TEST(ParseSize, RefusesEverythingElse) {
  for (const std::string text : {"", "M", "iB", "512", "512B", "2GB", "0M", "010M", "-1M", "1.5G",
                                 "8388608T", "99999999999999999999M", "2 G", "2g", "2MG"}) {
    EXPECT_FALSE(ParseSize(text, "--memory")) << text;
  }
}

}  // namespace
}  // namespace unroll::cli
