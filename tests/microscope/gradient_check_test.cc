// The gradient of every cell with every option, initial state, row, mask, direction, size,
// residual, dropout, input, loss and split: every pair of them meets in some case.
#include "unroll/microscope/gradient_check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "unroll/base/random.h"
#include "unroll/cells/cells.h"

namespace unroll {
namespace {

constexpr std::size_t kLeastCases = 300;
constexpr std::size_t kLooked = 5;  ///< numbers of each tensor

bool IsRefused(std::size_t a, std::size_t i, std::size_t b, std::size_t j) {
  const std::span<const GradientAxis> axes = GradientAxes();
  return std::any_of(RefusedPairs().begin(), RefusedPairs().end(), [&](const RefusedPair& pair) {
    const auto are = [&](std::size_t x, std::size_t k, std::size_t y, std::size_t l) {
      return axes[x].name == pair.axis_1 && axes[x].values[k] == pair.value_1 &&
             axes[y].name == pair.axis_2 && axes[y].values[l] == pair.value_2;
    };
    return are(a, i, b, j) || are(b, j, a, i);
  });
}

TEST(GradientCasesTest, EveryPairOfChoicesMeetsUnlessItIsRefused) {
  const std::vector<GradientCase> cases = DrawGradientCases(kLeastCases);
  EXPECT_GE(cases.size(), kLeastCases);
  const std::span<const GradientAxis> axes = GradientAxes();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::size_t b = a + 1; b < axes.size(); ++b) {
      for (std::size_t i = 0; i < axes[a].values.size(); ++i) {
        for (std::size_t j = 0; j < axes[b].values.size(); ++j) {
          const bool met = CountPair(cases, a, i, b, j) > 0;
          EXPECT_NE(met, IsRefused(a, i, b, j))
              << axes[a].name << " " << axes[a].values[i] << ", " << axes[b].name << " "
              << axes[b].values[j] << (met ? " meet, but are said to be refused" : " never meet");
        }
      }
    }
  }
}

TEST(GradientCasesTest, AreTheSameAtEveryCall) {
  const std::vector<GradientCase> once = DrawGradientCases(kLeastCases);
  const std::vector<GradientCase> again = DrawGradientCases(kLeastCases);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t k = 0; k < once.size(); ++k) EXPECT_EQ(once[k].InWords(), again[k].InWords());
}

TEST(GradientCasesTest, AnAxisThatIsNoneIsAProgrammersMistake) {
  const GradientCase one = DrawGradientCases(1).front();
  EXPECT_FALSE(one["cell"].empty());
  EXPECT_THROW((void)one["colour"], std::logic_error);
}

TEST(GradientCasesTest, HowOftenEachCellMeetsEachChoice) {
  const std::vector<GradientCase> cases = DrawGradientCases(kLeastCases);
  const std::span<const GradientAxis> axes = GradientAxes();
  for (std::size_t b = 1; b < axes.size(); ++b) {
    for (std::size_t j = 0; j < axes[b].values.size(); ++j) {
      std::printf("%-10.*s %-16.*s", static_cast<int>(axes[b].name.size()), axes[b].name.data(),
                  static_cast<int>(axes[b].values[j].size()), axes[b].values[j].data());
      for (std::size_t i = 0; i < axes[0].values.size(); ++i) {
        const std::size_t count = CountPair(cases, 0, i, b, j);
        std::printf(" %4zu", count);
        EXPECT_EQ(count == 0, IsRefused(0, i, b, j)) << axes[b].values[j];
      }
      std::printf("\n");
    }
  }
}

TEST(GradientCasesTest, ARefusedPairIsRefusedWhateverTheRest) {
  Random random(/*seed=*/2, Purpose::kTest);
  const std::span<const GradientAxis> axes = GradientAxes();
  const auto place = [&](std::string_view axis, std::string_view value) {
    for (std::size_t a = 0; a < axes.size(); ++a) {
      if (axes[a].name != axis) continue;
      const auto& values = axes[a].values;
      const auto at = std::find(values.begin(), values.end(), value);
      if (at != values.end()) return std::pair(a, static_cast<std::size_t>(at - values.begin()));
    }
    throw std::logic_error("no such choice: " + std::string(value));
  };
  for (const RefusedPair& pair : RefusedPairs()) {
    for (int n = 0; n < 50; ++n) {
      std::vector<std::size_t> choices;
      for (const GradientAxis& axis : axes) choices.push_back(random.Below(axis.values.size()));
      const auto [a, i] = place(pair.axis_1, pair.value_1);
      const auto [b, j] = place(pair.axis_2, pair.value_2);
      choices[a] = i, choices[b] = j;
      const GradientCase one(choices);
      const auto subject = SubjectOf(one);
      ASSERT_FALSE(subject) << one.InWords();
      EXPECT_EQ(subject.error().kind, Failure::kUsage);
    }
  }
}

TEST(GradientCheckTest, EveryCaseAgreesWithCentralDifferences) {
  std::size_t looked = 0, kinks = 0;
  double worst = 0;
  for (const GradientCase& one : DrawGradientCases(kLeastCases)) {
    SCOPED_TRACE(one.InWords());
    const auto result = CheckGradients(one, kLooked);
    ASSERT_TRUE(result) << result.error().Message();
    EXPECT_LE(result->worst, kGradientTolerance) << result->where;
    EXPECT_GT(result->looked, 9 * result->kinks) << "too many kinks to say anything";
    looked += result->looked, kinks += result->kinks;
    worst = std::max(worst, result->worst);
  }
  std::printf("worst %.2g, %zu numbers, %zu more beside a kink\n", worst, looked, kinks);
}

}  // namespace
}  // namespace unroll
