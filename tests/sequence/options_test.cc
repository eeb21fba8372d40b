// What options promise beside their equations (paper_test.cc): the same bits where they change
// nothing, slopes at kinks, and that no NaN is hidden.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/paper_layer.h"
#include "tests/support/same_bits.h"

namespace unroll {
namespace {

using test::RandomLayer;
using test::Variant;

constexpr Activation kActivations[] = {Activation::kTanh, Activation::kSigmoid, Activation::kRelu,
                                       Activation::kHardSigmoid, Activation::kIdentity};

Variant With(const CellOptions& options) {
  Variant variant(false);
  variant.options = options;
  return variant;
}

TEST(OptionsTest, ABoundThatNothingReachesLeavesTheBitsOfTheStraightPath) {
  CellOptions far;
  far.clip = 1000;
  for (const CellFacts& cell : Cells()) {
    SCOPED_TRACE(cell.name);
    test::ForEachInstructionSet([&] {
      RandomLayer<float> plain(cell, {6, 3, 2, 19}, /*seed=*/5);
      RandomLayer<float> chosen(cell, {6, 3, 2, 19}, /*seed=*/5, With(far));
      for (RandomLayer<float>* layer : {&plain, &chosen}) layer->Forward(), layer->Backward();
      ExpectSameWalk(test::Outcome<float>(plain), test::Outcome<float>(chosen));
      ExpectSameGradients(test::Outcome<float>(plain), test::Outcome<float>(chosen));
    });
  }
}

/// The slope of h' = act(v) at v, by the gradient of the only bias.
double SlopeAt(const CellOptions& options, double v) {
  RandomLayer<double> layer(*FindCell("elman"), {1, 1, 1, 1}, /*seed=*/6, With(options));
  layer.weight_ih = {0}, layer.weight_hh = {0}, layer.bias_ih = {v}, layer.bias_hh = {0};
  layer.LoadWeights();
  layer.d_y[0] = 1, layer.d_after[0] = 0;
  layer.Forward();
  layer.Backward();
  return WeightGradientsOf(layer).bias_ih[0];
}

TEST(OptionsTest, AtAKinkTheSlopeIsThatOfTheFlatSide) {
  test::ForEachInstructionSet([] {
    CellOptions options;
    options.activation = Activation::kRelu;
    EXPECT_EQ(SlopeAt(options, 0), 0);
    EXPECT_EQ(SlopeAt(options, 1e-300), 1);
    options.activation = Activation::kHardSigmoid;
    for (const double sign : {-1, 1}) {
      EXPECT_EQ(SlopeAt(options, sign * 2.5), 0);
      EXPECT_EQ(SlopeAt(options, sign * 2.4999), 0.2);
    }
    options.activation = Activation::kIdentity, options.clip = 0.5;
    for (const double sign : {-1, 1}) {
      EXPECT_EQ(SlopeAt(options, sign * 0.5), 0);
      EXPECT_EQ(SlopeAt(options, sign * 0.4999), 1);
    }
  });
}

TEST(OptionsTest, NoActivationHidesANan) {
  for (const CellFacts& cell : Cells()) {
    for (const Activation activation : kActivations) {
      for (const double clip : {0.0, 0.5}) {
        SCOPED_TRACE(testing::Message() << cell.name << ", " << NameOf(activation) << ", " << clip);
        CellOptions options;
        options.activation = options.gate_activation = options.output_activation = activation;
        options.clip = clip;
        test::ForEachInstructionSet([&] {
          RandomLayer<float> layer(cell, {3, 2, 17, 17}, /*seed=*/7, With(options));
          // Of row 0; each input, since that of elementwise_input reaches its own unit alone.
          for (std::size_t i = 0; i < layer.I; ++i) {
            layer.x[i] = std::numeric_limits<float>::quiet_NaN();
          }
          layer.Forward();
          for (std::size_t j = 0; j < layer.H; ++j) {
            EXPECT_TRUE(std::isnan(layer.YAt(0, 0)[j]));
            EXPECT_FALSE(std::isnan(layer.YAt(0, 1)[j])) << "row 1 has nothing to do with it";
          }
        });
      }
    }
  }
}

TEST(OptionsTest, WhatForgetsByItsInputGateNeverReadsItsForgetGate) {
  CellOptions options;
  options.input_forget = true;
  for (const char* cell : {"lstm", "lstm_peephole"}) {
    RandomLayer<double> layer(*FindCell(cell), {5, 2, 3, 5}, /*seed=*/8, With(options));
    layer.Forward();
    const std::vector<double> y = test::Wide(layer.y, layer.H);
    for (std::size_t j = 0; j < layer.H; ++j) layer.bias_ih[layer.H + j] += 10;
    layer.LoadWeights();
    layer.Forward();
    EXPECT_EQ(test::Wide(layer.y, layer.H), y) << cell;
    layer.Backward();
    const test::PaperWeights<double> gradients = WeightGradientsOf(layer);
    for (std::size_t j = 0; j < layer.H; ++j) {
      EXPECT_EQ(gradients.bias_ih[layer.H + j], 0) << cell;
    }
  }
}

}  // namespace
}  // namespace unroll
