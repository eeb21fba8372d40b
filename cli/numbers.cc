#include "cli/numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <system_error>

namespace unroll::cli {
namespace {

tl::unexpected<Error> Refuse(std::string_view text, const std::string& place,
                             std::string expected) {
  return Fail(Failure::kUsage, place, std::move(expected), fmt::format("\"{}\"", Escaped(text)));
}

/// Whether a person and a C program could take `text` for two different numbers.
bool LooksOctal(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

/// Reads the whole of `text`; from_chars knows no blanks, no plus sign and no 0x.
template <class Number>
bool ReadAll(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, number);
  return !LooksOctal(text) && read.ec == std::errc() && read.ptr == end;
}

}  // namespace

std::string WholeRange::InWords() const {
  return fmt::format("a whole number from {} to {}", least, most);
}

std::string RealRange::InWords() const {
  if (from) return fmt::format("a number from {} to {}", above, most);
  return fmt::format("a number above {}, at most {}", above, most);
}

Result<std::uint64_t> ParseWhole(std::string_view text, const std::string& place,
                                 WholeRange range) {
  std::uint64_t number = 0;
  if (ReadAll(text, number) && number >= range.least && number <= range.most) return number;
  return Refuse(text, place, range.InWords());
}

Result<double> ParseReal(std::string_view text, const std::string& place, RealRange range) {
  double number = 0;
  // The comparisons are false for what is not a number.
  if (ReadAll(text, number) && number <= range.most) {
    if (number > range.above || (range.from && number == range.above)) return number;
  }
  return Refuse(text, place, range.InWords());
}

Result<std::uint64_t> ParseSize(std::string_view text, const std::string& place) {
  std::string_view digits = text;
  if (digits.ends_with("iB")) digits.remove_suffix(2);
  constexpr std::string_view kUnits = "KMGT";
  const std::size_t unit = digits.empty() ? kUnits.npos : kUnits.find(digits.back());
  if (unit == kUnits.npos) return Refuse(text, place, kSizeInWords);
  digits.remove_suffix(1);
  const std::uint64_t shift = 10 * (unit + 1);
  std::uint64_t number = 0;
  if (!ReadAll(digits, number) || number == 0 || number >= std::uint64_t{1} << (63 - shift)) {
    return Refuse(text, place, kSizeInWords);
  }
  return number << shift;
}

}  // namespace unroll::cli
