// A cell is a number, a missing number, or an error: nothing in between, and no locale decides.
#include "unroll/data/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <locale>
#include <string>

namespace unroll {
namespace {

TEST(NumbersTest, ReadsDecimalNumbersWhole) {
  const std::pair<const char*, double> numbers[] = {
      {"112", 112},   {"-3.5", -3.5},   {"+7", 7},          {" 12\t", 12}, {".5", 0.5},
      {"5.", 5},      {"1e3", 1000},    {"2.5E-3", 2.5e-3}, {"010", 10},   {"-0", 0},
      {"1e15", 1e15}, {"-1e15", -1e15}, {"1e-300", 1e-300}, {"0.1", 0.1}};
  for (const auto& [cell, number] : numbers) {
    const auto parsed = ParseNumber(cell);
    ASSERT_TRUE(parsed) << cell;
    EXPECT_EQ(*parsed, number) << cell;
    EXPECT_TRUE(IsNumber(cell)) << cell;
  }
}

TEST(NumbersTest, EmptyNanAndNaAreMissing) {
  for (const char* cell : {"", "  ", "nan", "NaN", "NAN", "NA", "na", " NA "}) {
    const auto parsed = ParseNumber(cell);
    ASSERT_TRUE(parsed) << cell;
    EXPECT_TRUE(std::isnan(*parsed)) << cell;
    EXPECT_FALSE(IsNumber(cell)) << cell;
  }
}

TEST(NumbersTest, EverythingElseIsNoNumber) {
  for (const char* cell :
       {"abc", "n/a", "1.2.3", "0x1p3", "0x10", "1,5", "--5", "+-5", "++5", "-", "+", "1 2", "5a",
        "-nan", "nan(1)", "\xd9\xa1\xd9\xa2", "1e", "1949-01"}) {
    const auto parsed = ParseNumber(cell);
    ASSERT_FALSE(parsed) << cell;
    EXPECT_EQ(parsed.error(), NumberFault::kNotANumber) << cell;
    EXPECT_FALSE(IsNumber(cell)) << cell;
  }
}

TEST(NumbersTest, InfinitiesAndDamagedSizesAreOutOfRange) {
  for (const char* cell :
       {"inf", "-Inf", "INFINITY", "1.0000001e15", "-2e15", "1e30", "1e400", "1e-400", "-1e999"}) {
    const auto parsed = ParseNumber(cell);
    ASSERT_FALSE(parsed) << cell;
    EXPECT_EQ(parsed.error(), NumberFault::kOutOfRange) << cell;
    EXPECT_FALSE(IsNumber(cell)) << cell;
  }
}

/// Numbers as they are written in half of the world.
struct DecimalComma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(NumbersTest, TheLocaleDecidesNothing) {
  const std::locale before =
      std::locale::global(std::locale(std::locale::classic(), new DecimalComma));
  const auto point = ParseNumber("1234.5"), comma = ParseNumber("1,5");
  std::locale::global(before);
  EXPECT_EQ(point, 1234.5);
  EXPECT_FALSE(comma);
}

TEST(NumbersTest, AnErrorSaysWhatToDo) {
  EXPECT_EQ(
      NumberError(NumberFault::kNotANumber, "n/a", "air.csv:17:3").Message(),
      "air.csv:17:3: expected a number, found \"n/a\"; leave the cell empty if it is missing");
  EXPECT_EQ(NumberError(NumberFault::kNotANumber, "1,5", "a:1:1").Message(),
            "a:1:1: expected a number, found \"1,5\"; write it with a decimal point and without "
            "separators");
  EXPECT_EQ(NumberError(NumberFault::kNotANumber, "5a", "a:1:1").mend,
            "leave the cell empty if it is missing");
  EXPECT_EQ(NumberError(NumberFault::kOutOfRange, "inf", "a:1:1").Message(),
            "a:1:1: expected a number of a size up to 1e15 that a double can hold, found \"inf\"; "
            "leave the cell empty if it is missing");
}

}  // namespace
}  // namespace unroll
