#include "unroll/data/series.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "unroll/data/csv.h"
#include "unroll/data/numbers.h"
#include "unroll/data/plain_text.h"

namespace unroll {
namespace {

/// Whether the first row names the columns: none of its cells could be data. (A missing number
/// could not be told from a name, and is taken for one.)
bool HasHeader(const CsvTable& table) {
  if (table.columns() == 2 && IsDate(table.cell(0, 0))) return false;
  return !IsNumber(table.cell(0, table.columns() - 1));
}

/// "7 columns (date, HUFL, HULL, ...)"
std::string ColumnsFound(const CsvTable& table) {
  constexpr std::size_t kMostShown = 20;
  std::string names;
  for (std::size_t column = 0; column < table.columns(); ++column) {
    if (column == kMostShown) {
      names += ", ...";
      break;
    }
    names += (column == 0 ? "" : ", ") + Escaped(table.cell(0, column), 30);
  }
  return fmt::format("{} columns ({})", table.columns(), names);
}

Result<double> ReadValue(const CsvTable& table, std::size_t row, std::size_t column) {
  const std::string_view cell = table.cell(row, column);
  const auto number = ParseNumber(cell);
  if (!number) {
    return tl::unexpected(NumberError(number.error(), cell, table.Place(row, column)));
  }
  if (std::isnan(*number)) {
    return Fail(Failure::kBadData, table.Place(row, column), "a number at every step",
                Trimmed(cell).empty() ? "an empty cell" : fmt::format("\"{}\"", Escaped(cell)),
                "fill in the missing value, or begin the file after it");
  }
  return *number;
}

}  // namespace

std::size_t Series::Season() const { return dates ? dates->Season() : 1; }

Result<std::vector<std::string>> Series::StepsAfter(std::size_t count) const {
  if (dates) return dates->Dates(values.size(), count, place);
  std::vector<std::string> steps;
  for (std::size_t k = 1; k <= count; ++k) steps.push_back(fmt::to_string(values.size() + k));
  return steps;
}

Result<Series> ReadSeries(std::string text, std::string name) {
  const Result<CsvTable> read = ParseCsv(std::move(text), std::move(name));
  if (!read) return tl::unexpected(read.error());
  const CsvTable& table = *read;
  if (table.columns() > 2) {
    return Fail(Failure::kBadData, table.Place(0, 2),
                "one column of numbers, or a date and a number", ColumnsFound(table),
                "leave only those in the file");
  }
  const std::size_t value_column = table.columns() - 1;
  const std::size_t begin = HasHeader(table) ? 1 : 0;
  if (begin == table.rows()) {
    return Fail(Failure::kBadData, table.Place(0, value_column), "numbers below the header",
                "nothing below it");
  }
  Series series;
  series.place = table.name();
  series.value_name = begin == 0 ? "y" : std::string(Trimmed(table.cell(0, value_column)));
  if (table.columns() == 2) {
    std::vector<std::string_view> cells;
    for (std::size_t row = begin; row < table.rows(); ++row) cells.push_back(table.cell(row, 0));
    const Result<DateAxis> dates =
        ReadDates(cells, [&](std::size_t i) { return table.Place(begin + i, 0); });
    if (!dates) return tl::unexpected(dates.error());
    series.dates = *dates;
  }
  for (std::size_t row = begin; row < table.rows(); ++row) {
    const Result<double> value = ReadValue(table, row, value_column);
    if (!value) return tl::unexpected(value.error());
    series.values.push_back(*value);
  }
  return series;
}

}  // namespace unroll
