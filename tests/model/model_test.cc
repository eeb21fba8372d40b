// A model comes back as it was, and a file that is not exactly one is refused by the part at fault.
#include "unroll/model/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/model/small_model.h"
#include "tests/support/fake_files.h"
#include "unroll/model/model_file.h"
#include "unroll/model/tensor_values.h"
#include "unroll/network/network.h"

namespace unroll {
namespace {

using test::BitsOf;
using test::BytesOf;
using test::FakeFiles;
using test::SmallModel;

Result<Model> Read(const std::string& bytes) {
  FakeFiles files;
  files.Put("m", bytes);
  return ReadModel(files, "m");
}

/// The parts of a small model's file, to be changed and put together again.
struct Parts {
  Parts() {
    for (const NamedTensor& tensor : model.weights) tensors.push_back(ViewOf(tensor));
    metadata = ParseTensors(BytesOf(model), "m")->metadata;
  }
  /// The file with right checksums.
  std::string Sealed() {
    metadata[kChecksumsKey] = ChecksumsOf(tensors, metadata);
    return Bytes();
  }
  std::string Bytes() const {
    return BytesOf([&](FileSystem& files, const char* path) {
      return WriteTensors(files, path, tensors, metadata);
    });
  }
  void Replace(const char* key, const std::string& part, const std::string& other) {
    std::string& text = metadata.at(key);
    text.replace(text.find(part), part.size(), other);
  }

