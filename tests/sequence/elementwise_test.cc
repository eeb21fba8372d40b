// What only the element-wise cells promise. What every cell promises (its equations, gradients, odd
// sizes, the same bits for any number of threads) is in the tests beside this one, and runs on them
// unasked.
#include <gtest/gtest.h>

#include "tests/support/instruction_sets.h"
#include "tests/support/paper_layer.h"

namespace unroll {
namespace {

using test::RandomLayer;

TEST(ElementwiseTest, AUnitRemembersItselfAlone) {
  for (const char* cell : {"elementwise", "elementwise_input"}) {
    test::ForEachInstructionSet([&] {
      RandomLayer<double> layer(*FindCell(cell), {6, 1, 2, 9}, /*seed=*/1);
      layer.Forward();
      const std::vector<double> y = test::Wide(layer.y, layer.H);
      layer.before[4] += 1;
      layer.Forward();
      const std::vector<double> moved = test::Wide(layer.y, layer.H);
      for (std::size_t i = 0; i < y.size(); ++i) {
        EXPECT_EQ(y[i] == moved[i], i % layer.H != 4) << cell << ", number " << i;
      }
    });
  }
}

TEST(ElementwiseTest, AnInputReachesItsOwnUnitAlone) {
  RandomLayer<double> layer(*FindCell("elementwise_input"), {1, 1, 9, 9}, /*seed=*/2);
  layer.Forward();
  const std::vector<double> y = test::Wide(layer.y, layer.H);
  layer.x[7] += 1;
  layer.Forward();
  const std::vector<double> moved = test::Wide(layer.y, layer.H);
  for (std::size_t j = 0; j < 9; ++j) EXPECT_EQ(y[j] == moved[j], j != 7) << j;
}

}  // namespace
}  // namespace unroll
