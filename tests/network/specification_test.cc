// The limits of a specification, on both sides of each.
#include "unroll/network/specification.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "unroll/cells/cells.h"

namespace unroll {
namespace {

std::string Refusal(const Specification& specification) {
  const auto checked = CheckSpecification(specification);
  return checked ? "" : checked.error().Message();
}

TEST(SpecificationTest, TheDefaultIsSound) { EXPECT_EQ(Refusal({}), ""); }

TEST(SpecificationTest, EverySizeHasALimitOnBothSides) {
  struct Case {
    std::uint64_t Specification::*field;
    const char* name;
    std::uint64_t most;
  };
  for (const auto& [field, name, most] :
       {Case{&Specification::inputs, "inputs", 65536}, Case{&Specification::layers, "layers", 64},
        Case{&Specification::outputs, "outputs", 65536}}) {
    Specification specification;
    for (const std::uint64_t good : {std::uint64_t{1}, most}) {
      specification.*field = good;
      EXPECT_EQ(Refusal(specification), "") << name;
    }
    for (const std::uint64_t bad : {std::uint64_t{0}, most + 1}) {
      specification.*field = bad;
      EXPECT_EQ(Refusal(specification), std::string(name) + ": expected 1 to " +
                                            std::to_string(most) + ", found " +
                                            std::to_string(bad));
    }
    EXPECT_EQ(CheckSpecification(specification).error().kind, Failure::kUsage);
  }
}

TEST(SpecificationTest, AnUnknownCellIsNamedBesideTheKnownOnes) {
  Specification specification;
  specification.cell = "lstn";
  EXPECT_EQ(Refusal(specification), "cell: expected one of " + CellNames() + ", found \"lstn\"");
}

TEST(SpecificationTest, AForgetBiasMustBeAUsableNumber) {
  Specification specification;
  for (const double good : {-1e6, 0.0, 1e6}) {
    specification.forget_bias = good;
    EXPECT_EQ(Refusal(specification), "");
  }
  for (const double bad : {1.1e6, -1.1e6, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity()}) {
    specification.forget_bias = bad;
    EXPECT_EQ(Refusal(specification).substr(0, 12), "forget_bias:");
  }
}

TEST(SpecificationTest, AVariationalDropoutNeedsADropout) {
  Specification specification;
  specification.variational = true;
  EXPECT_EQ(
      Refusal(specification),
      "variational: expected a dropout, whose masks it makes the same at every step, found 0");
  specification.dropout = 0.5;
  EXPECT_EQ(Refusal(specification), "");
  for (const double bad : {1.0, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    specification.dropout = bad;
    EXPECT_EQ(Refusal(specification).substr(0, 8), "dropout:");
  }
}

TEST(SpecificationTest, EveryRefusalNamesItsField) {
  struct Case {
    void (*change)(Specification& s);
    const char* message;
  };
  const Case cases[] = {
      {[](Specification& s) {
         s.hidden = {3, 4};
       },
       "hidden: expected one size, or one for each of 1 layers, found 2 sizes"},
      {[](Specification& s) {
         s.hidden = {3, 0}, s.layers = 2;
       },
       "hidden: expected 1 to 65536, found 0"},
      {[](Specification& s) { s.hidden = PerLayer(std::vector<std::uint64_t>{}); },
       "hidden: expected one size, or one for each of 1 layers, found 0 sizes"},
      {[](Specification& s) { s.dropout = 1; },
       "dropout: expected a share from 0 up, below 1, found 1"},
      {[](Specification& s) { s.dropout = std::numeric_limits<double>::quiet_NaN(); },
       "dropout: expected a share from 0 up, below 1, found nan"},
      {[](Specification& s) { s.recurrent_dropout = -0.1; },
       "recurrent_dropout: expected a share from 0 up, below 1, found -0.1"},
      {[](Specification& s) { s.cell = "elementwise", s.recurrent_dropout = 0.1; },
       "recurrent_dropout: expected 0, for elementwise has no recurrent product, found 0.1"},
      {[](Specification& s) { s.clip = -1; }, "clip: expected a number from 0 up, found -1"},
      {[](Specification& s) { s.clip = std::numeric_limits<double>::infinity(); },
       "clip: expected a number from 0 up, found inf"},
      {[](Specification& s) { s.cell = "elman", s.gate_activation = Activation::kTanh; },
       "gate_activation: expected the default, for elman takes no other, found tanh"},
      {[](Specification& s) { s.cell = "gru", s.output_activation = Activation::kRelu; },
       "output_activation: expected the default, for gru takes no other, found relu"},
      {[](Specification& s) { s.cell = "gru", s.input_forget = true; },
       "input_forget: expected the default, for gru takes no other, found true"},
      {[](Specification& s) { s.cell = "elementwise_input", s.hidden = 4; },
       "inputs: expected as many inputs as units in every layer, for elementwise_input reads one "
       "a unit, found 1 inputs and 4 units in layer 0"},
      {[](Specification& s) {
         s.cell = "elementwise_input", s.hidden = {1, 2}, s.layers = 2;
       },
       "hidden: expected as many inputs as units in every layer, for elementwise_input reads one "
       "a unit, found 1 inputs and 2 units in layer 1"},
      {[](Specification& s) { s.residual = true; },
       "residual: expected at least 2 layers, for the first adds nothing, found 1"},
      {[](Specification& s) {
         s.residual = true, s.layers = 2, s.hidden = {4, 5};
       },
       "residual: expected layers of equal width, found 4 numbers into layer 1 and 5 out of it"},
      {[](Specification& s) { s.entities = 2; },
       "entities: expected 0 without initial entity, found 2"},
      {[](Specification& s) { s.initial = Initial::kEntity; },
       "entities: expected 1 to 16777216, found 0"},
      {[](Specification& s) { s.static_inputs = 2; },
       "static_inputs: expected 0 without initial static, found 2"},
      {[](Specification& s) { s.initial = Initial::kStatic, s.static_inputs = 65537; },
       "static_inputs: expected 1 to 65536, found 65537"},
      {[](Specification& s) { s.vocabulary = 65537; },
       "vocabulary: expected 1 to 65536, found 65537"},
      {[](Specification& s) { s.tied = true; },
       "tied: expected a vocabulary, whose embedding is shared, found none"},
      {[](Specification& s) { s.tied = true, s.vocabulary = 3; },
       "tied: expected an output for each of 3 symbols, found 1 outputs"},
      {[](Specification& s) { s.tied = true, s.vocabulary = 3, s.outputs = 3, s.inputs = 5; },
       "tied: expected 5 numbers out of the last layer, as wide as the embedding, found 32"},
  };
  for (const Case& one : cases) {
    Specification specification;
    one.change(specification);
    EXPECT_EQ(Refusal(specification), one.message);
  }
}

TEST(SpecificationTest, EveryOptionThatACellTakesIsTaken) {
  for (const CellFacts& cell : Cells()) {
    Specification s;
    s.cell = cell.name, s.inputs = 32;
    if (cell.options & kTakesActivation) s.activation = Activation::kRelu;
    if (cell.options & kTakesGateActivation) s.gate_activation = Activation::kHardSigmoid;
    if (cell.options & kTakesOutputActivation) s.output_activation = Activation::kIdentity;
    if (cell.options & kTakesClip) s.clip = 3;
    s.input_forget = (cell.options & kTakesInputForget) != 0;
    EXPECT_EQ(Refusal(s), "") << cell.name;
    EXPECT_EQ(s.options().clip, s.clip);
  }
}

TEST(SpecificationTest, OneSizeStandsForAllLayers) {
  EXPECT_EQ(PerLayer(5)[3], 5u);
  EXPECT_EQ((PerLayer{5, 6})[1], 6u);
  EXPECT_EQ((PerLayer{5, 6}).InWords(), "5,6");
  EXPECT_THROW((PerLayer{5, 6})[2], std::out_of_range);
}

TEST(SpecificationTest, PrecisionsHaveNamesAndOthersNone) {
  EXPECT_EQ(NameOf(Precision::kFp32), "fp32");
  EXPECT_EQ(NameOf(Precision::kFp64), "fp64");
  EXPECT_EQ(NameOf(static_cast<Precision>(2)), "");
}

}  // namespace
}  // namespace unroll
