// A network with everything that lies around its layers gives the same bits for any threads and
// split.
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/network_case.h"
#include "tests/support/same_bits.h"

namespace unroll {
namespace {

using test::NetworkCase;

/// All gradients after one walk, and the error.
std::vector<double> Outcome(const Specification& s, int threads, Split split) {
  NetworkCase c(s, /*with_ids=*/true, threads);
  c.pass.ForceSplit(split);
  std::vector<double> outcome = {c.Error()};
  c.Backward();
  outcome.insert(outcome.end(), c.gradients.span().begin(), c.gradients.span().end());
  return outcome;
}

TEST(LayersTest, TheBitsAreTheSameForAnyThreadsAndSplit) {
  for (const Initial initial : {Initial::kLearned, Initial::kEntity, Initial::kStatic}) {
    for (const bool tied : {false, true}) {
      Specification s = test::SmallNetwork();
      s.initial = initial, s.vocabulary = test::kO, s.tied = tied;
      s.entities = initial == Initial::kEntity ? test::kEntities : 0;
      s.static_inputs = initial == Initial::kStatic ? test::kFeatures : 0;
      s.dropout = 0.4, s.recurrent_dropout = 0.3, s.variational = tied;
      const std::vector<double> alone = Outcome(s, 1, Split::kAlone);
      for (const int threads : {2, 3, 5}) {
        for (const Split split : {Split::kRows, Split::kUnits}) {
          EXPECT_TRUE(test::SameBits(Outcome(s, threads, split), alone)) << threads;
        }
      }
    }
  }
}

}  // namespace
}  // namespace unroll
