// Ways to use the program wrongly: each gets one clear line, its code, and nothing is left behind.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace unroll {
namespace {

using test::Ran;
using test::RunOptions;
using test::TemporaryFolder;
using Words = std::vector<std::string>;

constexpr uid_t kNobody = 65534;

/// A use of the program, and how it must be refused.
struct Misuse {
  Words words;
  int code;
  std::string error;  ///< how the line goes on behind "unroll: "
  RunOptions options = {};
};

class MisuseTest : public testing::Test {
 protected:
  MisuseTest() {
    folder_.Put("air.csv",
                test::run_program::Content(UNROLL_SOURCE_DIR "/examples/air_passengers.csv"));
    const Ran ran =
        Run({"train", "air.csv", "-o", "m", "--hidden", "2", "--steps", "1", "--quiet"});
    EXPECT_EQ(ran.code, 0) << ran.err;
  }

  Ran Run(Words words, const RunOptions& options = {}) {
    words.insert(words.begin(), program_);
    Ran ran = test::RunProgram(words, folder_.path(), kept_, options);
    if (ran.seconds > slowest_) slowest_ = ran.seconds, slowest_words_ = words;
    ++runs_;
    return ran;
  }

  void MustBeRefused(const Misuse& misuse) {
    std::string line = "unroll";
    for (const std::string& word : misuse.words) line += " " + word.substr(0, 60);
    SCOPED_TRACE(line);
    const std::vector<std::string> before = folder_.Names();
    const Ran ran = Run(misuse.words, misuse.options);
    EXPECT_EQ(ran.signal, 0);
    EXPECT_EQ(ran.code, misuse.code) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_EQ(ran.err.rfind("unroll: " + misuse.error, 0), 0u) << ran.err;
    EXPECT_LT(ran.err.size(), 5100u);  // the longest name that a case gives
    EXPECT_LT(ran.seconds, 2);
    const std::vector<std::string> after = folder_.Names();
    EXPECT_EQ(std::set(after.begin(), after.end()), std::set(before.begin(), before.end()));
  }
  void MustBeRefused(const std::vector<Misuse>& all) {
    for (const Misuse& misuse : all) MustBeRefused(misuse);
  }

  void TearDown() override {
    std::string line;
    for (const std::string& word : slowest_words_) line += " " + word.substr(0, 40);
    std::printf("%d runs; slowest %.0f ms:%s\n", runs_, slowest_ * 1e3, line.c_str());
  }

