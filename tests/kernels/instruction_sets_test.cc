// Instruction sets can be listed and forced; a name that is none is refused.
#include "unroll/kernels/instruction_sets.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/instruction_sets.h"

namespace unroll {
namespace {

TEST(InstructionSetsTest, AreListedByNamesThatDiffer) {
  const std::vector<std::string_view> names = InstructionSets();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), names.size());
}

TEST(InstructionSetsTest, AreForcedAndTheBestComesBack) {
  const std::vector<std::string_view> names = InstructionSets();
  EXPECT_EQ(CurrentInstructionSet(), names.front());
  for (const std::string_view name : names) {
    const test::ForcedInstructionSet forced(name);
    EXPECT_EQ(CurrentInstructionSet(), name);
    EXPECT_EQ(InstructionSets(), names) << "forcing one hides none";
  }
  EXPECT_EQ(CurrentInstructionSet(), names.front());
}

TEST(InstructionSetsTest, RefuseANameThatIsNone) {
  std::string known;
  for (const std::string_view name : InstructionSets()) {
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  for (const std::string_view name : {"avx1024", "AVX2", "avx2 "}) {
    const Result<void> forced = ForceInstructionSet(name);
    ASSERT_FALSE(forced.has_value());
    EXPECT_EQ(forced.error().kind, Failure::kUsage);
    EXPECT_EQ(forced.error().Message(), "instruction set: expected one of " + known + ", found \"" +
                                            std::string(name) +
                                            "\"; name one that this machine has");
    EXPECT_EQ(CurrentInstructionSet(), InstructionSets().front());
  }
}

}  // namespace
}  // namespace unroll
