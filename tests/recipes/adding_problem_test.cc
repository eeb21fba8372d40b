// The cases are what the problem says, and a network that learns them does so the same way again.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "recipes/adding_problem/learn.h"

namespace adding {
namespace {

TEST(AddingCasesTest, HoldTwoMarksInTheirHalvesAndTheSumOfTheirNumbersAtTheEnd) {
  for (const std::size_t T : {2, 3, 10, 31}) {
    Cases cases(T, 200);
    cases.Draw(/*seed=*/5, /*index=*/0);
    std::set<std::size_t> places;
    for (std::size_t b = 0; b < cases.B; ++b) {
      float sum = 0;
      std::vector<std::size_t> marked;
      for (std::size_t t = 0; t < T; ++t) {
        const std::size_t at = t * cases.B + b;
        const float number = cases.x[2 * at], mark = cases.x[2 * at + 1];
        EXPECT_TRUE(number >= 0 && number < 1) << number;
        EXPECT_EQ(cases.mask[at], t + 1 == T ? 1 : 0);
        if (t + 1 < T) {
          EXPECT_EQ(cases.target[at], 0);
        }
        if (mark != 0) {
          EXPECT_EQ(mark, 1);
          marked.push_back(t);
          sum += number;
        }
      }
      ASSERT_EQ(marked.size(), 2u);
      EXPECT_LT(marked[0], T / 2);
      EXPECT_GE(marked[1], T / 2);
      EXPECT_EQ(cases.target[(T - 1) * cases.B + b], sum);
      places.insert(marked.begin(), marked.end());
    }
    EXPECT_EQ(places.size(), T) << "every step is marked in one of 200 cases";
  }
  EXPECT_THROW(Cases(1, 1), std::logic_error);
}

TEST(AddingCasesTest, AlwaysSayingOneIsAsWrongAsTheVarianceOfTheSum) {
  Cases many(5, 20000);
  many.Draw(/*seed=*/1, /*index=*/0);
  EXPECT_NEAR(ErrorOfAlwaysOne(many), 1.0 / 6, 0.005);
}

TEST(AddingCasesTest, ThatChooseAndThatJudgeAreNotTheSame) {
  const JudgingCases judging(20);
  EXPECT_NE(judging.test.x, judging.validation.x);
}

TEST(AddingCasesTest, AreTheSameAtEveryAskingAndNewForEveryStepAndSeed) {
  const FreshCases source(10, 4, /*seed=*/1), other(10, 4, /*seed=*/2);
  const auto numbers = [](const FreshCases& from, std::uint64_t index) {
    const unroll::Stretch<float> stretch = from.At(index);
    EXPECT_TRUE(stretch.begins);
    return std::vector<float>(stretch.x.begin(), stretch.x.end());
  };
  const std::vector<float> seventh = numbers(source, 7);
  EXPECT_NE(numbers(source, 8), seventh);
  EXPECT_EQ(numbers(source, 7), seventh) << "as a resumed training asks for it";
  EXPECT_NE(numbers(other, 7), seventh);
}

TEST(AddingCasesTest, InCsvReadBackToTheSameBits) {
  Cases cases(5, 20);
  cases.Draw(3, 0);
  std::istringstream csv(InCsv(cases));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line, "case,t,f0,f1,target");
  for (std::size_t b = 0; b < cases.B; ++b) {
    for (std::size_t t = 0; t < cases.T; ++t) {
      const std::size_t at = t * cases.B + b;
      ASSERT_TRUE(std::getline(csv, line));
      std::istringstream fields(line);
      std::vector<std::string> field(5);
      for (std::string& text : field) std::getline(fields, text, ',');
      EXPECT_EQ(field[0], std::to_string(b));
      EXPECT_EQ(field[1], std::to_string(t));
      EXPECT_EQ(std::stof(field[2]), cases.x[2 * at]);
      EXPECT_EQ(std::stof(field[3]), cases.x[2 * at + 1]);
      EXPECT_EQ(field[4].empty(), t + 1 < cases.T) << line;
      if (!field[4].empty()) {
        EXPECT_EQ(std::stof(field[4]), cases.target[at]);
      }
    }
  }
  EXPECT_FALSE(std::getline(csv, line));
}

TEST(AddingLearnTest, GivesTheSameBitsAgainAndOthersForAnotherSeed) {
  const JudgingCases judging(6);
  const auto first = Learn({"gru", 6, 1, 20}, judging), again = Learn({"gru", 6, 1, 20}, judging),
             other = Learn({"gru", 6, 2, 20}, judging);
  ASSERT_TRUE(first && again && other);
  const auto weight = [](const Learned& learned) {
    return learned.model.weights.front().As<float>().front();
  };
  EXPECT_EQ(first->error, again->error);
  EXPECT_EQ(weight(*first), weight(*again));
  EXPECT_NE(weight(*first), weight(*other));
}

TEST(AddingLearnTest, KeepsTheWeightsOfTheBestValidation) {
  const JudgingCases judging(4);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto whole = Learn({"lstm", 4, seed, 3000}, judging);
    ASSERT_TRUE(whole);
    if (whole->best_step == 3000) continue;
    const auto until_best = Learn({"lstm", 4, seed, whole->best_step}, judging);
    ASSERT_TRUE(until_best);
    EXPECT_EQ(whole->error, until_best->error);
    return;
  }
  FAIL() << "expected a training whose best weights are not its last";
}

TEST(AddingLearnTest, EveryCellGetsFarBelowAlwaysSayingOneOnAFewSteps) {
  for (const unroll::CellFacts& cell : unroll::Cells()) {
    // Whose units see only themselves would need another layer.
    if (RowsOf(cell, unroll::UnitTensor::kWeightHh) > 0) continue;
    const JudgingCases judging(4);
    const auto learned = Learn({std::string(cell.name), 4, 1, 500}, judging);
    ASSERT_TRUE(learned) << learned.error().Message();
    EXPECT_LT(learned->error, ErrorOfAlwaysOne(judging.test) / 4) << cell.name;
    EXPECT_EQ(ErrorOf(learned->model, judging.test), learned->error) << cell.name;
  }
}

}  // namespace
}  // namespace adding