  TemporaryFolder folder_, kept_;
  std::string program_ = UNROLL_PROGRAM;
  double slowest_ = 0;
  Words slowest_words_;
  int runs_ = 0;
};

TEST_F(MisuseTest, Numbers) {
  const auto train = [](const char* flag, const std::string& value) {
    return Words{"train", "air.csv", "-o", "new", "--quiet", flag, value};
  };
  const std::string units = "--hidden: expected a whole number from 1 to 65536, found ";
  const std::string rate = "--lr: expected a number above 0, at most 10, found ";
  MustBeRefused(
      {{train("--hidden", "+5"), 64, units + "\"+5\"\n"},
       {train("--hidden", "5 "), 64, units + "\"5 \"\n"},
       {train("--hidden", "\t5"), 64, units + "\"\\x095\"\n"},
       {train("--hidden", "0"), 64, units + "\"0\"\n"},
       {train("--hidden", "00"), 64, units + "\"00\"\n"},
       {train("--hidden", "65537"), 64, units + "\"65537\"\n"},
       {train("--hidden", "5.0"), 64, units + "\"5.0\"\n"},
       {train("--hidden", "1e2"), 64, units + "\"1e2\"\n"},
       {train("--hidden", "٥"), 64, units + "\"٥\"\n"},
       {train("--hidden", std::string(100000, '9')), 64, units + "\"9999"},
       {train("--hidden", "five\nsix"), 64, units + "\"five\\x0Asix\"\n"},
       {train("--layers", "65"), 64, "--layers: expected a whole number from 1 to 64"},
       {train("--threads", "0"), 64, "--threads: expected a whole number from 1 to 1024"},
       {train("--lr", "0"), 64, rate + "\"0\"\n"},
       {train("--lr", "-0.0"), 64, rate + "\"-0.0\"\n"},
       {train("--lr", "1e-999"), 64, rate + "\"1e-999\"\n"},
       {train("--lr", "1e"), 64, rate + "\"1e\"\n"},
       {train("--lr", "0,1"), 64, rate + "\"0,1\"\n"},
       {train("--lr", "-nan"), 64, rate + "\"-nan\"\n"},
       {train("--clip", "-1"), 64, "--clip: expected a number above 0"},
       {train("--memory", "0M"), 64, "--memory: expected a size such as 512M"},
       {train("--memory", "512"), 64, "--memory: expected a size such as 512M"},
       {train("--memory", "8388608T"), 64, "--memory: expected a size such as 512M"},
       {{"bench", "--shape", "1,2,3,0"}, 64, "--shape, H: expected a whole number from 1"},
       {{"bench", "--shape", "1,2,3,-1"}, 64, "--shape, H: expected"},
       {{"bench", "--shape", "1,2, 3,4"}, 64, "--shape, I: expected"},
       {{"bench", "--shape", "010,2,3,4"}, 64, "--shape, T: expected"},
       {{"bench", "--shape", "1,2,3,4,5"}, 64, "--shape: expected four whole numbers"}});
}

TEST_F(MisuseTest, WordsAndFlags) {
  MustBeRefused(
      {{{"train", "forecast", "air.csv", "-o", "new"}, 64, "train: expected no more words"},
       {{""}, 64, "command: expected one of "},
       {{"TRAIN"}, 64, "command: expected one of "},
       {{"trian", "air.csv"},
        64,
        "command: expected one of forecast, train, verify, gradcheck, bench, found "
        "\"trian\"; did you mean train?\n"},
       {{"--verison"}, 64, "command: expected one of "},
       {{"verify"}, 64, "verify: expected a MODEL, found none"},
       {{"verify", ""}, 64, "verify: expected a MODEL, found none"},
       {{"verify", "m", "m"}, 64, "verify: expected no more words"},
       {{"verify", "m", "--json=yes"}, 64, "--json: expected no value, found \"yes\"\n"},
       {{"verify", "m", "--jsn"}, 64, "--jsn: expected a flag of unroll verify"},
       {{"verify", "m", "--memory", "1"}, 64, "--memory: expected a size such as 512M"},
       {{"train", "air.csv", "-o", "new", "--hidden="}, 64, "--hidden: expected "},
       {{"train", "air.csv", "-o", "new", "-hidden", "5"}, 64, ""},
       {{"train", "air.csv", "-o", "new", "-o", "new"}, 64, "--output: expected to be given once"},
       {{"train", "air.csv", "-o", ""}, 64, "--output: expected the name of a file"},
       {{"train", "air.csv", "-o", "--quiet"}, 64, "--output: expected the name of a file"},
       {{"train", "air.csv", "-o", "new", "--cell", "LSTM"}, 64, "--cell: expected one of "},
       {{"train", "air.csv", "-o", "new", "--cell", ""}, 64, "--cell: expected one of "},
       {{"train", "air.csv", "-o", "new", "--precision", "FP64"}, 64, "--precision: expected one"},
       {{"train", "air.csv", "-o", "new", "--\xff\n=1"}, 64, "--\\xFF\\x0A: expected a flag"},
       {{"verify", "m"},
        64,
        "UNROLL_SIMD: expected one of ",
        {.environment = {"UNROLL_SIMD=a\nb"}}},
       {{"verify", "m"},
        64,
        "UNROLL_SIMD: expected one of ",
        {.environment = {"UNROLL_SIMD=AVX2 "}}},
       {{"verify", "gone"},
        66,
        "gone: expected a file, found No such file or directory\n",
        {.environment = {"LC_ALL=de_DE.UTF-8", "LANG=xx_YY", "LANGUAGE=tr"}}}});
}

TEST_F(MisuseTest, DataThatAreNone) {
  const auto data = [&](const char* name, const std::string& content) {
    folder_.Put(name, content);
    return Words{"forecast", name, "--quiet"};
  };
  using std::string_literals::operator""s;
  MustBeRefused(
      {{data("le.csv",
             "\xff\xfe"
             "1\0\n\0"s),
        65, "le.csv: expected CSV text, found UTF-16 text"},
       {data("be.csv",
             "\xfe\xff\0"
             "1\0\n"s),
        65, "be.csv: expected CSV text, found UTF-16 text"},
       {data("nul.csv", "y\n1\0\n"s), 65, "nul.csv:2: expected CSV text, found a NUL byte"},
       {data("bom.csv", "\xef\xbb\xbf"), 65, "bom.csv: expected CSV text, found an empty file"},
       {data("long.csv", "y\n" + std::string(3 << 20, '1') + "\n"), 65, "long.csv:2:1: expected"},
       {data("cr.csv", "y\r1\r2\r"), 65, "cr.csv:1: expected lines that end with LF or CRLF"},
       {data("latin.csv",
             "gr\xfc\xdf"
             "e\n1\n"),
        65, "latin.csv:1"},
       {data("quote.csv", "y\n\"1\n2\n"), 65, "quote.csv:2:1: expected a closing quote"},
       {data("wide.csv", "a,b,c\n1,2,3\n"), 65, "wide.csv:1:3: expected one column of numbers"},
       {data("head.csv", "y\n"), 65, "head.csv:1:1: expected numbers below the header"},
       {data("big.csv", "y\n1\n1e999\n"), 65,
        "big.csv:3:1: expected a number of a size up to 1e15"},
       {data("back.csv", "d,y\n2001-02,1\n2001-01,2\n"), 65, "back.csv:3:1: expected"},
       {data("twice.csv", "d,y\n2001-02,1\n2001-02,2\n"), 65, "twice.csv:3:1: expected"},
       {data("zip.csv",
             "PK\x03\x04"
             "abc"),
        65, "zip.csv: expected CSV text, found a zip file"},
       {{"forecast", "/dev/full"}, 66, "/dev/full: expected a file, found a device\n"},
       {{"forecast", "/dev/null"}, 66, "/dev/null: expected a file, found a device\n"},
       {{"forecast", "air.csv/x"}, 66, "air.csv/x: expected a file, found Not a directory\n"},
       {{"forecast", std::string(5000, 'a')}, 66, "aaa"},
       {{"forecast", "/dev/stdin"}, 65, "/dev/stdin: expected CSV text, found an empty file\n"},
       {{"forecast", "/dev/stdin"}, 66, "", {.closed = {0}}},
       {{"forecast", "/dev/stdin"}, 66, "", {.in = folder_.path()}}});
}

TEST_F(MisuseTest, ModelsThatAreNone) {
  folder_.Put("half", folder_.Get("m").substr(0, folder_.Get("m").size() - 100));
  folder_.Put("none", "");
  ASSERT_EQ(symlink("loop", (folder_ / "loop").c_str()), 0);
  const auto forecast = [](const char* model) {
    return Words{"forecast", "air.csv", "--model", model};
  };
  MustBeRefused(
      {{forecast("air.csv"), 65, "air.csv: expected a safetensors file, found text"},
       {forecast("half"), 65, "half: expected "},
       {forecast("none"), 65, "none: expected a safetensors file, found an empty file\n"},
       {forecast("."), 66, ".: expected a file, found a folder\n"},
       {forecast("loop"), 66, "loop: expected a file, found "},
       {forecast("/dev/full"), 66, "/dev/full: expected a file, found a device\n"},
       {{"verify", "half"}, 65, "half: expected "},
       {{"verify", "m", "--memory", "4K"}, 71, "m: expected at most 2 KiB, for which"},
       {{"forecast", "m", "--model", "air.csv"}, 65, "m: expected CSV text, found a saf"},
       {{"bench", "--shape", "9,9,9,9", "--memory", "1M"}, 71, "--shape: expected at most"},
       {{"forecast", "air.csv", "--model", "m", "--memory", "1M"}, 71, "forecasting: exp"}});
  folder_.Put("new.ckpt", folder_.Get("m"));
  MustBeRefused({{"train", "air.csv", "-o", "new", "--resume", "--quiet"},
                 65,
                 "new.ckpt: expected a checkpoint, found a finished model"});
}

TEST_F(MisuseTest, OutputsThatCannotBe) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  ASSERT_EQ(symlink("gone/m", (folder_ / "dangling").c_str()), 0);
  ASSERT_EQ(symlink("air.csv", (folder_ / "alias").c_str()), 0);
  ASSERT_EQ(link((folder_ / "air.csv").c_str(), (folder_ / "twin").c_str()), 0);
  const std::string before = folder_.Get("air.csv"), model = folder_.Get("m");
  const auto train = [](const char* to) { return Words{"train", "air.csv", "-o", to, "--quiet"}; };
  const auto to = [](const char* out) {
    return Words{"forecast", "air.csv", "--model", "m", "-o", out};
  };
  const char* const kNotWritten = "standard output: expected to write it, found ";
  MustBeRefused(
      {{train("pipe"), 73, "pipe: expected a file that can be written, found a pipe\n"},
       {train("."), 73, ".: expected a file that can be written, found a folder\n"},
       {train("new/"), 73, "new/: expected "},
       {train("air.csv/m"), 73, "air.csv/m: expected "},
       {train("alias"), 73, "--output: expected another file than the input"},
       {train("twin"), 73, "--output: expected another file than the input"},
       {train("dangling"), 73, "dangling: expected a folder that can be written to"},
       {to("./m"), 73, "--output: expected another file than the model"},
       {to("m"), 73, "--output: expected another file than the model"},
       {{"forecast", "air.csv", "--save", "n", "-o", "./n"}, 73, "--output: expected ano"},
       {{"forecast", "air.csv", "--save", "n", "-o", "n.ckpt"}, 73, "--output: expected"},
       {to("pipe"), 73, "pipe: expected a file that can be written, found a pipe\n"},
       {{"forecast", "air.csv", "--model", "m"}, 74, kNotWritten, {.out = "/dev/full"}},
       {{"verify", "m", "--json"}, 74, kNotWritten, {.out = "/dev/full"}},
       {{"--version"}, 74, kNotWritten, {.out = "/dev/full"}},
       {{"train", "--help"}, 74, kNotWritten, {.closed = {1}}},
       {{"verify", "m"}, 74, kNotWritten, {.closed = {1}}},
       {{"forecast", "air.csv", "--model", "m", "--json", "-o", "new"},
        74,
        "new: expected to write it, found File too large",
        {.file_size = 500}},
       {{"train", "air.csv", "-o", "new", "--quiet", "--steps", "1", "--hidden", "2"},
        74,
        "new: expected to write it, found File too large",
        {.file_size = 1000}}});
  EXPECT_EQ(folder_.Get("air.csv"), before);
  EXPECT_EQ(folder_.Get("m"), model);
}

