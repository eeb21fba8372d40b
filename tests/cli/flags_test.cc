// Flags: read into their places, and every misuse told in our own words.
#include "cli/flags.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace unroll::cli {
namespace {

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() : flags_("unroll train", "Trains.") {
    flags_.AddOperand("FILE", "The data", &file_);
    flags_.AddText("-o,--output", "FILE", "The model", &output_);
    flags_.AddWhole("--hidden", {1, 65536}, "Units", &hidden_);
    flags_.AddReal("--lr", {0, 10}, "Rate", &rate_);
    flags_.AddChoice("--cell", {"gru", "lstm"}, "Cell", &cell_);
    flags_.AddSwitch("--quiet", "No words", &quiet_);
  }

  /// What is wrong with the words, or "".
  std::string Fault(const std::vector<std::string>& words) {
    const auto read = flags_.Read(words);
    if (read) return "";
    EXPECT_EQ(read.error().kind, Failure::kUsage);
    return read.error().Message();
  }

  Flags flags_;
  std::string file_, output_, cell_ = "lstm";
  std::optional<std::uint64_t> hidden_;
  std::optional<double> rate_;
  bool quiet_ = false;
};

TEST_F(FlagsTest, GoToTheirPlaces) {
  ASSERT_EQ(Fault({"--hidden", "8", "air.csv", "-o", "m", "--lr=1e-3", "--quiet"}), "");
  EXPECT_EQ(file_, "air.csv");
  EXPECT_EQ(output_, "m");
  EXPECT_EQ(hidden_, 8u);
  EXPECT_EQ(rate_, 1e-3);
  EXPECT_TRUE(quiet_);
  EXPECT_EQ(cell_, "lstm");
}

TEST_F(FlagsTest, FilesMayHaveAnyName) {
  ASSERT_EQ(Fault({"-o", "two words [1]", "--", "--hidden"}), "");
  EXPECT_EQ(file_, "--hidden");
  EXPECT_EQ(output_, "two words [1]");
}

TEST_F(FlagsTest, HelpIsAskedForAnywhere) {
  ASSERT_EQ(Fault({"--hidden", "no", "--help"}), "");
  EXPECT_TRUE(flags_.help_wanted());
  EXPECT_NE(flags_.Help().find("--hidden N"), std::string::npos);
}

TEST_F(FlagsTest, MisspeltOnesAreMended) {
  EXPECT_EQ(Fault({"air.csv", "--hiden", "8"}),
            "--hiden: expected a flag of unroll train, found none of that name; did you mean "
            "--hidden?");
  EXPECT_EQ(Fault({"air.csv", "--whatever=8"}),
            "--whatever: expected a flag of unroll train, found none of that name; unroll train "
            "--help lists them");
}

TEST_F(FlagsTest, ValuesMayNotBeMissing) {
  constexpr const char* kNone = "--lr: expected a number above 0, at most 10, found nothing";
  EXPECT_EQ(Fault({"air.csv", "--lr"}), kNone);
  EXPECT_EQ(Fault({"air.csv", "--lr="}), kNone);
  EXPECT_EQ(Fault({"air.csv", "--lr=", "5"}), kNone);
  EXPECT_EQ(Fault({"air.csv", "-o", ""}), "--output: expected the name of a file, found nothing");
  EXPECT_EQ(Fault({"air.csv", "-o", "--quiet"}),
            "--output: expected the name of a file, found \"--quiet\"");
}

TEST_F(FlagsTest, OneValueIsEnough) {
  EXPECT_EQ(Fault({"air.csv", "--lr", "1", "--lr", "2"}),
            "--lr: expected to be given once, found it 2 times");
  EXPECT_EQ(Fault({"air.csv", "sea.csv"}), "train: expected no more words, found \"sea.csv\"");
}

TEST_F(FlagsTest, SwitchesTakeNoValue) {
  EXPECT_EQ(Fault({"air.csv", "--quiet=no"}), "--quiet: expected no value, found \"no\"");
}

TEST_F(FlagsTest, ChoicesAreListed) {
  EXPECT_EQ(Fault({"air.csv", "--cell", "gur"}),
            "--cell: expected one of gru, lstm, found \"gur\"");
}

TEST_F(FlagsTest, OperandsMustBeThere) {
  constexpr const char* kNone = "train: expected a FILE, found none; unroll train --help says more";
  EXPECT_EQ(Fault({"--quiet"}), kNone);
  EXPECT_EQ(Fault({""}), kNone);
}

}  // namespace
}  // namespace unroll::cli
