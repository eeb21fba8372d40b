// CSV text is cut into the cells that were meant, each with its place, or refused in one sentence.
#include "unroll/data/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace unroll {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows RowsOf(const CsvTable& table) {
  Rows rows(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t column = 0; column < table.columns(); ++column) {
      rows[row].emplace_back(table.cell(row, column));
    }
  }
  return rows;
}

Rows Parsed(const std::string& text) {
  const Result<CsvTable> table = ParseCsv(text, "a.csv");
  if (!table) {
    ADD_FAILURE() << table.error().Message();
    return {};
  }
  return RowsOf(*table);
}

std::string Refusal(const std::string& text) {
  const Result<CsvTable> table = ParseCsv(text, "a.csv");
  if (table) return "";
  EXPECT_EQ(table.error().kind, Failure::kBadData);
  return table.error().Message();
}

TEST(CsvTest, CutsAtCommaSemicolonOrTab) {
  const Rows rows = {{"ds", "y"}, {"1949-01", "112"}};
  EXPECT_EQ(Parsed("ds,y\n1949-01,112\n"), rows);
  EXPECT_EQ(Parsed("ds;y\n1949-01;112\n"), rows);
  EXPECT_EQ(Parsed("ds\ty\n1949-01\t112\n"), rows);
}

TEST(CsvTest, ADecimalCommaDoesNotSeparateWhereSomethingElseDoes) {
  EXPECT_EQ(Parsed("1949;1,5\n1950;2,5\n"), (Rows{{"1949", "1,5"}, {"1950", "2,5"}}));
}

TEST(CsvTest, TheSeparatorIsTheOneThatCutsTheFirstTwoRowsAlike) {
  EXPECT_EQ(Parsed("ds,temperature; inside\n1949,5\n"),
            (Rows{{"ds", "temperature; inside"}, {"1949", "5"}}));
  EXPECT_EQ(Parsed("\"ds;a\",y\n\"1949;a\",5\n"), (Rows{{"ds;a", "y"}, {"1949;a", "5"}}))
      << "those in quotes do not count";
  EXPECT_EQ(Parsed("a;b"), (Rows{{"a", "b"}})) << "a single row";
}

TEST(CsvTest, TakesCrlfAByteOrderMarkAndAMissingLastNewline) {
  const Rows rows = {{"ds", "y"}, {"1949", "112"}};
  EXPECT_EQ(Parsed("ds,y\r\n1949,112\r\n"), rows);
  EXPECT_EQ(Parsed("\xef\xbb\xbf"
                   "ds,y\n1949,112"),
            rows);
  EXPECT_EQ(Parsed("\xef\xbb\xbf\"ds\",y\n1949,112"), rows);
}

TEST(CsvTest, EmptyLinesAreCellsInTheMiddleAndNothingAtTheEnd) {
  EXPECT_EQ(Parsed("1\n\n2\n\n\r\n"), (Rows{{"1"}, {""}, {"2"}}));
}

TEST(CsvTest, AQuotedCellMayHoldQuotesSeparatorsAndLines) {
  EXPECT_EQ(Parsed("\"a \"\"b\"\"\",\"c,\nd\"\n\"\",2\n"), (Rows{{"a \"b\"", "c,\nd"}, {"", "2"}}));
}

TEST(CsvTest, ACellKnowsItsLineAndItsColumn) {
  const Result<CsvTable> table = ParseCsv("a,\"b\nb\"\n1,2\n3,4\n", "dir/air.csv");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->Place(0, 1), "dir/air.csv:1:2");
  EXPECT_EQ(table->Place(1, 0), "dir/air.csv:3:1");
  EXPECT_EQ(table->Place(2, 1), "dir/air.csv:4:2");
}

TEST(CsvTest, ARowOfAnotherLengthIsRefused) {
  EXPECT_EQ(Refusal("a,b\n1,2\n3\n"),
            "a.csv:3:1: expected 2 columns as in the first row, found 1; put quotes around a cell "
            "that holds a separator");
  EXPECT_EQ(Refusal("a,b\n1,2,3\n"),
            "a.csv:2:3: expected 2 columns as in the first row, found 3; put quotes around a cell "
            "that holds a separator");
}

TEST(CsvTest, AQuoteThatIsNotClosedIsToldWhereItOpens) {
  EXPECT_EQ(Refusal("a,b\n1,\"2\n3,4\n"),
            "a.csv:2:2: expected a closing quote, found the end of the file");
}

