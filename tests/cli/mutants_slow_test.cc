// Whatever a model file holds, the program refuses it in one line and without harm: 3,000 mutants
// through `verify` and `forecast` (every fifth of them but at night), and of a checkpoint through
// `train --resume`.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/support/mutants.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace unroll {
namespace {

using test::Mutant;
using test::MutantMaker;
using test::Ran;
using test::TemporaryFolder;

constexpr const char* kData = UNROLL_SOURCE_DIR "/examples/air_passengers.csv";

class MutantsTest : public testing::Test {
 protected:
  std::vector<std::string> Train() const {
    return {UNROLL_PROGRAM, "train", kData,     "-o",        "m", "--hidden", "4",
            "--steps",      "3",     "--quiet", "--threads", "1"};
  }

  /// The address space is bounded, so that what is asked for counts and not only what is used.
  Ran Run(const std::vector<std::string>& words, std::uint64_t file_size) {
    const std::uint64_t most = 2 * file_size + (std::uint64_t{64} << 20);
    Ran ran = test::RunProgram(words, folder_.path(), kept_, {.address_space = most});
    slowest_ = std::max(slowest_, ran.seconds);
    most_memory_ = std::max(most_memory_, ran.most_memory);
    ++runs_;
    return ran;
  }

  void MustBeRefused(const std::vector<std::string>& words, const Mutant& mutant,
                     std::uint64_t number) {
    const Ran ran = Run(words, mutant.bytes.size());
    const std::string what = words[1] + ", mutant " + std::to_string(number) + ": " + mutant.what;
    EXPECT_EQ(ran.signal, 0) << what;
    EXPECT_EQ(ran.code, 65) << what << ": " << ran.err;
    EXPECT_EQ(ran.out, "") << what;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << what << ": " << ran.err;
    EXPECT_EQ(ran.err.rfind("unroll: m", 0), 0u) << what << ": " << ran.err;
    EXPECT_LT(ran.err.size(), 1000u) << what;
    EXPECT_LT(ran.seconds, 2) << what;
    flipped_ += mutant.only_data_bits;
  }

  void TearDown() override {
    std::printf(
        "%d runs, %d of them with flipped bits of the data; slowest %.0f ms, most memory "
        "%.1f MiB\n",
        runs_, flipped_, slowest_ * 1e3, static_cast<double>(most_memory_) / (1 << 20));
  }

  TemporaryFolder folder_, kept_;
  double slowest_ = 0;
  std::uint64_t most_memory_ = 0;
  int runs_ = 0, flipped_ = 0;
};

TEST_F(MutantsTest, OfAModelAreRefusedByVerifyAndForecast) {
  ASSERT_EQ(test::RunProgram(Train(), folder_.path(), kept_).code, 0);
  const std::string good = folder_.Get("m");
  const std::vector<std::string> verify = {UNROLL_PROGRAM, "verify", "m"},
                                 forecast = {UNROLL_PROGRAM, "forecast", kData, "--model", "m"};
  for (const auto& words : {verify, forecast}) {  // the bound alone refuses nothing
    EXPECT_EQ(test::RunProgram(words, folder_.path(), kept_).code, 0);
  }
  EXPECT_EQ(Run(verify, good.size()).code, 0);
  const MutantMaker maker(good);
  const std::uint64_t step =
      std::getenv("UNROLL_NIGHTLY") != nullptr ? 1 : 5;  // prime to the kinds
  for (std::uint64_t i = 0; i < 3000; i += step) {
    const Mutant mutant = maker.Make(i);
    folder_.Put("m", mutant.bytes);
    MustBeRefused(verify, mutant, i);
    MustBeRefused(forecast, mutant, i);
  }
}

TEST_F(MutantsTest, OfACheckpointAreRefusedByResume) {
  std::vector<std::string> words = Train();
  words[8] = "1000000000";  // steps: it is stopped before
  words.insert(words.end(), {"--save-every", "1e-9"});
  const Ran full = test::RunProgram(words, folder_.path(), kept_, {.file_size = 1000});
  EXPECT_EQ(full.code, 74) << full.err;  // no room for a checkpoint
  EXPECT_TRUE(folder_.Names().empty());

  words.insert(words.begin(), {"/usr/bin/timeout", "-s", "INT", "0.3"});
  (void)test::RunProgram(words, folder_.path(), kept_);
  const std::string good = folder_.Get("m.ckpt");
  ASSERT_FALSE(good.empty());
  words.erase(words.begin(), words.begin() + 4);
  words.emplace_back("--resume");
  const MutantMaker maker(good);
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Mutant mutant = maker.Make(i);
    folder_.Put("m.ckpt", mutant.bytes);
    MustBeRefused(words, mutant, i);
    EXPECT_EQ(folder_.Get("m.ckpt"), mutant.bytes);  // a human may still want to look at it
  }
}

/// Headers that would cost much more than their file, were they believed.
TEST_F(MutantsTest, NoHeaderTakesMoreThanItsFile) {
  ASSERT_EQ(test::RunProgram(Train(), folder_.path(), kept_).code, 0);
  const std::string good = folder_.Get("m");
  std::uint64_t length = 0;
  std::memcpy(&length, good.data(), sizeof(length));
  auto header = nlohmann::ordered_json::parse(good.substr(8, length));
  header["__metadata__"].erase("checksums");
  const auto file = [&](const std::string& text) {
    const std::uint64_t size = text.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &size, sizeof(size));
    return bytes + text + good.substr(8 + length);
  };
  const auto repeated = [](const std::string& piece, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += piece;
    return text;
  };
  const auto scaling = [&](const std::string& text) {
    auto changed = header;
    changed["__metadata__"]["scaling"] = text;
    return file(changed.dump());
  };
  std::string keys = "{";
  for (int i = 0; i < 900000; ++i) keys += '"' + std::to_string(i) + "\":0,";
  const std::pair<const char*, std::string> bombs[] = {
      {"a list of the most bytes", scaling("{\"a\":[" + repeated("1,", 8 << 20) + "1]}")},
      {"a list that just may be", scaling("{\"a\":[" + repeated("1,", 7 << 20) + "1]}")},
      {"keys", scaling(keys + "\"z\":0}")},
      {"digits", file("{\"a\":{\"shape\":[" + repeated("1", 15 << 20) + "]}}")},
      {"a real number", file("{\"a\":{\"shape\":[1." + repeated("1", 15 << 20) + "]}}")},
      {"a name", file("{\"" + repeated("a", 15 << 20) + "\":0}")},
      {"brackets", file("{\"a\":" + repeated("[", 15 << 20))}};
  for (const auto& [what, bytes] : bombs) {
    folder_.Put("m", bytes);
    MustBeRefused({UNROLL_PROGRAM, "verify", "m"}, {bytes, what}, 0);
    MustBeRefused({UNROLL_PROGRAM, "forecast", kData, "--model", "m"}, {bytes, what}, 0);
  }
}

}  // namespace
}  // namespace unroll
