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

#include "unroll/cells/cells.h"
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

/// What a network of this specification is made of, in the order of the file; the names and shapes
/// stand in docs/model-format.md.
///
/// Errors:  std::logic_error where CheckSpecification would refuse it.
std::vector<TensorName> ExpectedTensors(const Specification& specification);

/// Those of one recurrent layer in one direction, "rnn." in front and `suffix` behind: weight_ih
/// [G*H, I], weight_hh [G*H, H], bias_ih [G*H], bias_hh [G*H], weight_peephole [3, H], as far as
/// the cell has them; a weight that belongs to a unit alone is [H].
std::vector<TensorName> LayerTensors(const CellFacts& cell, std::uint64_t I, std::uint64_t H,
                                     const std::string& suffix);

/// "_l0", "_l0_reverse"
std::string SuffixOf(std::uint64_t layer, bool reverse);

/// Whether a layer's first (0) or second (1) direction walks in reverse.
bool IsReverse(const Specification& specification, std::uint64_t way);

/// Every state of every layer and direction, in the order in which they are saved: h_l0 [H], c_l0
/// [H], h_l0_reverse ...
std::vector<TensorName> StatesOf(const Specification& specification);

/// The weights that initial states are made of, state by state in that order: initial.h_l0 [H], or
/// [E, H] where each entity has its own; or initial.weight_h_l0 [H, F] and initial.bias_h_l0 [H].
std::vector<TensorName> InitialTensors(const Specification& specification);

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
