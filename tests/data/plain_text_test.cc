// Files that are no text are told by what they are.
#include "unroll/data/plain_text.h"

#include <gtest/gtest.h>

#include <string>

namespace unroll {
namespace {

using std::string_literals::operator""s;

std::string Refusal(const std::string& text) {
  const Result<void> plain = CheckPlainText(text, "f");
  if (plain) return "";
  EXPECT_EQ(plain.error().kind, Failure::kBadData);
  return plain.error().Message();
}

TEST(PlainTextTest, PassesUtf8OfEveryLength) {
  EXPECT_EQ(Refusal("y\n1\n"), "");
  EXPECT_EQ(Refusal("\xef\xbb\xbfGr\xc3\xb6\xc3\x9f"
                    "e \xe2\x82\xac \xf0\x9f\x98\x80\r\n1"),
            "");
}

TEST(PlainTextTest, AnEmptyFileIsToldSo) {
  for (const char* empty : {"", "\n\r\n", "\xef\xbb\xbf", "\xef\xbb\xbf\n"}) {
    EXPECT_EQ(Refusal(empty), "f: expected CSV text, found an empty file");
  }
}

TEST(PlainTextTest, WellKnownFormatsAreNamed) {
  const std::string mend = "; save it as CSV text in UTF-8";
  const std::pair<std::string, std::string> formats[] = {
      {"\x1f\x8b\x08\0"s, "a gzip file"},
      {"PK\x03\x04..."s, "a zip file (or a spreadsheet)"},
      {"\x28\xb5\x2f\xfd"s, "a zstd file"},
      {"\xfd"
       "7zXZ\0"s,
       "an xz file"},
      {"BZh91AY"s, "a bzip2 file"},
      {"PAR1..."s, "a parquet file"},
      {"\x89HDF\r\n"s, "an HDF5 file"},
      {"%PDF-1.4"s, "a PDF file"},
      {"\xff\xfe"
       "1\0\n\0"s,
       "UTF-16 text"},
      {"\xfe\xff\0"
       "1\0\n"s,
       "UTF-16 text"},
  };
  for (const auto& [bytes, what] : formats) {
    EXPECT_EQ(Refusal(bytes), "f: expected CSV text, found " + what + mend);
  }
}

TEST(PlainTextTest, AModelIsNotTakenForData) {
  EXPECT_EQ(Refusal("\x10\0\0\0\0\0\0\0{\"a\": ...}"s),
            "f: expected CSV text, found a safetensors file; give the data file");
}

TEST(PlainTextTest, NulBytesAreToldWithLineAndOffset) {
  EXPECT_EQ(
      Refusal("1\n2\0\n"s),
      "f:2: expected CSV text, found a NUL byte at offset 3 (UTF-16, or a binary file?); save "
      "it as CSV text in UTF-8");
}

TEST(PlainTextTest, BytesThatAreNotUtf8AreToldWithLineAndOffset) {
  EXPECT_EQ(Refusal("Gr\xf6\xdf"
                    "e\n"),
            "f:1: expected CSV text in UTF-8, found the byte 0xf6 at offset 2 (Latin-1?); save it "
            "as CSV text in UTF-8");
  for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_NE(Refusal("1\n"s + bad).find("f:2: expected CSV text in UTF-8"), std::string::npos)
        << Escaped(bad);
  }
}

TEST(PlainTextTest, NothingIsReadBeyondTheText) {
  EXPECT_FALSE(CheckPlainText(std::string_view("1\n\xc3\xb6").substr(0, 3), "f"));
}

TEST(PlainTextTest, CarriageReturnsAloneAreRefused) {
  EXPECT_EQ(Refusal("1\r2\r"),
            "f:1: expected lines that end with LF or CRLF, found a carriage return alone; save the "
            "file with LF line ends");
}

TEST(PlainTextTest, TrimmedTakesSpacesAndTabsFromBothEnds) {
  EXPECT_EQ(Trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(Trimmed(" \t "), "");
  EXPECT_EQ(Trimmed(""), "");
}

}  // namespace
}  // namespace unroll
