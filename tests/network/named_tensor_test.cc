// The list of names that files, packing and checks follow.
#include "unroll/network/named_tensor.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace unroll {
namespace {

TEST(ExpectedTensorsTest, AreThoseOfPyTorch) {
  Specification specification;
  specification.inputs = 3;
  specification.hidden = 5;
  specification.layers = 2;
  specification.outputs = 7;
  const std::vector<TensorName> expected = {
      {"rnn.weight_ih_l0", {20, 3}}, {"rnn.weight_hh_l0", {20, 5}},
      {"rnn.bias_ih_l0", {20}},      {"rnn.bias_hh_l0", {20}},
      {"rnn.weight_ih_l1", {20, 5}}, {"rnn.weight_hh_l1", {20, 5}},
      {"rnn.bias_ih_l1", {20}},      {"rnn.bias_hh_l1", {20}},
      {"head.weight", {7, 5}},       {"head.bias", {7}}};
  EXPECT_EQ(ExpectedTensors(specification), expected);
}

/// Names and shapes of a network of one layer, I 3, H 5, O 2.
std::vector<TensorName> OneLayer(const std::string& cell, std::uint64_t I = 3) {
  Specification s;
  s.cell = cell, s.inputs = I, s.hidden = 5, s.outputs = 2;
  std::vector<TensorName> tensors = ExpectedTensors(s);
  tensors.resize(tensors.size() - 2);  // the head
  return tensors;
}

TEST(ExpectedTensorsTest, AreThoseThatEachCellHas) {
  using Names = std::vector<TensorName>;
  EXPECT_EQ(OneLayer("elman"), (Names{{"rnn.weight_ih_l0", {5, 3}},
                                      {"rnn.weight_hh_l0", {5, 5}},
                                      {"rnn.bias_ih_l0", {5}},
                                      {"rnn.bias_hh_l0", {5}}}));
  EXPECT_EQ(
      OneLayer("elementwise"),
      (Names{{"rnn.weight_ih_l0", {5, 3}}, {"rnn.weight_hh_l0", {5}}, {"rnn.bias_ih_l0", {5}}}));
  EXPECT_EQ(OneLayer("elementwise_input", 5),
            (Names{{"rnn.weight_ih_l0", {5}}, {"rnn.weight_hh_l0", {5}}, {"rnn.bias_ih_l0", {5}}}));
  EXPECT_EQ(OneLayer("lstm_peephole"), (Names{{"rnn.weight_ih_l0", {20, 3}},
                                              {"rnn.weight_hh_l0", {20, 5}},
                                              {"rnn.bias_ih_l0", {20}},
                                              {"rnn.bias_hh_l0", {20}},
                                              {"rnn.weight_peephole_l0", {3, 5}}}));
  EXPECT_EQ(OneLayer("gru_reset_before"), OneLayer("gru"));
}

TEST(ExpectedTensorsTest, HaveAllThatLiesAroundTheLayers) {
  Specification s;
  s.inputs = 3, s.hidden = {5, 2}, s.layers = 2, s.outputs = 7, s.cell = "gru";
  s.direction = Direction::kBidirectional, s.initial = Initial::kEntity, s.entities = 4;
  s.vocabulary = 6;
  const std::vector<TensorName> expected = {{"rnn.weight_ih_l0", {15, 3}},
                                            {"rnn.weight_hh_l0", {15, 5}},
                                            {"rnn.bias_ih_l0", {15}},
                                            {"rnn.bias_hh_l0", {15}},
                                            {"rnn.weight_ih_l0_reverse", {15, 3}},
                                            {"rnn.weight_hh_l0_reverse", {15, 5}},
                                            {"rnn.bias_ih_l0_reverse", {15}},
                                            {"rnn.bias_hh_l0_reverse", {15}},
                                            {"rnn.weight_ih_l1", {6, 10}},
                                            {"rnn.weight_hh_l1", {6, 2}},
                                            {"rnn.bias_ih_l1", {6}},
                                            {"rnn.bias_hh_l1", {6}},
                                            {"rnn.weight_ih_l1_reverse", {6, 10}},
                                            {"rnn.weight_hh_l1_reverse", {6, 2}},
                                            {"rnn.bias_ih_l1_reverse", {6}},
                                            {"rnn.bias_hh_l1_reverse", {6}},
                                            {"initial.h_l0", {4, 5}},
                                            {"initial.h_l0_reverse", {4, 5}},
                                            {"initial.h_l1", {4, 2}},
                                            {"initial.h_l1_reverse", {4, 2}},
                                            {"embedding.weight", {6, 3}},
                                            {"head.weight", {7, 4}},
                                            {"head.bias", {7}}};
  EXPECT_EQ(ExpectedTensors(s), expected);
}

TEST(ExpectedTensorsTest, AnInitialStateIsOneOrMadeOfStaticInputs) {
  Specification s;
  s.inputs = 3, s.hidden = 3, s.outputs = 6;
  s.direction = Direction::kReverse, s.vocabulary = 6, s.tied = true;
  const auto behind_the_layer = [&](Initial initial, std::uint64_t static_inputs) {
    s.initial = initial, s.static_inputs = static_inputs;
    std::vector<TensorName> tensors = ExpectedTensors(s);
    tensors.erase(tensors.begin(), tensors.begin() + 4);
    return tensors;
  };
  using Names = std::vector<TensorName>;
  EXPECT_EQ(behind_the_layer(Initial::kLearned, 0), (Names{{"initial.h_l0_reverse", {3}},
                                                           {"initial.c_l0_reverse", {3}},
                                                           {"embedding.weight", {6, 3}},
                                                           {"head.bias", {6}}}));
  EXPECT_EQ(behind_the_layer(Initial::kStatic, 2), (Names{{"initial.weight_h_l0_reverse", {3, 2}},
                                                          {"initial.bias_h_l0_reverse", {3}},
                                                          {"initial.weight_c_l0_reverse", {3, 2}},
                                                          {"initial.bias_c_l0_reverse", {3}},
                                                          {"embedding.weight", {6, 3}},
                                                          {"head.bias", {6}}}));
}

TEST(ExpectedTensorsTest, ASpecificationThatIsRefusedIsAProgrammersMistake) {
  Specification specification;
  specification.hidden = 0;
  EXPECT_THROW(ExpectedTensors(specification), std::logic_error);
}

TEST(NamedTensorTest, IsFoundByItsNameAndReadInItsPrecision) {
  const std::vector<NamedTensor> tensors = {{"a", {2}, std::vector<float>{1, 2}},
                                            {"b", {1}, std::vector<double>{3}}};
  ASSERT_EQ(Find(tensors, "b"), &tensors[1]);
  EXPECT_EQ(Find(tensors, "c"), nullptr);
  EXPECT_EQ(tensors[0].As<float>()[1], 2);
  EXPECT_EQ(tensors[1].As<double>()[0], 3);
  EXPECT_THROW(tensors[1].As<float>(), std::logic_error);
}

TEST(NamedTensorTest, DimensionsAreToldInBrackets) {
  EXPECT_EQ(DimsInWords(std::vector<std::uint64_t>{4, 3}), "[4, 3]");
  EXPECT_EQ(DimsInWords({}), "[]");
}

}  // namespace
}  // namespace unroll
