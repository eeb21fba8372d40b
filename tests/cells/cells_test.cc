// The list of cells, and what the facts about a cell follow from.
#include "unroll/cells/cells.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace unroll {
namespace {

TEST(CellsTest, AreFoundByTheirNames) {
  std::string names;
  std::set<std::string_view> different;
  for (const CellFacts& cell : Cells()) {
    EXPECT_EQ(FindCell(cell.name), &cell);
    different.insert(cell.name);
    names += (names.empty() ? "" : ", ") + std::string(cell.name);
  }
  EXPECT_EQ(CellNames(), names);
  EXPECT_EQ(different.size(), Cells().size());
  EXPECT_EQ(FindCell("lstmm"), nullptr);
  EXPECT_EQ(FindCell(""), nullptr);
}

TEST(CellsTest, TheLinearCellStandsInNoList) {
  EXPECT_EQ(FindCell(LinearCell().name), nullptr);
  EXPECT_EQ(LinearCell().recurrent_sums, 0);
  EXPECT_EQ(LinearCell().input_sums, 1);
}

TEST(CellsTest, SumsStandInputFirstThenBothThenRecurrentThenOwn) {
  for (const CellFacts& cell : Cells()) {
    int inputs = 0, recurrents = 0, first_recurrent = -1, n = 0;
    for (const SumSpec& sum : cell.sums) {
      const bool recurrent = sum.kind == Sum::kBoth || sum.kind == Sum::kRecurrent;
      inputs += sum.kind == Sum::kInput || sum.kind == Sum::kBoth;
      recurrents += recurrent;
      if (recurrent && first_recurrent < 0) first_recurrent = n;
      EXPECT_GE(sum.gate, 0) << cell.name;
      EXPECT_LT(sum.gate, cell.gates) << cell.name;
      if (n++ > 0) {
        EXPECT_GE(sum.kind, cell.sums[static_cast<std::size_t>(n) - 2].kind);
      }
    }
    EXPECT_EQ(cell.input_sums, inputs) << cell.name;
    EXPECT_EQ(cell.recurrent_sums, recurrents) << cell.name;
    if (recurrents > 0) {
      EXPECT_EQ(cell.first_recurrent, first_recurrent) << cell.name;
    }
    EXPECT_GE(cell.states, 1) << cell.name;
    EXPECT_GE(cell.slots, static_cast<int>(cell.sums.size()) + cell.states - 1) << cell.name;
  }
}

TEST(CellsTest, AGateWithOneSumAddsItsBiasesAndOneWithTwoDoesNot) {
  for (const char* name : {"elman", "lstm"}) {
    const CellFacts& cell = *FindCell(name);
    for (int gate = 0; gate < cell.gates; ++gate) EXPECT_TRUE(AddsItsBiases(cell, gate)) << name;
  }
  const CellFacts& gru = *FindCell("gru");
  EXPECT_TRUE(AddsItsBiases(gru, 0));
  EXPECT_TRUE(AddsItsBiases(gru, 1));
  EXPECT_FALSE(AddsItsBiases(gru, 2)) << "the reset gate comes between them";
}

TEST(CellsTest, ItsOwnWeightsFillRowsOfATensor) {
  EXPECT_EQ(RowsOf(*FindCell("lstm_peephole"), UnitTensor::kWeightPeephole), 3);
  EXPECT_EQ(RowsOf(*FindCell("lstm"), UnitTensor::kWeightPeephole), 0);
  EXPECT_EQ(RowsOf(*FindCell("elementwise"), UnitTensor::kWeightHh), 1);
  EXPECT_EQ(RowsOf(*FindCell("elementwise"), UnitTensor::kWeightIh), 0);
  EXPECT_EQ(RowsOf(*FindCell("elementwise_input"), UnitTensor::kWeightIh), 1);
}

TEST(CellsTest, TakeTheOptionsThatTheySayAndNoOther) {
  const auto takes = [](const char* name, const CellOptions& options) {
    return Takes(*FindCell(name), options);
  };
  const CellOptions relu{.activation = Activation::kRelu};
  const CellOptions gate{.gate_activation = Activation::kHardSigmoid};
  const CellOptions output{.output_activation = Activation::kIdentity};
  const CellOptions clip{.clip = 3}, coupled{.input_forget = true};
  for (const CellFacts& cell : Cells()) EXPECT_TRUE(Takes(cell, {})) << cell.name;
  for (const CellOptions& options : {relu, gate, output, clip, coupled}) {
    EXPECT_TRUE(takes("lstm", options));
    EXPECT_TRUE(takes("lstm_peephole", options));
    EXPECT_FALSE(Takes(LinearCell(), options));
  }
  EXPECT_TRUE(takes("gru", gate));
  EXPECT_FALSE(takes("gru", output));
  EXPECT_FALSE(takes("gru_reset_before", coupled));
  EXPECT_TRUE(takes("elman", relu));
  EXPECT_TRUE(takes("elementwise", clip));
  EXPECT_FALSE(takes("elman", gate));
}

TEST(CellsTest, ActivationsAreFoundByTheirNames) {
  for (const Activation activation : {Activation::kTanh, Activation::kSigmoid, Activation::kRelu,
                                      Activation::kHardSigmoid, Activation::kIdentity}) {
    EXPECT_EQ(FindActivation(NameOf(activation)), activation);
    EXPECT_NE(ActivationNames().find(NameOf(activation)), std::string_view::npos);
  }
  EXPECT_EQ(FindActivation("gelu"), std::nullopt);
}

TEST(CellsTest, TheLstmHasFourGatesAndTwoStates) {
  const CellFacts& lstm = *FindCell("lstm");
  EXPECT_EQ(lstm.gates, 4);
  EXPECT_EQ(lstm.states, 2);
  EXPECT_EQ(lstm.slots, 6);  // four gates and tanh c', then c'
}

TEST(CellsTest, ElmansTapeIsOneVectorAStep) { EXPECT_EQ(FindCell("elman")->slots, 1); }

TEST(CellsTest, TheGruHasThreeGatesFourSumsAndOneState) {
  const CellFacts& gru = *FindCell("gru");
  EXPECT_EQ(gru.gates, 3);
  EXPECT_EQ(gru.sums.size(), 4u);
  EXPECT_EQ(gru.input_sums, 3);
  EXPECT_EQ(gru.recurrent_sums, 3);
  EXPECT_EQ(gru.states, 1);
  EXPECT_EQ(gru.slots, 4);
}

}  // namespace
}  // namespace unroll
