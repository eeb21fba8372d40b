// Views of dense arrays whose extents have names, so that a wrong shape is told by its letters.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace unroll {

/// One dimension: its letter (docs/notation.md) and its size.
struct Extent {
  char letter;
  std::size_t size;
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// Up to four extents, slowest first.
class Shape {
 public:
  static constexpr std::size_t kMostExtents = 4;

  constexpr Shape(std::initializer_list<Extent> extents) {
    if (extents.size() > kMostExtents) throw std::logic_error("a shape has at most 4 extents");
    for (const Extent& extent : extents) extents_[rank_++] = extent;
  }
  constexpr std::size_t rank() const { return rank_; }
  constexpr const Extent& operator[](std::size_t i) const { return extents_[i]; }
  constexpr std::size_t count() const {
    std::size_t n = 1;
    for (std::size_t i = 0; i < rank_; ++i) n *= extents_[i].size;
    return n;
  }
  /// "[T 5, B 3, I 2]"
  std::string ToString() const;
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<Extent, kMostExtents> extents_{};
  std::size_t rank_ = 0;
};

/// A dense array that somebody else owns, in the order of its shape.
template <class T>
struct Tensor {
  T* data;
  Shape shape;

  std::size_t size() const { return shape.count(); }
  T& operator[](std::size_t i) const { return data[i]; }
  T* begin() const { return data; }
  T* end() const { return data + size(); }
  operator Tensor<const T>() const { return {data, shape}; }  // NOLINT: a view may become read-only
};

/// Throws std::logic_error "`what`: expected `expected`, found `found`" where the two differ.
void RequireShape(std::string_view what, const Shape& expected, const Shape& found);

}  // namespace unroll
