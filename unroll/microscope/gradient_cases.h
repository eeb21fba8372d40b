// What can be combined in one network and one batch, and a set of combinations in which every pair
// of choices meets.
//
// THE file of the gradient check's axes is gradient_axes.cc: a new choice is one word there, and
// what it means one line; a new cell is there already.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/losses/losses.h"
#include "unroll/network/specification.h"
#include "unroll/sequence/split.h"

namespace unroll {

/// Something that can be chosen, and the choices.
struct GradientAxis {
  std::string_view name;
  std::vector<std::string_view> values;
};

/// cell, option, initial, rows, mask, direction, sizes, residual, dropout, input, loss, reduction,
/// split.
std::span<const GradientAxis> GradientAxes();

/// Two choices that cannot go together, and why.
struct RefusedPair {
  std::string_view axis_1, value_1, axis_2, value_2;
  std::string_view reason;
};
std::span<const RefusedPair> RefusedPairs();

/// One choice on each axis: the index of its value.
class GradientCase {
 public:
  explicit GradientCase(std::vector<std::size_t> choices) : choices_(std::move(choices)) {}

  std::size_t operator[](std::size_t axis) const { return choices_[axis]; }
  std::string_view operator[](std::string_view axis) const;
  bool Is(std::string_view axis, std::string_view value) const { return (*this)[axis] == value; }
  /// "gru, relu, learned, ..."
  std::string InWords() const;

 private:
  std::vector<std::size_t> choices_;
};

/// The network and the loss of a case, each in double.
struct GradientSubject {
  Specification specification;
  LossOptions loss;
  Reduction reduction;
  Split split;
  int threads;
};

/// Errors:  kUsage where the choices cannot go together.
Result<GradientSubject> SubjectOf(const GradientCase& one);

/// At least `least` different cases, all of them possible, in which every pair of choices meets
/// that can. The same ones at every call.
std::vector<GradientCase> DrawGradientCases(std::size_t least);

/// Cases in which both choices stand.
std::size_t CountPair(std::span<const GradientCase> cases, std::size_t axis_1, std::size_t value_1,
                      std::size_t axis_2, std::size_t value_2);

}  // namespace unroll
