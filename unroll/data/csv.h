// CSV text as a table of cells that know their places (no packaged reader keeps those).
//
// RFC 4180, and what people have besides: comma, semicolon or tab (whichever cuts the first two
// rows alike), LF or CRLF, a byte-order mark, no newline at the end. Empty lines at the end are no
// rows; elsewhere an empty line is a row of one empty cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/status.h"

namespace unroll {

inline constexpr std::size_t kLongestCsvRow = 1 << 20;  ///< bytes, with its quotes and line ends
inline constexpr std::size_t kMostCsvColumns = 65536;

/// Cells in rows of one length. At least one row and one column.
class CsvTable {
 public:
  std::size_t rows() const { return cells_.size() / columns_; }
  std::size_t columns() const { return columns_; }
  const std::string& name() const { return name_; }

  /// The cell's text, without the quotes around it.
  std::string_view cell(std::size_t row, std::size_t column) const;
  /// "air.csv:17:3": the file, the line and the number of the cell in its row, counted from 1.
  std::string Place(std::size_t row, std::size_t column) const;

 private:
  friend class CsvReader;
  struct Cell {
    std::uint64_t begin;
    std::uint32_t size;
    std::uint32_t line;
  };
  std::string name_, text_;
  std::vector<Cell> cells_;
  std::size_t columns_ = 0;
};

/// Cuts the text of the file `name` into cells.
///
/// Errors:  kBadData for what CheckPlainText refuses, rows of different lengths, a quote that is
///          not closed or stands in the middle of a cell, a row longer than kLongestCsvRow and one
///          of more than kMostCsvColumns cells.
/// Source:  RFC 4180.
Result<CsvTable> ParseCsv(std::string text, std::string name);

}  // namespace unroll
