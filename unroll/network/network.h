// Many layers: a stack of recurrent layers, and a dense head that gives an output at every step;
// around them an embedding that symbols are read by, and what initial states are made of.
//
// All weights lie in one arena, in the order in which the walks read them; gradients and the
// optimizer's moments have the same order, so that an update is one pass over memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/layers/embedding.h"
#include "unroll/layers/initial_state.h"
#include "unroll/layers/recurrent.h"
#include "unroll/network/named_tensor.h"
#include "unroll/network/specification.h"

namespace unroll {

/// What a network is made of, and where it lies in an arena.
template <class Real>
struct Parts {
  /// Errors:  std::logic_error where CheckSpecification would refuse it.
  explicit Parts(const Specification& specification);

  Layout<Real> layout;
  /// Layer by layer, in a bidirectional network forward, then reverse; the head comes last. A tied
  /// head's weight is the embedding's.
  std::vector<Recurrent<Real>> layers;
  std::vector<InitialState<Real>> initial;   ///< of each layer but the head
  std::optional<Embedding<Real>> embedding;  ///< its own or the head's; none where numbers are read
};

/// Numbers of an arena that lies as the weights of such a network do.
template <class Real>
std::size_t ArenaSize(const Specification& specification) {
  return Parts<Real>(specification).layout.total();
}

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
  const Parts<Real>& parts() const { return parts_; }
  std::span<const Recurrent<Real>> layers() const { return parts_.layers; }  ///< see Parts
  /// The layer that walks in that direction (0 or 1) as layer k; the head is layer `layers`.
  const Recurrent<Real>& LayerAt(std::size_t k, std::size_t way) const {
    return parts_.layers[k * specification_.directions() + way];
  }

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
  Parts<Real> parts_;
  Buffer<Real> weights_;
};

}  // namespace unroll
