// Verify says what a file holds, or the first thing that is wrong with it.
#include "unroll/model/verify.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/model/small_model.h"
#include "tests/support/fake_files.h"
#include "unroll/model/model_file.h"
#include "unroll/model/tensor_values.h"

namespace unroll {
namespace {

using test::BytesOf;
using test::FakeFiles;

Result<FileSummary> Verify(const std::string& bytes) {
  FakeFiles files;
  files.Put("m", bytes);
  return VerifyFile(files, "m");
}

TEST(VerifyTest, SumsUpAModel) {
  const auto summary = Verify(BytesOf(test::SmallModel()));
  ASSERT_TRUE(summary) << summary.error().Message();
  EXPECT_EQ(summary->kind, FileSummary::kModel);
  EXPECT_TRUE(summary->has_checksums);
  const std::map<std::string, std::string> facts(summary->facts.begin(), summary->facts.end());
  EXPECT_EQ(facts.at("specification.cell"), "lstm");
  EXPECT_EQ(facts.at("specification.hidden"), "3");
  EXPECT_EQ(facts.at("scaling.logarithm"), "true");
  EXPECT_EQ(facts.at("scaling.target_sd"), "1.7976931348623157e+308, 0.1");
  EXPECT_EQ(facts.at("provenance.data"), "air \"passengers\".csv");
  ASSERT_EQ(summary->tensors.size(), 6u);
  EXPECT_EQ(summary->tensors[0].name, "rnn.weight_ih_l0");
  EXPECT_EQ(summary->tensors[0].dtype, "F32");
  EXPECT_EQ(summary->tensors[0].dims, (std::vector<std::uint64_t>{12, 2}));
}

TEST(VerifyTest, SumsUpACheckpoint) {
  const auto summary = Verify(BytesOf(test::SmallCheckpoint()));
  ASSERT_TRUE(summary) << summary.error().Message();
  EXPECT_EQ(summary->kind, FileSummary::kCheckpoint);
  const std::map<std::string, std::string> facts(summary->facts.begin(), summary->facts.end());
  EXPECT_EQ(facts.at("training.step"), "18446744073709551615");
  EXPECT_EQ(facts.at("settings.--lr"), "0.003");
  EXPECT_EQ(summary->tensors.size(), 4 * 6 + 1u);
}

TEST(VerifyTest, SumsUpBareTensors) {
  const auto bytes = BytesOf([](FileSystem& files, const char* path) {
    return WriteTensors(files, path, {{"a\nb", "BF16", {1, 2}, "1234"}}, {{"format", "pt\n"}});
  });
  const auto summary = Verify(bytes);
  ASSERT_TRUE(summary) << summary.error().Message();
  EXPECT_EQ(summary->kind, FileSummary::kTensors);
  EXPECT_FALSE(summary->has_checksums);
  ASSERT_EQ(summary->facts.size(), 1u);
  EXPECT_EQ(summary->facts[0].second, "pt\\x0A");
  ASSERT_EQ(summary->tensors.size(), 1u);
  EXPECT_EQ(summary->tensors[0].name, "a\\x0Ab");
}

TEST(VerifyTest, OneOfOurKeysIsEnoughToExpectAModel) {
  for (const char* key : {kSpecificationKey, kScalingKey, kChecksumsKey, kTrainingKey}) {
    const auto bytes = BytesOf([&](FileSystem& files, const char* path) {
      return WriteTensors(files, path, {}, {{key, "{}"}});
    });
    const auto summary = Verify(bytes);
    ASSERT_FALSE(summary) << key;
    EXPECT_EQ(summary.error().Message(), "m: metadata: expected the key format, found none");
  }
}

TEST(VerifyTest, SaysWhereNoChecksumsAre) {
  const Model model = test::SmallModel();
  const auto file = ParseTensors(BytesOf(model), "m");
  Metadata metadata = file->metadata;
  metadata.erase(kChecksumsKey);
  std::vector<TensorView> tensors;
  for (const NamedTensor& tensor : model.weights) tensors.push_back(ViewOf(tensor));
  const auto bytes = BytesOf([&](FileSystem& files, const char* path) {
    return WriteTensors(files, path, tensors, metadata);
  });
  const auto summary = Verify(bytes);
  ASSERT_TRUE(summary) << summary.error().Message();
  EXPECT_FALSE(summary->has_checksums);
}

TEST(VerifyTest, ReadsATrainingToItsEnd) {
  const Checkpoint checkpoint = test::SmallCheckpoint();
  FakeFiles files;
  ASSERT_TRUE(EncodeModelFile(files, "m", checkpoint.model, checkpoint.extra,
                              {{kTrainingKey, "{}"}, {kSettingsKey, "{}"}}));
  EXPECT_EQ(VerifyFile(files, "m").error().Message(),
            "m: training.step: expected a value, found none");
}

}  // namespace
}  // namespace unroll
