// A series is read as it stands in the file, or refused with line, column and what to do.
#include "unroll/data/series.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/data_folder.h"

namespace unroll {
namespace {

Series Read(const std::string& text) {
  Result<Series> series = ReadSeries(text, "air.csv");
  if (!series) {
    ADD_FAILURE() << series.error().Message();
    return {};
  }
  return *series;
}

std::string Refusal(const std::string& text) {
  const Result<Series> series = ReadSeries(text, "air.csv");
  if (series) return "";
  EXPECT_EQ(series.error().kind, Failure::kBadData);
  return series.error().Message();
}

std::string FileText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SeriesTest, ReadsADateAndANumber) {
  const Series series = Read("month,passengers\n1949-01,112\n1949-02,118.5\n");
  EXPECT_EQ(series.id, "1");
  EXPECT_EQ(series.value_name, "passengers");
  EXPECT_EQ(series.values, (std::vector<double>{112, 118.5}));
  EXPECT_EQ(series.Season(), 12u);
  EXPECT_EQ(series.StepsAfter(2).value(), (std::vector<std::string>{"1949-03", "1949-04"}));
}

TEST(SeriesTest, ReadsOneColumnAndCountsItsSteps) {
  const Series series = Read("y\n3\n-1\n4\n");
  EXPECT_EQ(series.values, (std::vector<double>{3, -1, 4}));
  EXPECT_FALSE(series.dates);
  EXPECT_EQ(series.Season(), 1u);
  EXPECT_EQ(series.StepsAfter(2).value(), (std::vector<std::string>{"4", "5"}));
}

TEST(SeriesTest, AHeaderMayBeAbsent) {
  const Series plain = Read("3\n1\n");
  EXPECT_EQ(plain.value_name, "y");
  EXPECT_EQ(plain.values, (std::vector<double>{3, 1}));
  EXPECT_EQ(Read("1949,3\n1950,1\n").values, (std::vector<double>{3, 1}));
  EXPECT_EQ(Read(",y\n1949,3\n").values, (std::vector<double>{3})) << "a header with an empty name";
}

TEST(SeriesTest, ACellThatIsNoNumberIsToldWithItsPlace) {
  EXPECT_EQ(Refusal("ds,y\n1949,1\n1950,n/a\n"),
            "air.csv:3:2: expected a number, found \"n/a\"; leave the cell empty if it is missing");
  EXPECT_EQ(Refusal("1949,n/a\n1950,2\n"),
            "air.csv:1:2: expected a number, found \"n/a\"; leave the cell empty if it is missing")
      << "a date before it: no header";
  EXPECT_NE(Refusal("y\n1\n1e30\n").find("air.csv:3:1: expected a number of a size up to 1e15"),
            std::string::npos);
}

TEST(SeriesTest, AMissingValueIsToldWithItsPlace) {
  const std::string mend = "; fill in the missing value, or begin the file after it";
  EXPECT_EQ(Refusal("ds,y\n1949,1\n1950,\n1951,2\n"),
            "air.csv:3:2: expected a number at every step, found an empty cell" + mend);
  EXPECT_EQ(Refusal("y\n1\nNA\n2\n"),
            "air.csv:3:1: expected a number at every step, found \"NA\"" + mend);
  EXPECT_EQ(Refusal("y\n1\n\n2\n"),
            "air.csv:3:1: expected a number at every step, found an empty cell" + mend);
}

TEST(SeriesTest, AWrongDateIsToldWithItsPlace) {
  EXPECT_EQ(Refusal("month,y\n1949-12,1\n1949-13,2\n"),
            "air.csv:3:1: expected a date like 1949-12, found \"1949-13\"");
  EXPECT_EQ(Refusal("y,ds\n1,1949\n2,1950\n"),
            "air.csv:2:1: expected a date like 1949, 1949-01 or 1949-01-31, found \"1\"");
}

TEST(SeriesTest, MoreThanTwoColumnsAreRefusedAndNamed) {
  EXPECT_EQ(Refusal("date,HUFL,HULL\n2020-01-01,1,2\n"),
            "air.csv:1:3: expected one column of numbers, or a date and a number, found 3 columns "
            "(date, HUFL, HULL); leave only those in the file");
  std::string many;
  for (int i = 1; i <= 30; ++i) many += (i == 1 ? "c" : ",c") + std::to_string(i);
  EXPECT_NE(Refusal(many).find("30 columns (c1, c2, "), std::string::npos);
  EXPECT_NE(Refusal(many).find("c20, ...)"), std::string::npos);
}

TEST(SeriesTest, AHeaderAloneIsRefused) {
  EXPECT_EQ(Refusal("ds,y\n"),
            "air.csv:1:2: expected numbers below the header, found nothing below it");
}

TEST(SeriesTest, WhatTheReaderRefusesIsPassedOn) {
  EXPECT_EQ(Refusal(""), "air.csv: expected CSV text, found an empty file");
}

TEST(SeriesTest, StepsBeyondTheLastYearAreRefused) {
  EXPECT_EQ(Read("9999,1\n").StepsAfter(1).error().place, "air.csv");
}

TEST(SeriesTest, TheExampleIsReadWhole) {
  const Series series =
      Read(FileText(std::filesystem::path(UNROLL_SOURCE_DIR) / "examples/air_passengers.csv"));
  EXPECT_EQ(series.values.size(), 144u);
  EXPECT_EQ(series.values.back(), 432);
  EXPECT_EQ(series.StepsAfter(1).value(), std::vector<std::string>{"1961-01"});
}

struct ClassicFile {
  const char* name;
  std::size_t size, season;
  const char* next;
};

TEST(SeriesTest, ReadsTheClassicFiles) {
  UNROLL_NEED_DATA("univariate/classic");
  const ClassicFile files[] = {{"air_passengers", 144, 12, "1961-01"},
                               {"co2_monthly_maunaloa", 526, 12, "2002-01"},
                               {"lynx", 114, 1, "1935"},
                               {"nile", 100, 1, "1971"},
                               {"sunspots_monthly", 3126, 12, "2009-07"},
                               {"sunspots_yearly", 309, 1, "2009"}};
  for (const ClassicFile& file : files) {
    const auto path = DataFolder() / "univariate/classic" / (std::string(file.name) + ".csv");
    const Series series = Read(FileText(path));
    EXPECT_EQ(series.values.size(), file.size) << file.name;
    EXPECT_EQ(series.Season(), file.season) << file.name;
    EXPECT_EQ(series.StepsAfter(1).value(), std::vector<std::string>{file.next}) << file.name;
  }
}

TEST(SeriesTest, RefusesTheClassicFilesWithGapsByTheirPlace) {
  UNROLL_NEED_DATA("univariate/classic");
  const auto folder = DataFolder() / "univariate/classic";
  EXPECT_EQ(
      Refusal(FileText(folder / "melbourne_daily_min_temp.csv")),
      "air.csv:1462:1: expected 1984-12-31, found 1985-01-01; the dates are daily: fill in the "
      "rows that are missing");
  EXPECT_EQ(
      Refusal(FileText(folder / "co2_weekly_maunaloa.csv")),
      "air.csv:8:2: expected a number at every step, found an empty cell; fill in the missing "
      "value, or begin the file after it");
}

}  // namespace
}  // namespace unroll
