// The weights of a network as the outside world knows them: PyTorch's names and layout.
//
// ExpectedTensors is THE list of names: packing, unpacking, files and checks all follow it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "unroll/network/specification.h"

namespace unroll {

/// The name and the extents of one tensor of weights.
struct TensorName {
  std::string name;                 ///< "rnn.weight_ih_l0"
  std::vector<std::uint64_t> dims;  ///< slowest first: [G*H, I]
  friend bool operator==(const TensorName&, const TensorName&) = default;
};

/// Numbers of a tensor of these extents; 1 for none.
std::uint64_t NumbersIn(std::span<const std::uint64_t> dims);

/// What a network of this specification is made of, in the order of the file: for layer k
/// rnn.weight_ih_lk [G*H, I or H], rnn.weight_hh_lk [G*H, H], rnn.bias_ih_lk [G*H],
/// rnn.bias_hh_lk [G*H]; then head.weight [O, H] and head.bias [O]. Gates in PyTorch's order.
///
/// Errors:  std::logic_error where CheckSpecification would refuse it.
std::vector<TensorName> ExpectedTensors(const Specification& specification);

/// A tensor that owns its numbers, in single or in double precision.
struct NamedTensor {
  std::string name;
  std::vector<std::uint64_t> dims;
  std::variant<std::vector<float>, std::vector<double>> values;

  /// Its numbers. Throws std::logic_error where they are of the other precision.
  template <class Real>
  std::span<const Real> As() const;
};

/// The tensor of that name, or null.
const NamedTensor* Find(std::span<const NamedTensor> tensors, std::string_view name);

/// Numbers in all tensors of such a network: what is trained.
std::uint64_t CountWeights(const Specification& specification);

/// "[4, 3]"; "[]" for a single number.
std::string DimsInWords(std::span<const std::uint64_t> dims);

}  // namespace unroll
