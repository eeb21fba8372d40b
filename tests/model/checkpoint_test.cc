// A checkpoint comes back as it was, so that a resumed training goes on to the bit.
#include "unroll/model/checkpoint.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/model/small_model.h"
#include "tests/support/fake_files.h"
#include "unroll/model/fields.h"
#include "unroll/model/model_file.h"
#include "unroll/model/tensor_values.h"

namespace unroll {
namespace {

using test::BitsOf;
using test::BytesOf;
using test::FakeFiles;
using test::SmallCheckpoint;

Result<Checkpoint> Read(const std::string& bytes) {
  FakeFiles files;
  files.Put("m", bytes);
  return ReadCheckpoint(files, "m");
}

TEST(CheckpointTest, ComesBackToTheBit) {
  for (const Precision precision : {Precision::kFp32, Precision::kFp64}) {
    const Checkpoint checkpoint = SmallCheckpoint(precision);
    const std::string bytes = BytesOf(checkpoint);
    const auto read = Read(bytes);
    ASSERT_TRUE(read) << read.error().Message();
    EXPECT_EQ(BitsOf(read->model.weights), BitsOf(checkpoint.model.weights));
    EXPECT_EQ(BitsOf(read->extra), BitsOf(checkpoint.extra));
    EXPECT_EQ(read->training, checkpoint.training);
    EXPECT_EQ(read->settings, checkpoint.settings);
    EXPECT_EQ(BytesOf(*read), bytes);
  }
}

TEST(CheckpointTest, BeforeTheFirstValidationThereIsNone) {
  Checkpoint checkpoint = SmallCheckpoint();
  checkpoint.training = {};
  const auto read = Read(BytesOf(checkpoint));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->training.best_validation, TrainingState::kNone);
}

TEST(CheckpointTest, AModelIsNoCheckpoint) {
  EXPECT_EQ(Read(BytesOf(test::SmallModel())).error().Message(),
            "m: expected a checkpoint, found a finished model");
}

TEST(CheckpointTest, TensorsOfAWeightHaveItsShape) {
  Checkpoint checkpoint = SmallCheckpoint();
  FakeFiles files;
  checkpoint.extra[0].dims = {2, 12};
  EXPECT_THROW((void)WriteCheckpoint(files, "m", checkpoint), std::logic_error);
  const auto training = RecordToJson(checkpoint.training, "training");
  ASSERT_TRUE(EncodeModelFile(files, "m", checkpoint.model, checkpoint.extra,
                              {{kTrainingKey, *training}, {kSettingsKey, "{}"}}));
  EXPECT_EQ(ReadCheckpoint(files, "m").error().Message(),
            "m: adam.m.rnn.weight_ih_l0: expected [12, 2] like its weight, found [2, 12]");
}

TEST(CheckpointTest, NamesStandOnce) {
  FakeFiles files;
  for (const char* name : {"head.bias", "adam.m.head.bias"}) {
    Checkpoint checkpoint = SmallCheckpoint();
    checkpoint.extra.push_back(test::HardTensor(name, {2}, Precision::kFp32, 1));
    EXPECT_THROW((void)WriteCheckpoint(files, "m", checkpoint), std::logic_error) << name;
  }
  EXPECT_TRUE(files.Now().empty());
}

TEST(CheckpointTest, StatesThatAreNotFiniteAreNotWritten) {
  Checkpoint checkpoint = SmallCheckpoint();
  FakeFiles files;
  checkpoint.training.best_validation = std::numeric_limits<double>::infinity();
  EXPECT_EQ(WriteCheckpoint(files, "m", checkpoint).error().Message(),
            "training.best_validation: expected a finite number, found NaN or infinity");
  checkpoint = SmallCheckpoint();
  std::get<std::vector<float>>(checkpoint.extra.back().values)[2] =
      std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(WriteCheckpoint(files, "m", checkpoint).error().Message(),
            "state.h_l0[0, 2]: expected finite numbers, found NaN, 1 in all");
}

TEST(CheckpointTest, ATrainingThatThisBuildDoesNotKnowIsRefused) {
  const Checkpoint checkpoint = SmallCheckpoint();
  FakeFiles files;
  ASSERT_TRUE(EncodeModelFile(files, "m", checkpoint.model, checkpoint.extra,
                              {{kTrainingKey, R"({"step":1})"}, {kSettingsKey, "{}"}}));
  EXPECT_EQ(ReadCheckpoint(files, "m").error().Message(),
            "m: training.pass: expected a value, found none");
  const auto training = RecordToJson(checkpoint.training, "training");
  ASSERT_TRUE(EncodeModelFile(files, "m", checkpoint.model, checkpoint.extra,
                              {{kTrainingKey, *training}, {kSettingsKey, R"({"--lr":1})"}}));
  EXPECT_EQ(ReadCheckpoint(files, "m").error().Message(),
            "m: settings.--lr: expected a text, found 1");
}

}  // namespace
}  // namespace unroll
