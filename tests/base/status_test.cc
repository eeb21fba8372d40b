// An error is told in one line, whatever bytes have come into it.
#include "unroll/base/status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace unroll {
namespace {

TEST(ErrorTest, TellsPlaceExpectedFoundAndMend) {
  const Error error{Failure::kBadData, "air.csv:17:3", "a number", "\"n/a\"",
                    "leave the cell empty if it is missing"};
  EXPECT_EQ(
      error.Message(),
      "air.csv:17:3: expected a number, found \"n/a\"; leave the cell empty if it is missing");
}

TEST(ErrorTest, LeavesOutWhatIsEmpty) {
  EXPECT_EQ((Error{Failure::kUsage, "--lr", "a number", "\"x\"", ""}.Message()),
            "--lr: expected a number, found \"x\"");
  EXPECT_EQ((Error{Failure::kUsage, "--lr", "", "two values", "give one"}.Message()),
            "--lr: found two values; give one");
  EXPECT_EQ((Error{Failure::kUsage, "--lr", "one value", "", ""}.Message()),
            "--lr: expected one value");
  EXPECT_EQ((Error{Failure::kStopped, "air.csv", "", "", "go on with --resume"}.Message()),
            "air.csv; go on with --resume");
}

TEST(ErrorTest, IsOneLineWhateverItsParts) {
  const Error error{Failure::kBadData, "a\nb.csv", "c\rd", "e\x1B[2Jf\xE2\x80\xA8", "g\x7Fh\xFF"};
  EXPECT_EQ(error.Message(),
            "a\\x0Ab.csv: expected c\\x0Dd, found e\\x1B[2Jf\\xE2\\x80\\xA8; g\\x7Fh\\xFF");
}

TEST(ErrorTest, IsNeverCut) {
  const Error error{Failure::kBadData, std::string(500, 'p'), std::string(500, 'e'),
                    std::string(500, 'f'), std::string(500, 'm')};
  EXPECT_GT(error.Message().size(), 2000u);
}

TEST(ErrorTest, TravelsInAResultOfAnyType) {
  const auto fail = []() -> Result<int> {
    return Fail(Failure::kNoInput, "air.csv", "a file", "nothing", "check the name");
  };
  const Result<int> result = fail();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Failure::kNoInput);
  EXPECT_EQ(result.error().Message(), "air.csv: expected a file, found nothing; check the name");
}

TEST(EscapedTest, KeepsTextAndShowsBytesThatAreNone) {
  const struct {
    std::string text, shown;
  } cases[] = {
      {"", ""},
      {"plain \\ text", "plain \\ text"},
      {"\t\n", "\\x09\\x0A"},
      {std::string("\0", 1), "\\x00"},
      {"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8C\xB1", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8C\xB1"},
      {"\xC2\xA0", "\xC2\xA0"},
      {"\xC2\x85", "\\xC2\\x85"},                    // next line, a C1 control
      {"\xE2\x80\xA9", "\\xE2\\x80\\xA9"},           // paragraph separator
      {"\x80", "\\x80"},                             // the middle of a character
      {"\xC0\xAF", "\\xC0\\xAF"},                    // overlong
      {"\xE0\x9F\xBF", "\\xE0\\x9F\\xBF"},           // overlong
      {"\xF0\x8F\xBF\xBF", "\\xF0\\x8F\\xBF\\xBF"},  // overlong
      {"\xED\x9F\xBF", "\xED\x9F\xBF"},              // the last before the surrogates
      {"\xED\xA0\x80", "\\xED\\xA0\\x80"},           // a surrogate
      {"\xEE\x80\x80", "\xEE\x80\x80"},              // the first after them
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},      // U+10FFFF
      {"\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // beyond it
      {"\xF8\x88\x80\x80\x80", "\\xF8\\x88\\x80\\x80\\x80"},
      {"\xE2\x82", "\\xE2\\x82"},  // cut short
      {"\xE2\x41\xAC", "\\xE2\x41\\xAC"},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(Escaped(text), shown);
  const std::string_view cut = std::string_view("\xE2\x82\xAC").substr(0, 2);
  EXPECT_EQ(Escaped(cut), "\\xE2\\x82") << "the byte behind the end counts";
}

TEST(EscapedTest, CutsBetweenCharacters) {
  EXPECT_EQ(Escaped("abcd", 4), "abcd");
  EXPECT_EQ(Escaped("abcde", 4), "abcd...");
  EXPECT_EQ(Escaped("abc\xC3\xA9", 4), "abc...");
  EXPECT_EQ(Escaped("ab\n", 4), "ab...");
  EXPECT_EQ(Escaped(std::string(81, 'x')), std::string(80, 'x') + "...");
}

TEST(SystemMessageTest, IsTheSystemsOwnText) {
  EXPECT_EQ(SystemMessage(ENOSPC), "No space left on device");
  EXPECT_EQ(SystemMessage(EACCES), "Permission denied");
  EXPECT_EQ(SystemMessage(123456), "Unknown error 123456");
}

}  // namespace
}  // namespace unroll
