// What only Elman's network promises. What every cell promises (gradients, odd sizes, the same bits
// for any number of threads) is in the tests beside this one, and runs on it unasked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/random_layer.h"

namespace unroll {
namespace {

using test::RandomLayer;

/// h after one more step, by the equation of Elman (1990).
template <class Real>
std::vector<double> ByThePaper(const RandomLayer<Real>& layer, const Real* x,
                               const std::vector<double>& h) {
  const std::size_t H = layer.H, I = layer.I;
  std::vector<double> after(H);
  for (std::size_t j = 0; j < H; ++j) {
    double sum = static_cast<double>(layer.bias_ih[j]) + layer.bias_hh[j];
    for (std::size_t k = 0; k < I; ++k) {
      sum += static_cast<double>(layer.weight_ih[j * I + k]) * x[k];
    }
    for (std::size_t k = 0; k < H; ++k) sum += layer.weight_hh[j * H + k] * h[k];
    after[j] = std::tanh(sum);
  }
  return after;
}

/// The worst difference of y from the paper's.
template <class Real>
double WorstAgainstThePaper() {
  double worst = 0;
  test::ForEachInstructionSet([&] {
    for (const std::size_t H : {1, 7, 16, 33}) {  // around the vector widths
      RandomLayer<Real> layer(*FindCell("elman"), {4, 7, 3, H}, /*seed=*/42);
      layer.Forward();
      for (std::size_t b = 0; b < layer.B; ++b) {
        const Real* first = &layer.before[b * Padded<Real>(H)];
        std::vector<double> h(first, first + H);
        for (std::size_t t = 0; t < layer.T; ++t) {
          h = ByThePaper(layer, layer.XAt(t, b), h);
          for (std::size_t j = 0; j < H; ++j) {
            worst = std::max(worst, std::abs(layer.YAt(t, b)[j] - h[j]));
          }
        }
      }
    }
  });
  testing::Test::RecordProperty("worst", testing::PrintToString(worst));
  return worst;
}

TEST(ElmanTest, FollowsThePaperOnEveryInstructionSet) {
  EXPECT_LE(WorstAgainstThePaper<double>(), 1e-14);
  EXPECT_LE(WorstAgainstThePaper<float>(), 3e-6);
}

TEST(ElmanTest, ItsTapeIsOneVectorAStep) { EXPECT_EQ(FindCell("elman")->slots, 1); }

}  // namespace
}  // namespace unroll
