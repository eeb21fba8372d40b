// What turns gradients into better weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "unroll/base/arena.h"
#include "unroll/base/threads.h"
#include "unroll/kernels/vector.h"

namespace unroll {

/// Adam with its two moments, which lie as the network's weights do.
template <class Real>
class Adam {
 public:
  /// For `size` weights.
  ///
  /// Errors:  std::bad_alloc.
  explicit Adam(std::size_t size) : m_(size), v_(size) {}

  /// Moves `weights` against `factor` times `gradients`. Returns whether they and the moments are
  /// finite after it.
  bool Update(std::span<Real> weights, std::span<const Real> gradients, double rate, double factor,
              ThreadPool& pool) {
    return UpdateByAdam(AdamStep{rate, factor, ++updates_}, gradients, weights, m_.span(),
                        v_.span(), pool);
  }

  /// As if it had never updated anything.
  void BeginAnew() {
    m_.Zero(), v_.Zero();
    updates_ = 0;
  }

  /// All that it remembers.
  std::span<Real> m() { return m_.span(); }
  std::span<Real> v() { return v_.span(); }
  std::span<const Real> m() const { return m_.span(); }
  std::span<const Real> v() const { return v_.span(); }
  std::uint64_t updates() const { return updates_; }
  void set_updates(std::uint64_t updates) { updates_ = updates; }

 private:
  Buffer<Real> m_, v_;
  std::uint64_t updates_ = 0;
};

}  // namespace unroll