  Model model = SmallModel();
  std::vector<TensorView> tensors;
  Metadata metadata;
};

/// The refusal of a sealed file after `change`.
std::string RefusalOf(const std::function<void(Parts&)>& change) {
  Parts parts;
  change(parts);
  const auto model = Read(parts.Sealed());
  if (model) return "read";
  EXPECT_EQ(model.error().kind, Failure::kBadData);
  return model.error().Message();
}

TEST(ModelTest, ComesBackToTheBit) {
  for (const Precision precision : {Precision::kFp32, Precision::kFp64}) {
    for (const std::uint64_t layers : {1, 3}) {
      const Model model = SmallModel(precision, layers);
      const std::string bytes = BytesOf(model);
      const auto read = Read(bytes);
      ASSERT_TRUE(read) << read.error().Message();
      EXPECT_EQ(read->specification, model.specification);
      EXPECT_EQ(read->scaling, model.scaling);
      EXPECT_TRUE(std::signbit(read->scaling->input_mean[0]));
      EXPECT_EQ(read->provenance, model.provenance);
      EXPECT_EQ(BitsOf(read->weights), BitsOf(model.weights));
      EXPECT_EQ(BytesOf(*read), bytes);  // a second round trip is identical
    }
  }
}

TEST(ModelTest, WithoutAScalingComesBackWithoutOne) {
  Model model = SmallModel();
  model.scaling.reset();
  const std::string bytes = BytesOf(model);
  EXPECT_EQ(bytes.find(kScalingKey), std::string::npos);
  const auto read = Read(bytes);
  ASSERT_TRUE(read) << read.error().Message();
  EXPECT_FALSE(read->scaling);
  EXPECT_EQ(BytesOf(*read), bytes);
}

TEST(ModelTest, OfEveryCellComesBackBitForBit) {
  for (const CellFacts& cell : Cells()) {
    for (const Precision precision : {Precision::kFp32, Precision::kFp64}) {
      const Model model = SmallModel(precision, /*layers=*/2, cell);
      const std::string bytes = BytesOf(model);
      const auto read = Read(bytes);
      ASSERT_TRUE(read) << cell.name << ": " << read.error().Message();
      EXPECT_EQ(read->specification, model.specification) << cell.name;
      EXPECT_EQ(BitsOf(read->weights), BitsOf(model.weights)) << cell.name;
      EXPECT_EQ(BytesOf(*read), bytes) << cell.name;
    }
  }
}

TEST(ModelTest, OfEveryDirectionAndInitialStateComesBackBitForBit) {
  for (const Initial initial : {Initial::kZeros, Initial::kGiven, Initial::kLearned,
                                Initial::kEntity, Initial::kStatic, Initial::kWarmUp}) {
    for (const Direction direction :
         {Direction::kForward, Direction::kReverse, Direction::kBidirectional}) {
      Model model = SmallModel();
      Specification& s = model.specification;
      s.direction = direction, s.initial = initial, s.layers = 2, s.hidden = {3, 5};
      s.entities = initial == Initial::kEntity ? 4 : 0;
      s.static_inputs = initial == Initial::kStatic ? 3 : 0;
      s.vocabulary = 6, s.dropout = 0.25, s.recurrent_dropout = 0.5, s.clip = 3;
      s.activation = Activation::kRelu, s.input_forget = true;
      Network<float> network(s);
      network.Initialise(1);
      model.weights = network.Unpack(network.weights());
      const auto read = Read(BytesOf(model));
      ASSERT_TRUE(read) << read.error().Message();
      EXPECT_EQ(read->specification, s);
      EXPECT_EQ(BitsOf(read->weights), BitsOf(model.weights));
      Network<float> other(s);
      other.Pack(read->weights, other.weights());
      EXPECT_TRUE(std::equal(network.weights().begin(), network.weights().end(),
                             other.weights().begin(), other.weights().end()));
    }
  }
}

TEST(ModelTest, ASpecificationWithoutItsLaterFieldsMeansTheirDefaults) {
  const auto parts_of = [](const std::string& text) {
    return RefusalOf([&](Parts& parts) { parts.metadata[kSpecificationKey] = text; });
  };
  const std::string first =
      R"({"cell":"lstm","inputs":2,"hidden":3,"layers":1,"outputs":2,"forget_bias":0.1)";
  EXPECT_EQ(parts_of(first + R"(,"precision":"fp32"})"), "read");
  EXPECT_EQ(parts_of(first + R"(,"precision":"fp32","hidden2":1})"),
            "m: specification.hidden2: expected a field that this build knows, found another");
  EXPECT_EQ(parts_of(first + "}"), "m: specification.precision: expected a value, found none");
  EXPECT_EQ(parts_of(first + R"(,"precision":"fp32","direction":"up"})"),
            "m: specification.direction: expected one of forward, reverse, bidirectional, found "
            "\"up\"");
  EXPECT_EQ(parts_of(R"({"cell":"lstm","inputs":2,"hidden":[3,3],"layers":1,"outputs":2,)"
                     R"("forget_bias":0.1,"precision":"fp32"})"),
            "m: specification.hidden: expected one size, or one for each of 1 layers, found 2 "
            "sizes");
}

TEST(ModelTest, WithEmbeddingAndInitialStatesComesBackBitForBit) {
  for (const Initial initial : {Initial::kLearned, Initial::kEntity, Initial::kStatic}) {
    for (const bool tied : {false, true}) {
      Model model = SmallModel();
      model.scaling.reset(), model.weights.clear();
      Specification& s = model.specification;
      s.inputs = 3, s.layers = 2, s.vocabulary = 5, s.outputs = 5, s.tied = tied;
      s.initial = initial, s.entities = initial == Initial::kEntity ? 2 : 0;
      s.static_inputs = initial == Initial::kStatic ? 4 : 0;
      s.dropout = 0.25, s.variational = true, s.recurrent_dropout = 0.1;
      for (const TensorName& expected : ExpectedTensors(s)) {
        model.weights.push_back(test::HardTensor(expected.name, expected.dims, s.precision, 1));
        if (expected.name.rfind("rnn.bias_hh", 0) != 0) continue;
        model.weights.back().values = std::vector<float>(12, 0.0f);  // folded
      }
      const std::string bytes = BytesOf(model);
      const auto read = Read(bytes);
      ASSERT_TRUE(read) << read.error().Message();
      EXPECT_EQ(read->specification, s);
      EXPECT_EQ(BitsOf(read->weights), BitsOf(model.weights));
      EXPECT_EQ(BytesOf(*read), bytes);
      Network<float> network(s);  // and through the panels
      network.Pack(read->weights, network.weights());
      const std::vector<NamedTensor> unpacked = network.Unpack(network.weights());
      for (std::size_t i = 0; i < unpacked.size(); ++i) {
        EXPECT_TRUE(unpacked[i].values == model.weights[i].values) << unpacked[i].name;
      }
    }
  }
}

TEST(ModelTest, TheSecondBiasIsFoldedIntoTheFirst) {
  Model model = SmallModel();
  auto& first = std::get<std::vector<float>>(model.weights[2].values);
  auto& second = std::get<std::vector<float>>(model.weights[3].values);
  first = {-0.0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  second = {0, 0.5f, -2, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const auto read = Read(BytesOf(model));
  ASSERT_TRUE(read) << read.error().Message();
  const auto folded = read->weights[2].As<float>();
  EXPECT_TRUE(std::signbit(folded[0]));  // untouched where there is nothing to add
  EXPECT_EQ(folded[1], 1.5f);
  EXPECT_EQ(folded[2], 0);
  EXPECT_EQ(folded[11], 12);
  for (const float bias : read->weights[3].As<float>()) EXPECT_EQ(bias, 0);
}

TEST(ModelTest, BiasesWhoseSumOverflowsAreRefused) {
  Model model = SmallModel();
  const float most = std::numeric_limits<float>::max();
  std::get<std::vector<float>>(model.weights[2].values)[5] = most;
  std::get<std::vector<float>>(model.weights[3].values)[5] = most;
  EXPECT_EQ(Read(BytesOf(model)).error().Message(),
            "m: rnn.bias_ih_l0 + rnn.bias_hh_l0[5]: expected finite numbers, found infinity, 1 in "
            "all");
}

TEST(ModelTest, NoNumberThatIsNotFiniteIsWrittenOrRead) {
  Model model = SmallModel();
  auto& head = std::get<std::vector<float>>(model.weights[4].values);
  head[4] = std::nanf("");
  head[5] = std::numeric_limits<float>::infinity();
  FakeFiles files;
  const auto written = WriteModel(files, "m", model);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, Failure::kDiverged);
  EXPECT_EQ(written.error().Message(),
            "head.weight[1, 1]: expected finite numbers, found NaN, 2 in all");
  EXPECT_TRUE(files.Now().empty());
  EXPECT_EQ(RefusalOf([&](Parts& parts) { parts.tensors[4] = ViewOf(model.weights[4]); }),
            "m: head.weight[1, 1]: expected finite numbers, found NaN, 2 in all");

  model = SmallModel();
  model.scaling->input_sd[0] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(WriteModel(files, "m", model).error().Message(),
            "scaling.input_sd: expected a finite number, found NaN or infinity");
}

TEST(ModelTest, WritingOtherWeightsThanItsOwnIsAProgrammersMistake) {
  FakeFiles files;
  Model model = SmallModel();
  model.weights.pop_back();
  EXPECT_THROW((void)WriteModel(files, "m", model), std::logic_error);
  model = SmallModel();
  std::swap(model.weights[0], model.weights[1]);
  EXPECT_THROW((void)WriteModel(files, "m", model), std::logic_error);
  model = SmallModel();
  std::swap(model.weights[0].dims[0], model.weights[0].dims[1]);
  EXPECT_THROW((void)WriteModel(files, "m", model), std::logic_error);
  model = SmallModel();
  model.specification.precision = Precision::kFp64;
  EXPECT_THROW((void)WriteModel(files, "m", model), std::logic_error);
  model = SmallModel();
  std::get<std::vector<float>>(model.weights[0].values).pop_back();
  EXPECT_THROW((void)WriteModel(files, "m", model), std::logic_error);
}

TEST(ModelTest, TensorsMustBeThoseOfTheSpecification) {
  EXPECT_EQ(RefusalOf([](Parts&) {}), "read");
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.tensors.pop_back(); }),
            "m: head.bias: expected F32 [2], found no such tensor");
  EXPECT_EQ(RefusalOf([](Parts& parts) {
              parts.tensors.push_back({"more", "F32", {0}, ""});
            }),
            "m: more: expected only the tensors of its specification, found one more");
  EXPECT_EQ(RefusalOf([](Parts& parts) {
              parts.tensors[0].dims = {8, 3};
            }),
            "m: rnn.weight_ih_l0: expected F32 [12, 2], found F32 [8, 3]");
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.tensors[0].dtype = "I32"; }),
            "m: rnn.weight_ih_l0: expected F32 [12, 2], found I32 [12, 2]");
  EXPECT_EQ(RefusalOf([](Parts& parts) {
              parts.Replace(kSpecificationKey, R"("hidden":3)", R"("hidden":4)");
            }),
            "m: rnn.weight_ih_l0: expected F32 [16, 2], found F32 [12, 2]");
  EXPECT_EQ(RefusalOf([](Parts& parts) {
              parts.Replace(kSpecificationKey, R"("layers":1)", R"("layers":2)");
            }),
            "m: rnn.weight_ih_l1: expected F32 [12, 3], found no such tensor");
}