TEST(CsvTest, AQuoteInTheMiddleOfACellIsRefused) {
  EXPECT_EQ(Refusal("a\n1\"2\n"),
            "a.csv:2:1: expected quotes around the whole cell, found a quote inside it");
  EXPECT_EQ(Refusal("a\n\"1\"2\n"),
            "a.csv:2:1: expected a separator or a line end after the closing quote, found more "
            "text; double the quotes inside a quoted cell");
}

TEST(CsvTest, ARowMayBeAsLongAsPublishedAndNoLonger) {
  const std::string longest(kLongestCsvRow, '7');
  EXPECT_EQ(Parsed("y\n" + longest + "\n"), (Rows{{"y"}, {longest}}));
  EXPECT_EQ(Refusal("y\n" + longest + "7\n"),
            "a.csv:2:1: expected a row of at most 1 MiB, found a longer one");
  EXPECT_EQ(Refusal("y\n\"" + longest + "\"\n"),
            "a.csv:2:1: expected a row of at most 1 MiB, found a longer one");
}

TEST(CsvTest, ARowMayHaveAsManyColumnsAsPublishedAndNoMore) {
  EXPECT_EQ(Parsed(std::string(kMostCsvColumns - 1, ',')).at(0).size(), kMostCsvColumns);
  EXPECT_EQ(Refusal(std::string(kMostCsvColumns, ',')),
            "a.csv:1:65537: expected at most 65536 columns, found more");
}

TEST(CsvTest, WhatIsNoTextIsRefused) {
  EXPECT_EQ(Refusal("\x1f\x8b\x08 ..."),
            "a.csv: expected CSV text, found a gzip file; save it as CSV text in UTF-8");
}

/// `rows` as CSV, quoted where needed or where `quote_all`.
std::string Written(const Rows& rows, char separator, const std::string& line_end, bool quote_all) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (column > 0) text += separator;
      std::string cell;
      for (const char c : row[column]) cell += c == '"' ? "\"\"" : std::string(1, c);
      const bool quote = quote_all || cell.find_first_of(",;\t\"\n\r") != std::string::npos;
      text += quote ? '"' + cell + '"' : cell;
    }
    text += line_end;
  }
  return text;
}

RC_GTEST_PROP(CsvTest, WhatIsWrittenIsReadBack, ()) {
  const auto columns = *rc::gen::inRange<std::size_t>(1, 5);
  const auto cell = rc::gen::container<std::string>(rc::gen::weightedElement<char>(
      {{8, 'a'}, {4, '1'}, {1, ' '}, {1, ','}, {1, ';'}, {1, '\t'}, {2, '"'}, {1, '\n'}}));
  Rows rows = *rc::gen::nonEmpty(
      rc::gen::container<Rows>(rc::gen::container<std::vector<std::string>>(columns, cell)));
  // Where the whole first two rows were one cell each, another separator could be meant; and empty
  // lines at the end are no rows.
  rows.insert(rows.begin(), std::vector<std::string>(columns, "name"));
  rows.push_back(std::vector<std::string>(columns, "end"));
  const bool quote_all = *rc::gen::arbitrary<bool>();
  for (const char separator : {',', ';', '\t'}) {
    for (const char* line_end : {"\n", "\r\n"}) {
      const std::string text = Written(rows, separator, line_end, quote_all);
      const Result<CsvTable> table = ParseCsv(text, "a.csv");
      RC_LOG() << text << (table ? "" : table.error().Message());
      RC_ASSERT(table.has_value());
      RC_ASSERT(RowsOf(*table) == rows);
    }
  }
}

RC_GTEST_PROP(CsvTest, AnyTextIsReadOrRefusedAndNeverMore, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("ab1,;\t\"\"\n\r\xef\xbb\xbf\0", 14)));
  const Result<CsvTable> table = ParseCsv(text, "a.csv");
  if (table) {
    RC_ASSERT(table->rows() >= 1u);
    RC_ASSERT(table->columns() >= 1u);
    RC_ASSERT(RowsOf(*table).size() == table->rows());
  } else {
    RC_ASSERT(table.error().place.starts_with("a.csv"));
    RC_ASSERT(!table.error().found.empty());
  }
}

}  // namespace
}  // namespace unroll
