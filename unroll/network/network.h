// Many layers: a stack of recurrent layers, and a dense head that gives an output at every step.
//
// All weights lie in one arena, in the order in which the walks read them; gradients and the
// optimizer's moments have the same order, so that an update is one pass over memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/layers/recurrent.h"
#include "unroll/network/named_tensor.h"
#include "unroll/network/specification.h"

namespace unroll {

/// The weights of one network, for the instruction set that was current when it was built.
///
/// Reading is safe from many threads at once while nobody writes.
template <class Real>
class Network {
 public:
  /// All weights 0.
  ///
  /// Errors:  std::logic_error where CheckSpecification would refuse it; std::bad_alloc.
  explicit Network(const Specification& specification);

  const Specification& specification() const { return specification_; }
  std::span<const Recurrent<Real>> layers() const { return layers_; }  ///< the head comes last

  /// Packed. Padding is 0 and must stay 0.
  std::span<Real> weights() { return weights_.span(); }
  std::span<const Real> weights() const { return weights_.span(); }

  /// Draws all weights anew; see InitialiseRecurrent.
  void Initialise(std::uint64_t seed);

  /// `packed` (weights, gradients or moments) in PyTorch's layout, as ExpectedTensors names them,
  /// each name after `prefix`.
  std::vector<NamedTensor> Unpack(std::span<const Real> packed, std::string_view prefix = "") const;

  /// The way back; other tensors are passed over.
  ///
  /// Errors:  std::logic_error where one is missing or of another shape or precision (files are
  ///          checked where they are read).
  void Pack(std::span<const NamedTensor> tensors, std::span<Real> packed,
            std::string_view prefix = "") const;

 private:
  Specification specification_;
  std::vector<Recurrent<Real>> layers_;
  Buffer<Real> weights_;
};

}  // namespace unroll
