// Dates are read strictly, their step is recognised, and they go on as they began.
#include "unroll/data/dates.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <locale>
#include <string>
#include <string_view>
#include <vector>

namespace unroll {
namespace {

using Cells = std::vector<std::string_view>;

Result<DateAxis> Read(const Cells& cells) {
  return ReadDates(cells, [](std::size_t i) { return "a.csv:" + std::to_string(i + 2) + ":1"; });
}

std::string Refusal(const Cells& cells) {
  const Result<DateAxis> axis = Read(cells);
  if (axis) return "";
  EXPECT_EQ(axis.error().kind, Failure::kBadData);
  return axis.error().Message();
}

struct Case {
  Cells cells;
  std::string frequency;
  std::size_t season;
  std::vector<std::string> next;
};

TEST(DatesTest, RecogniseTheFrequencyAndGoOnInTheirOwnForm) {
  const Case cases[] = {
      {{"1821", "1822", "1823"}, "yearly", 1, {"1824", "1825"}},
      {{"1790", "1800", "1810"}, "every 10 years", 1, {"1820", "1830"}},
      {{"1949-11", "1949-12"}, "monthly", 12, {"1950-01", "1950-02"}},
      {{"2000-01", "2000-04", "2000-07", "2000-10"}, "quarterly", 4, {"2001-01", "2001-04"}},
      {{"2000-06", "2001-06"}, "yearly", 1, {"2002-06", "2003-06"}},
      {{"2000-01", "2000-03"}, "every 2 months", 1, {"2000-05", "2000-07"}},
      {{"2023-12-30", "2023-12-31"}, "daily", 7, {"2024-01-01", "2024-01-02"}},
      {{"2024-02-28", "2024-02-29"}, "daily", 7, {"2024-03-01", "2024-03-02"}},
      {{"1958-03-29", "1958-04-05", "1958-04-12"}, "weekly", 52, {"1958-04-19", "1958-04-26"}},
      {{"2024-01-01", "2024-01-06"}, "every 5 days", 1, {"2024-01-11", "2024-01-16"}},
      {{"2024-01-01", "2024-01-29", "2024-02-26"}, "every 28 days", 1, {"2024-03-25"}},
      {{"2024-01-15", "2024-02-15"}, "monthly", 12, {"2024-03-15", "2024-04-15"}},
      {{"2024-01-30", "2024-02-29", "2024-03-30"}, "monthly", 12, {"2024-04-30", "2024-05-30"}},
      {{"2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"},
       "monthly",
       12,
       {"2020-05-31", "2020-06-30"}},
      {{"2021-02-28", "2021-03-31"}, "monthly", 12, {"2021-04-30", "2021-05-31"}},
      {{"2020-03-31", "2020-06-30", "2020-09-30"}, "quarterly", 4, {"2020-12-31", "2021-03-31"}},
      {{"2019-12-31", "2020-12-31"}, "yearly", 1, {"2021-12-31", "2022-12-31"}},
      {{"2021-02-01", "2021-03-01"}, "monthly", 12, {"2021-04-01"}},
      {{"2020-01-01", "2020-01-29"}, "every 28 days", 1, {"2020-02-26"}},
      {{"1999"}, "yearly", 1, {"2000"}},
      {{"1999-12"}, "monthly", 12, {"2000-01"}},
      {{" 1999-12-31 "}, "daily", 7, {"2000-01-01"}},
      {{"0001", "0002"}, "yearly", 1, {"0003"}},
  };
  for (const Case& c : cases) {
    const Result<DateAxis> axis = Read(c.cells);
    ASSERT_TRUE(axis) << axis.error().Message();
    EXPECT_EQ(axis->Frequency(), c.frequency) << c.cells[0];
    EXPECT_EQ(axis->Season(), c.season) << c.cells[0];
    EXPECT_EQ(axis->Dates(c.cells.size(), c.next.size(), "a.csv").value(), c.next);
  }
}

TEST(DatesTest, WhatIsNoDateIsRefusedWithItsPlace) {
  EXPECT_EQ(Refusal({"n/a"}),
            "a.csv:2:1: expected a date like 1949, 1949-01 or 1949-01-31, found \"n/a\"");
  EXPECT_EQ(Refusal({"1949-12", "1949-13"}),
            "a.csv:3:1: expected a date like 1949-12, found \"1949-13\"");
  EXPECT_EQ(Refusal({"1949-12", "1950-01-01"}),
            "a.csv:3:1: expected a date like 1949-12, found \"1950-01-01\"")
      << "mixed forms";
  for (const char* bad : {"", "0000", "194", "19490", "1949-00", "1949-1", "1949/01", "-949",
                          "1949-02-29", "1949-01-32", "1949-01-00", "01-02-1949", "1949-01-3a",
                          "194a-01", "1949.01", "1949-01-01T00:00"}) {
    EXPECT_FALSE(IsDate(bad)) << bad;
    EXPECT_NE(Refusal({bad}), "") << bad;
  }
}

TEST(DatesTest, AGapIsToldWithTheDateThatIsMissing) {
  EXPECT_EQ(Refusal({"1949-01", "1949-02", "1949-03", "1949-05"}),
            "a.csv:5:1: expected 1949-04, found 1949-05; the dates are monthly: fill in the rows "
            "that are missing");
  EXPECT_EQ(Refusal({"1984-12-29", "1984-12-30", "1985-01-01", "1985-01-02"}),
            "a.csv:4:1: expected 1984-12-31, found 1985-01-01; the dates are daily: fill in the "
            "rows that are missing");
  EXPECT_EQ(Refusal({"2024-01-01", "2024-02-01", "2024-03-02", "2024-04-01"}),
            "a.csv:4:1: expected 2024-03-01, found 2024-03-02; the dates are monthly: fill in the "
            "rows that are missing");
  EXPECT_EQ(Refusal({"1949", "1951", "1952", "1953"}),
            "a.csv:3:1: expected 1950, found 1951; the dates are yearly: fill in the rows that are "
            "missing")
      << "the step is the most common one, not the first one";
}

TEST(DatesTest, OfTwoStepsAsCommonTheShorterIsTheFrequency) {
  EXPECT_EQ(Refusal({"1949-01", "1949-03", "1949-04"}),
            "a.csv:3:1: expected 1949-02, found 1949-03; the dates are monthly: fill in the rows "
            "that are missing");
  EXPECT_EQ(Refusal({"1949-01", "1949-02", "1949-04"}),
            "a.csv:4:1: expected 1949-03, found 1949-04; the dates are monthly: fill in the rows "
            "that are missing");
}

TEST(DatesTest, ARepeatedDateIsTold) {
  EXPECT_EQ(Refusal({"1949", "1949", "1949"}),
            "a.csv:3:1: expected 1950, found 1949; the date is there twice: keep one row of it");
  EXPECT_EQ(Refusal({"1949-01", "1949-02", "1949-02", "1949-03"}),
            "a.csv:4:1: expected 1949-03, found 1949-02; the date is there twice: keep one row of "
            "it");
}

TEST(DatesTest, AStepBackIsTold) {
  EXPECT_EQ(Refusal({"1951", "1950", "1949"}),
            "a.csv:3:1: expected 1952, found 1950; put the rows in the order of time");
}

TEST(DatesTest, AFirstDateThatDoesNotFitTheOthersIsTold) {
  EXPECT_EQ(Refusal({"2024-01-02", "2024-02-01", "2024-03-01", "2024-04-01"}),
            "a.csv:2:1: expected 2024-01-01, found 2024-01-02; the dates after it are monthly");
}

struct GroupedDigits : std::numpunct<char> {
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(DatesTest, TheLocaleDecidesNothing) {
  const std::locale before =
      std::locale::global(std::locale(std::locale::classic(), new GroupedDigits));
  const std::string day = Read({"2023-12-31"})->At(1), month = Read({"2023-12"})->At(1);
  std::locale::global(before);
  EXPECT_EQ(day, "2024-01-01");
  EXPECT_EQ(month, "2024-01");
}

TEST(DatesTest, NoDateGoesBeyondTheYear9999) {
  const DateAxis yearly = Read({"9997", "9998"}).value();
  EXPECT_EQ(yearly.Dates(2, 1, "a.csv").value(), std::vector<std::string>{"9999"});
  const auto beyond = yearly.Dates(2, 2, "a.csv");
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().Message(),
            "a.csv: expected dates up to the year 9999, found 4 steps (yearly) from 9997 on");
  EXPECT_FALSE(yearly.Dates(7, 1, "a.csv"));
  const DateAxis daily = Read({"9999-12-30"}).value();
  EXPECT_EQ(daily.Dates(1, 1, "a.csv").value(), std::vector<std::string>{"9999-12-31"});
  EXPECT_FALSE(daily.Dates(1, 2, "a.csv"));
  EXPECT_FALSE(daily.Dates(1, SIZE_MAX, "a.csv"));
}

RC_GTEST_PROP(DatesTest, EveryAxisReadsItsOwnDatesBack, ()) {
  const auto form = *rc::gen::element(DateForm::kYear, DateForm::kMonth, DateForm::kDay);
  const bool months = form != DateForm::kDay || *rc::gen::arbitrary<bool>();
  DateAxis axis{form, months ? DateUnit::kMonths : DateUnit::kDays, 0, 1, 1};
  axis.first = *rc::gen::inRange<std::int64_t>(months ? 12 * 1600 : -100000, 12 * 2400);
  axis.step = *rc::gen::inRange<std::int64_t>(1, 28);
  if (form == DateForm::kYear) {
    axis.first -= axis.first % 12;
    axis.step *= 12;
  }
  if (form == DateForm::kDay && months) axis.day = *rc::gen::inRange<unsigned>(1, 29);
  const auto dates = axis.Dates(0, *rc::gen::inRange<std::size_t>(14, 40), "").value();
  const Result<DateAxis> read = Read(Cells(dates.begin(), dates.end()));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == axis);
}

}  // namespace
}  // namespace unroll
