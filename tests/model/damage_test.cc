// Whatever happens to a file, it is found; whatever happens while one is written, the old one
// stays.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/model/small_model.h"
#include "tests/support/fake_files.h"
#include "tests/support/mutants.h"
#include "unroll/model/checkpoint.h"
#include "unroll/model/model.h"
#include "unroll/model/verify.h"

namespace unroll {
namespace {

using test::BytesOf;
using test::FakeFiles;

/// Whether everything that reads `bytes` refuses them; nobody may think otherwise than verify.
bool IsRefused(const std::string& bytes, bool is_checkpoint) {
  FakeFiles files;
  files.Put("m", bytes);
  const bool verified = VerifyFile(files, "m").has_value();
  const bool read =
      is_checkpoint ? ReadCheckpoint(files, "m").has_value() : ReadModel(files, "m").has_value();
  EXPECT_EQ(verified, read);
  return !verified && !read;
}

TEST(DamageTest, EveryTruncationIsRefused) {
  const std::string bytes = BytesOf(test::SmallModel());
  for (std::size_t kept = 0; kept < bytes.size(); ++kept) {
    EXPECT_TRUE(IsRefused(bytes.substr(0, kept), false)) << kept << " bytes";
  }
}

TEST(DamageTest, EveryFlippedBitIsFound) {
  for (const bool is_checkpoint : {false, true}) {
    const std::string bytes = is_checkpoint ? BytesOf(test::SmallCheckpoint())
                                            : BytesOf(test::SmallModel(Precision::kFp64));
    ASSERT_FALSE(IsRefused(bytes, is_checkpoint));
    // A checkpoint is longer: every third byte.
    for (std::size_t i = 0; i < bytes.size(); i += is_checkpoint ? 3 : 1) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << bit);
        const auto file = ParseTensors(std::move(flipped), "m");
        ASSERT_FALSE(file && VerifyTensors(*file)) << "byte " << i << ", bit " << bit;
      }
    }
  }
}

TEST(DamageTest, AFlippedBitOfTheDataNamesItsTensor) {
  std::string bytes = BytesOf(test::SmallModel());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  FakeFiles files;
  files.Put("m", bytes);
  EXPECT_EQ(ReadModel(files, "m").error().place, "m: head.bias");
}

TEST(DamageTest, MutantsAreRefusedAndNothingWorse) {
  for (const bool is_checkpoint : {false, true}) {
    const std::string good =
        is_checkpoint ? BytesOf(test::SmallCheckpoint()) : BytesOf(test::SmallModel());
    const test::MutantMaker maker(good);
    for (std::uint64_t i = 0; i < 3000; ++i) {
      const test::Mutant mutant = maker.Make(i);
      ASSERT_NE(mutant.bytes, good) << i << ": " << mutant.what;
      EXPECT_TRUE(IsRefused(mutant.bytes, is_checkpoint)) << i << ": " << mutant.what;
    }
  }
}

TEST(DamageTest, TheOldModelOutlivesEveryFailureOfWriting) {
  const Model model = test::SmallModel(), newer = test::SmallModel(Precision::kFp64);
  const std::string old_bytes = BytesOf(model), new_bytes = BytesOf(newer);
  bool reached_the_end = false;
  for (std::size_t k = 0; !reached_the_end; ++k) {
    ASSERT_LT(k, 100u);
    FakeFiles files;
    files.Put("m", old_bytes);
    files.FailAt(k, Error{Failure::kInputOutput, "disk", "room", "none", ""});
    const auto written = WriteModel(files, "m", newer);
    reached_the_end = files.log().size() <= k;
    const std::string now = files.Now().at("m");
    EXPECT_TRUE(now == old_bytes || now == new_bytes) << "operation " << k;
    if (written) {
      EXPECT_EQ(now, new_bytes);
    }
    EXPECT_EQ(files.open_handles(), 0);
  }
}

TEST(DamageTest, APowerCutLeavesTheOldCheckpointOrTheNew) {
  Checkpoint checkpoint = test::SmallCheckpoint();
  const std::string old_bytes = BytesOf(checkpoint);
  checkpoint.training.step = 7;
  const std::string new_bytes = BytesOf(checkpoint);
  bool reached_the_end = false;
  for (std::size_t k = 0; !reached_the_end; ++k) {
    ASSERT_LT(k, 100u);
    FakeFiles files;
    files.Put("m", old_bytes);
    files.CrashAt(k);
    (void)WriteCheckpoint(files, "m", checkpoint);
    reached_the_end = files.log().size() <= k;
    for (std::size_t names = 0; names <= files.pending(); ++names) {
      for (const auto data :
           {FakeFiles::Unsynced::kLost, FakeFiles::Unsynced::kHalf, FakeFiles::Unsynced::kKept}) {
        const std::string left = files.AfterCrash(names, data).at("m");
        EXPECT_TRUE(left == old_bytes || left == new_bytes) << "operation " << k;
      }
    }
  }
}

}  // namespace
}  // namespace unroll