TEST(ModelTest, TheSpecificationAndTheScalingMustBeSound) {
  EXPECT_EQ(RefusalOf([](Parts& parts) {
              parts.Replace(kSpecificationKey, R"("hidden":3)", R"("hidden":65537)");
            }),
            "m: specification.hidden: expected 1 to 65536, found 65537");
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.Replace(kSpecificationKey, "lstm", "gru2"); }),
            "m: specification.cell: expected one of " + CellNames() + ", found \"gru2\"");
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.metadata[kSpecificationKey] = "{}"; }),
            "m: specification.cell: expected a value, found none");
  EXPECT_EQ(RefusalOf([](Parts& parts) {
              parts.Replace(kScalingKey, R"("season":12)", R"("season":"12")");
            }),
            R"(m: scaling.season: expected a whole number from 0 up, found "12")");
  EXPECT_EQ(RefusalOf([](Parts& parts) {
              parts.Replace(kScalingKey, "5e-324", "0");
            }).rfind("m: scaling.input_sd: expected ", 0),
            0u);
  EXPECT_EQ(
      RefusalOf([](Parts& parts) {
        parts.model.scaling->target_mean = {1};
        parts.model.scaling->target_sd = {1};
        parts.metadata[kScalingKey] =
            R"({"logarithm":true,"season":12,"input_mean":[1,1],"input_sd":[1,1],)"
            R"("target_mean":[1],"target_sd":[1]})";
      }),
      "m: scaling: expected 2 inputs and 2 targets, as the specification says, found 2 and 1");
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.metadata[kProvenanceKey] = R"({"data":1})"; }),
            "m: provenance.data: expected a text, found 1");
}