// A device must stay one: renaming a file over it would take /dev/full from the whole machine.
TEST_F(MisuseTest, ADeviceIsNotReplaced) {
  const std::string device = folder_ / "full";
  if (mknod(device.c_str(), S_IFCHR | 0666, makedev(1, 7)) != 0) GTEST_SKIP() << "not root";
  for (const Words& words : {Words{"train", "air.csv", "-o", "full", "--quiet"},
                             Words{"forecast", "air.csv", "--model", "m", "-o", "full"}}) {
    MustBeRefused({words, 73, "full: expected a file that can be written, found a device\n"});
  }
  struct stat at = {};
  ASSERT_EQ(stat(device.c_str(), &at), 0);
  EXPECT_TRUE(S_ISCHR(at.st_mode));
}

TEST_F(MisuseTest, WhatMayNotBeReadOrWritten) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may become nobody";
  program_ = folder_ / "unroll";  // nobody may not look into every folder of a build
  std::filesystem::copy_file(UNROLL_PROGRAM, program_);
  chmod(folder_.path().c_str(), 0755);
  for (const char* name : {"secret", "fixed"}) folder_.Put(name, "y\n1\n");
  chmod((folder_ / "secret").c_str(), 0);
  const RunOptions nobody{.user = kNobody};
  MustBeRefused(
      {{{"forecast", "secret"}, 77, "secret: expected a file, found Permission", nobody},
       {{"verify", "secret"}, 77, "secret: expected a file, found Permission", nobody},
       {{"train", "air.csv", "-o", "new"}, 77, "new: expected a folder that can", nobody},
       {{"train", "air.csv", "-o", "fixed"}, 77, "fixed: expected a file that", nobody},
       {{"forecast", "air.csv", "--model", "m", "-o", "fixed"}, 77, "fixed: exp", nobody}});
}

TEST_F(MisuseTest, WhatIsAskedForIsAnsweredAtOnce) {
  for (const Words& words : {Words{"--help"}, Words{"--version"}, Words{"train", "--help"},
                             Words{"forecast", "nothing", "--lr", "x", "--help"}}) {
    const Ran ran = Run(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    EXPECT_NE(ran.out, "");
    EXPECT_LT(ran.seconds, 2);
  }
}

}  // namespace
}  // namespace unroll
