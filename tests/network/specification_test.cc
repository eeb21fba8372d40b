// The limits of a specification, on both sides of each.
#include "unroll/network/specification.h"

#include <gtest/gtest.h>

#include <limits>

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
  EXPECT_EQ(Refusal(specification),
            "variational: expected a dropout, whose masks it makes the same at every step, found 0");
  specification.dropout = 0.5;
  EXPECT_EQ(Refusal(specification), "");
  for (const double bad : {1.0, -0.1, std::numeric_limits<double>::quiet_NaN()}) {
    specification.dropout = bad;
    EXPECT_EQ(Refusal(specification).substr(0, 8), "dropout:");
  }
}

TEST(SpecificationTest, PrecisionsHaveNamesAndOthersNone) {
  EXPECT_EQ(NameOf(Precision::kFp32), "fp32");
  EXPECT_EQ(NameOf(Precision::kFp64), "fp64");
  EXPECT_EQ(NameOf(static_cast<Precision>(2)), "");
}

}  // namespace
}  // namespace unroll