TEST(ModelTest, MetadataMustBeThoseOfThisFormat) {
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.metadata[kFormatKey] = "unroll 2"; }),
            "m: expected a format up to 1, which this build reads, found one written by format 2; "
            "use a newer Unroll");
  for (const char* bad : {"unroll", "unroll ", "unroll 0", "unroll 1 ", "unroll -1", "unroll x",
                          "unroll 99999999999999999999", "pt"}) {
    EXPECT_EQ(RefusalOf([&](Parts& parts) { parts.metadata[kFormatKey] = bad; }),
              "m: metadata format: expected \"unroll 1\", found \"" + std::string(bad) + "\"");
  }
  for (const char* key : {kFormatKey, kSpecificationKey, kProvenanceKey}) {
    EXPECT_EQ(RefusalOf([&](Parts& parts) { parts.metadata.erase(key); }),
              "m: metadata: expected the key " + std::string(key) + ", found none");
  }
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.metadata["vocabulary"] = "{}"; }),
            R"(m: metadata: expected the keys of a model of Unroll, found "vocabulary")");
  EXPECT_EQ(RefusalOf([](Parts& parts) { parts.metadata[kSettingsKey] = "{}"; }),
            "m: metadata: expected training and settings together, found one of them");
}

TEST(ModelTest, ChecksumsMustBeThereForEveryTensorOrForNone) {
  Parts parts;
  parts.Sealed();
  parts.metadata.erase(kChecksumsKey);  // as somebody does who changed the weights elsewhere
  EXPECT_TRUE(Read(parts.Bytes()));

  parts.metadata[kChecksumsKey] = "{}";
  EXPECT_EQ(Read(parts.Bytes()).error().Message(), "m: metadata: expected a checksum, found none");
  parts.metadata[kChecksumsKey] = ChecksumsOf(std::span(parts.tensors).first(5), parts.metadata);
  EXPECT_EQ(Read(parts.Bytes()).error().Message(), "m: head.bias: expected a checksum, found none");
  parts.tensors.push_back({"gone", "F32", {0}, ""});
  parts.metadata[kChecksumsKey] = ChecksumsOf(parts.tensors, parts.metadata);
  parts.tensors.pop_back();
  EXPECT_EQ(Read(parts.Bytes()).error().Message(),
            "m: gone: expected a tensor to its checksum, found none");
}

