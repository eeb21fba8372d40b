#include "unroll/data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "unroll/data/plain_text.h"

namespace unroll {
namespace {

/// The number of cells of the row that `rest` begins with; takes the row from `rest`.
std::size_t TakeRow(std::string_view& rest, char separator) {
  bool quoted = false;
  std::size_t i = 0, cells = 1;
  for (; i < rest.size() && (quoted || rest[i] != '\n'); ++i) {
    if (rest[i] == '"') quoted = !quoted;
    cells += !quoted && rest[i] == separator;
  }
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return cells;
}

/// The separator that cuts the first two rows alike, or else the first row at all. The comma comes
/// last, because where it is the decimal point something else separates.
char FindSeparator(std::string_view text) {
  for (const bool alike : {true, false}) {
    for (const char separator : {'\t', ';', ','}) {
      std::string_view rest = text;
      const std::size_t cells = TakeRow(rest, separator);
      if (cells == 1) continue;
      if (!alike || (!rest.empty() && TakeRow(rest, separator) == cells)) return separator;
    }
  }
  return ',';
}

}  // namespace

/// Walks the text once. A quoted cell is written back over its own quotes: one piece of the text.
/// (A cell's size beyond 32 bits belongs to a row that is refused for its length.)
class CsvReader {
 public:
  CsvReader(std::string text, std::string name) {
    table_.text_ = std::move(text);
    table_.name_ = std::move(name);
    if (text_.starts_with("\xef\xbb\xbf")) i_ = 3;
    separator_ = FindSeparator(std::string_view(text_).substr(i_));
  }

  Result<CsvTable> Read() {
    for (;; ++line_) {
      const Result<void> row = ReadRow();
      if (!row) return tl::unexpected(row.error());
      if (table_.columns_ == 0) table_.columns_ = column_;
      if (column_ != table_.columns_) {
        return Refuse(fmt::format("{} columns as in the first row", table_.columns_),
                      fmt::to_string(column_), "put quotes around a cell that holds a separator");
      }
      if (i_ == text_.size()) return std::move(table_);
      i_ += text_[i_] == '\r' ? 2 : 1;
    }
  }

 private:
  using Cell = CsvTable::Cell;

  /// Reads up to the end of the line; column_ is the number of cells.
  Result<void> ReadRow() {
    const std::size_t begin = i_;
    for (column_ = 1;; ++column_, ++i_) {
      const bool quoted = i_ < text_.size() && text_[i_] == '"';
      const Result<Cell> cell = quoted ? ReadQuoted() : ReadPlain();
      if (!cell) return tl::unexpected(cell.error());
      table_.cells_.push_back(*cell);
      if (i_ - begin > kLongestCsvRow) return Refuse("a row of at most 1 MiB", "a longer one");
      if (column_ > kMostCsvColumns) return Refuse("at most 65536 columns", "more");
      if (i_ == text_.size() || text_[i_] != separator_) return {};
    }
  }

  bool AtCellEnd() const {
    return i_ == text_.size() || text_[i_] == separator_ || text_[i_] == '\n' || text_[i_] == '\r';
  }

  Result<Cell> ReadPlain() {
    const std::size_t begin = i_;
    for (; !AtCellEnd(); ++i_) {
      if (text_[i_] == '"') return Refuse("quotes around the whole cell", "a quote inside it");
    }
    return Cell{begin, static_cast<std::uint32_t>(i_ - begin), line_};
  }

  Result<Cell> ReadQuoted() {
    const std::uint32_t first_line = line_;
    const std::size_t begin = ++i_;
    std::size_t end = begin;
    for (;; ++i_) {
      if (i_ == text_.size()) {
        line_ = first_line;  // where the quote was opened
        return Refuse("a closing quote", "the end of the file");
      }
      if (text_[i_] == '"') {
        if (i_ + 1 == text_.size() || text_[i_ + 1] != '"') break;
        ++i_;
      }
      line_ += text_[i_] == '\n';
      text_[end++] = text_[i_];
    }
    ++i_;
    if (!AtCellEnd()) {
      return Refuse("a separator or a line end after the closing quote", "more text",
                    "double the quotes inside a quoted cell");
    }
    return Cell{begin, static_cast<std::uint32_t>(end - begin), first_line};
  }

  tl::unexpected<Error> Refuse(std::string expected, std::string found, std::string mend = "") {
    return Fail(Failure::kBadData, fmt::format("{}:{}:{}", table_.name_, line_, column_),
                std::move(expected), std::move(found), std::move(mend));
  }

  CsvTable table_;
  std::string& text_ = table_.text_;
  char separator_;
  std::size_t i_ = 0, column_ = 1;
  std::uint32_t line_ = 1;
};

std::string_view CsvTable::cell(std::size_t row, std::size_t column) const {
  const Cell& cell = cells_[row * columns_ + column];
  return std::string_view(text_).substr(cell.begin, cell.size);
}

std::string CsvTable::Place(std::size_t row, std::size_t column) const {
  return fmt::format("{}:{}:{}", name_, cells_[row * columns_ + column].line, column + 1);
}

Result<CsvTable> ParseCsv(std::string text, std::string name) {
  const Result<void> plain = CheckPlainText(text, name);
  if (!plain) return tl::unexpected(plain.error());
  text.resize(text.find_last_not_of("\r\n") + 1);
  return CsvReader(std::move(text), std::move(name)).Read();
}

}  // namespace unroll
