#include "unroll/layers/embedding.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace unroll {
namespace {

constexpr std::size_t kWorthThreads = 1 << 14;  // numbers; fewer are done before a thread awakes

/// Calls body(distance between a row's numbers); 1 is told to the compiler, which then copies
/// whole vectors.
template <class Body>
void WithDistance(std::size_t lanes, const Body& body) {
  if (lanes == 1) {
    body(std::integral_constant<std::size_t, 1>());
  } else {
    body(lanes);
  }
}

}  // namespace

template <class Real>
Embedding<Real>::Embedding(std::size_t vocabulary, std::size_t width, Layout<Real>& layout)
    : V_(vocabulary),
      D_(width),
      first_(layout.Reserve(vocabulary * Padded<Real>(width))),
      lanes_(1),
      panel_(Padded<Real>(width)) {}

template <class Real>
Embedding<Real>::Embedding(const Recurrent<Real>& head)
    : V_(head.units()),
      D_(head.inputs()),
      first_(head.plan().w),
      lanes_(head.lanes()),
      panel_(head.inputs() * head.lanes()) {
  if (head.cell().recurrent_sums != 0 || head.cell().input_sums != 1) {
    throw std::logic_error("an embedding is tied to a dense layer, found a cell " +
                           std::string(head.cell().name));
  }
}

template <class Real>
void Embedding<Real>::RequireTokens(std::span<const std::int32_t> ids) const {
  for (std::size_t k = 0; k < ids.size(); ++k) {
    if (ids[k] == kIdle || (ids[k] >= 0 && static_cast<std::size_t>(ids[k]) < V_)) continue;
    throw std::logic_error("ids[" + std::to_string(k) + "] = " + std::to_string(ids[k]) +
                           ": expected -1 .. V - 1, V being " + std::to_string(V_));
  }
}

template <class Real>
void Embedding<Real>::Gather(const Real* arena, std::span<const std::int32_t> ids, Real* x,
                             ThreadPool& pool) const {
  RequireTokens(ids);
  const std::size_t stride = Padded<Real>(D_), rows = ids.size();
  pool.Run(rows * stride < kWorthThreads ? 1 : pool.threads(), [&](int index, int count) {
    const auto i = static_cast<std::size_t>(index), n = static_cast<std::size_t>(count);
    WithDistance(lanes_, [&](const auto distance) {
      for (std::size_t k = rows * i / n; k < rows * (i + 1) / n; ++k) {
        Real* const to = x + k * stride;
        if (ids[k] == kIdle) {
          std::fill_n(to, D_, Real(0));
          continue;
        }
        const Real* const row = arena + RowOf(static_cast<std::size_t>(ids[k]));
        for (std::size_t d = 0; d < D_; ++d) to[d] = row[d * distance];
      }
    });
  });
}

template <class Real>
void Embedding<Real>::ScatterAdd(std::span<const std::int32_t> ids, const Real* d_x, Real* d_arena,
                                 ThreadPool& pool) const {
  RequireTokens(ids);
  const std::size_t stride = Padded<Real>(D_);
  // A thread owns columns, whole cache lines of them: each number is added up by one thread alone.
  constexpr std::size_t kLine = Padded<Real>(1);
  const std::size_t lines = stride / kLine;
  pool.Run(ids.size() * stride < kWorthThreads ? 1 : pool.threads(), [&](int index, int count) {
    const FlushDenormals flush;
    const auto i = static_cast<std::size_t>(index), n = static_cast<std::size_t>(count);
    const std::size_t d0 = lines * i / n * kLine, d1 = std::min(D_, lines * (i + 1) / n * kLine);
    WithDistance(lanes_, [&](const auto distance) {
      for (std::size_t k = 0; k < ids.size(); ++k) {
        if (ids[k] == kIdle) continue;
        Real* const row = d_arena + RowOf(static_cast<std::size_t>(ids[k]));
        const Real* const from = d_x + k * stride;
        for (std::size_t d = d0; d < d1; ++d) row[d * distance] += from[d];
      }
    });
  });
}

template <class Real>
void Embedding<Real>::Pack(const Real* plain, Real* arena) const {
  for (std::size_t v = 0; v < V_; ++v) {
    for (std::size_t d = 0; d < D_; ++d) arena[RowOf(v) + d * lanes_] = plain[v * D_ + d];
  }
}

template <class Real>
void Embedding<Real>::Unpack(const Real* arena, Real* plain) const {
  for (std::size_t v = 0; v < V_; ++v) {
    for (std::size_t d = 0; d < D_; ++d) plain[v * D_ + d] = arena[RowOf(v) + d * lanes_];
  }
}

template <class Real>
void InitialiseEmbedding(std::size_t vocabulary, std::size_t width, Random& random, Real* plain) {
  for (std::size_t i = 0; i < vocabulary * width; ++i) {
    plain[i] = static_cast<Real>(random.Normal());
  }
}

#define UNROLL_INSTANTIATE(Real)  \
  template class Embedding<Real>; \
  template void InitialiseEmbedding(std::size_t, std::size_t, Random&, Real*);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
