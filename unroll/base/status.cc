// Errors in words: one line, whatever bytes a file or a flag has put into it.
#include "unroll/base/status.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <system_error>

namespace unroll {
namespace {

/// Length of the UTF-8 character at the start of `text` that may be shown as it is; 0 where the
/// first byte must be escaped: controls (C0, DEL, C1), line separators, and whatever is not UTF-8
/// (overlong forms, surrogates, beyond U+10FFFF, cut short).
std::size_t ShownLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  std::uint32_t code = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return 0;
  const bool breaks_line = code < 0xA0 || code == 0x2028 || code == 0x2029;
  return breaks_line ? 0 : length;
}

}  // namespace

std::string Error::Message() const {
  std::string text = place;
  if (!expected.empty()) text += ": expected " + expected;
  if (!found.empty()) text += (expected.empty() ? ": found " : ", found ") + found;
  if (!mend.empty()) text += "; " + mend;
  return Escaped(text, std::string::npos);
}

std::string SystemMessage(int number) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
  // In English whatever the locale, and the same pointer for every thread.
  const char* text = strerrordesc_np(number);
  return text != nullptr ? text : "Unknown error " + std::to_string(number);
#else
  return std::generic_category().message(number);
#endif
}

std::string Escaped(std::string_view text, std::size_t limit) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = ShownLength(text);
    const std::string piece =
        length > 0 ? std::string(text.substr(0, length))
                   : fmt::format("\\x{:02X}", static_cast<unsigned char>(text.front()));
    if (piece.size() > limit - shown.size()) return shown + "...";
    shown += piece;
    text.remove_prefix(length > 0 ? length : 1);
  }
  return shown;
}

}  // namespace unroll
