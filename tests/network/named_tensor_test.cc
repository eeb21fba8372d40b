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