TEST(ModelTest, AChangedTensorOrTextIsToldByItsChecksum) {
  Parts parts;
  parts.Sealed();
  Model other = parts.model;
  std::get<std::vector<float>>(other.weights[1].values)[0] = 3;
  parts.tensors[1] = ViewOf(other.weights[1]);
  const auto model = Read(parts.Bytes());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().place, "m: rnn.weight_hh_l0");
  EXPECT_EQ(model.error().mend, "the file was damaged or changed after it was written");

  parts = Parts();
  parts.Replace(kScalingKey, R"("season":12)", R"("season":13)");
  EXPECT_EQ(Read(parts.Bytes()).error().place, "m: metadata");
}

TEST(ModelTest, ACheckpointIsNoModel) {
  EXPECT_EQ(Read(BytesOf(test::SmallCheckpoint())).error().Message(),
            "m: expected a model, found a checkpoint of an unfinished training; finish it with "
            "unroll train --resume");
}

TEST(ReadWeightsTest, TakesAStateDictThatPyTorchWrote) {
  const std::string path = UNROLL_SOURCE_DIR "/tests/goldens/state_dict.safetensors";
  const Specification specification = SmallModel().specification;
  const auto weights = ReadWeights(RealFiles(), path, specification);
  ASSERT_TRUE(weights) << weights.error().Message();
  // 0, 1, 2, ... on end, divided by 8: 24 and 36 weights, 12 and 12 biases, 6 and 2 of the head.
  for (int i = 0; i < 24; ++i) EXPECT_EQ((*weights)[0].As<float>()[i], i / 8.0f);
  for (int i = 0; i < 36; ++i) EXPECT_EQ((*weights)[1].As<float>()[i], (24 + i) / 8.0f);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ((*weights)[2].As<float>()[i], (60 + i + 72 + i) / 8.0f);  // both biases
    EXPECT_EQ((*weights)[3].As<float>()[i], 0);
  }
  for (int i = 0; i < 6; ++i) EXPECT_EQ((*weights)[4].As<float>()[i], (84 + i) / 8.0f);
  for (int i = 0; i < 2; ++i) EXPECT_EQ((*weights)[5].As<float>()[i], (90 + i) / 8.0f);

  EXPECT_EQ(ReadModel(RealFiles(), path).error().Message(),
            path +
                ": expected a model of Unroll, found tensors without its metadata; weights alone "
                "have no scaling to forecast with, see docs/model-format.md");
}

TEST(ReadWeightsTest, LeavesTheSecondBiasOfAGrusCandidateWherePyTorchHasIt) {
  const std::string path = UNROLL_SOURCE_DIR "/tests/goldens/gru_state_dict.safetensors";
  Specification specification = SmallModel().specification;
  specification.cell = "gru";
  const auto weights = ReadWeights(RealFiles(), path, specification);
  ASSERT_TRUE(weights) << weights.error().Message();
  // 0, 1, 2, ... on end, divided by 8: 18 and 27 weights, then 9 and 9 biases by r, z, n.
  for (int i = 0; i < 9; ++i) {
    const bool candidate = i >= 6;
    EXPECT_EQ((*weights)[2].As<float>()[i], (45 + i + (candidate ? 0 : 54 + i)) / 8.0f) << i;
    EXPECT_EQ((*weights)[3].As<float>()[i], candidate ? (54 + i) / 8.0f : 0) << i;
  }
}

TEST(ReadWeightsTest, RefusesTheWeightsOfAnotherNetwork) {
  Parts parts;
  parts.metadata = {};
  FakeFiles files;
  files.Put("m", parts.Bytes());
  Specification other = parts.model.specification;
  other.hidden = 4;
  EXPECT_EQ(ReadWeights(files, "m", other).error().Message(),
            "m: rnn.weight_ih_l0: expected F32 [16, 2], found F32 [12, 2]");
}

TEST(ReadWeightsTest, HoldsAModelToItsOwnChecksums) {
  Parts parts;
  FakeFiles files;
  files.Put("m", parts.Sealed());
  EXPECT_TRUE(ReadWeights(files, "m", parts.model.specification));
  parts.metadata[kChecksumsKey] = "{}";
  files.Put("m", parts.Bytes());
  EXPECT_FALSE(ReadWeights(files, "m", parts.model.specification));
}

TEST(ModelTest, AFileThatCannotBeReadIsToldAsItIs) {
  FakeFiles files;
  EXPECT_EQ(ReadModel(files, "m").error().kind, Failure::kNoInput);
}

}  // namespace
}  // namespace unroll
