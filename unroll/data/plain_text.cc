#include "unroll/data/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace unroll {
namespace {

using std::string_view_literals::operator""sv;

struct Magic {
  std::string_view bytes;
  const char* what;
};

constexpr Magic kMagics[] = {
    {"\x1f\x8b"sv, "a gzip file"},
    {"PK\x03\x04"sv, "a zip file (or a spreadsheet)"},
    {"\x28\xb5\x2f\xfd"sv, "a zstd file"},
    {"\xfd"
     "7zXZ"sv,
     "an xz file"},
    {"BZh"sv, "a bzip2 file"},
    {"PAR1"sv, "a parquet file"},
    {"\x89HDF"sv, "an HDF5 file"},
    {"%PDF"sv, "a PDF file"},
    {"\xff\xfe"sv, "UTF-16 text"},
    {"\xfe\xff"sv, "UTF-16 text"},
};

/// A safetensors file begins with the length of its header in 8 bytes, then the header, in JSON.
bool LooksLikeSafetensors(std::string_view text) {
  return text.size() > 9 && text[8] == '{' && text.substr(4, 4) == "\0\0\0\0"sv;
}

/// Bytes of the UTF-8 character that `rest` begins with; 0 where it begins with none.
std::size_t CharacterLength(std::string_view rest) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  if (byte(0) < 0x80) return 1;
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || rest.size() < length) return 0;
  std::uint32_t code = byte(0) & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < kSmallest[length] || code > 0x10ffff || surrogate ? 0 : length;
}

std::string LineOf(std::string_view text, std::size_t offset, const std::string& name) {
  return fmt::format("{}:{}", name,
                     1 + std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n'));
}

}  // namespace

Result<void> CheckPlainText(std::string_view text, const std::string& name) {
  const std::string mend = "save it as CSV text in UTF-8";
  const char* const expected = "CSV text";
  const std::string_view body = text.substr(text.starts_with("\xef\xbb\xbf") ? 3 : 0);
  if (body.find_first_not_of("\r\n") == std::string_view::npos) {
    return Fail(Failure::kBadData, name, expected, "an empty file");
  }
  for (const Magic& magic : kMagics) {
    if (text.starts_with(magic.bytes)) {
      return Fail(Failure::kBadData, name, expected, magic.what, mend);
    }
  }
  if (LooksLikeSafetensors(text)) {
    return Fail(Failure::kBadData, name, expected, "a safetensors file", "give the data file");
  }
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\0') {
      return Fail(Failure::kBadData, LineOf(text, i, name), expected,
                  fmt::format("a NUL byte at offset {} (UTF-16, or a binary file?)", i), mend);
    }
    if (text[i] == '\r' && text.substr(i, 2) != "\r\n") {
      return Fail(Failure::kBadData, LineOf(text, i, name), "lines that end with LF or CRLF",
                  "a carriage return alone", "save the file with LF line ends");
    }
    const std::size_t length = CharacterLength(text.substr(i, 4));
    if (length == 0) {
      return Fail(Failure::kBadData, LineOf(text, i, name), "CSV text in UTF-8",
                  fmt::format("the byte 0x{:02x} at offset {} (Latin-1?)",
                              static_cast<unsigned char>(text[i]), i),
                  mend);
    }
    i += length;
  }
  return {};
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace unroll
