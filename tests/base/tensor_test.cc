// Shapes are told by their letters, and a wrong one is a programmer's mistake.
#include "unroll/base/tensor.h"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace unroll {
namespace {

TEST(ShapeTest, IsToldByItsLetters) {
  EXPECT_EQ((Shape{{'T', 5}, {'B', 3}, {'I', 2}}.ToString()), "[T 5, B 3, I 2]");
  EXPECT_EQ(Shape{}.ToString(), "[]");
}

TEST(ShapeTest, CountsItsNumbers) {
  EXPECT_EQ((Shape{{'T', 5}, {'B', 3}, {'I', 2}}.count()), 30u);
  EXPECT_EQ((Shape{{'T', 5}, {'B', 0}}.count()), 0u);
  EXPECT_EQ(Shape{}.count(), 1u);
}

TEST(ShapeTest, HasAtMostFourExtents) {
  EXPECT_EQ((Shape{{'a', 1}, {'b', 1}, {'c', 1}, {'d', 1}}.rank()), 4u);
  EXPECT_THROW((Shape{{'a', 1}, {'b', 1}, {'c', 1}, {'d', 1}, {'e', 1}}), std::logic_error);
}

TEST(RequireShapeTest, TellsWhatWasExpectedAndFound) {
  const Shape expected{{'T', 5}, {'H', 2}};
  EXPECT_NO_THROW(RequireShape("y", expected, Shape{{'T', 5}, {'H', 2}}));
  try {
    RequireShape("y", expected, Shape{{'T', 5}, {'H', 3}});
    FAIL() << "another size has passed";
  } catch (const std::logic_error& error) {
    EXPECT_EQ(std::string(error.what()), "y: expected [T 5, H 2], found [T 5, H 3]");
  }
}

TEST(RequireShapeTest, SeesLettersAndRankToo) {
  const Shape expected{{'T', 5}, {'H', 2}};
  EXPECT_THROW(RequireShape("y", expected, Shape{{'T', 5}, {'I', 2}}), std::logic_error);
  EXPECT_THROW(RequireShape("y", expected, Shape{{'T', 5}}), std::logic_error);
}

TEST(TensorTest, IsAViewThatMayBecomeReadOnly) {
  std::vector<float> numbers(6);
  const Tensor<float> view{numbers.data(), Shape{{'T', 2}, {'H', 3}}};
  std::iota(view.begin(), view.end(), 1.0f);
  const Tensor<const float> read_only = view;
  EXPECT_EQ(read_only.size(), 6u);
  EXPECT_EQ(read_only[5], 6.0f);
  EXPECT_EQ(read_only.shape, view.shape);
}

}  // namespace
}  // namespace unroll
