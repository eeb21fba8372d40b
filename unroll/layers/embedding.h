// A table of vectors, one for each token: rows to gather on the way in, to add to on the way back.
//
// The table may be the head's own matrix, which gives one output for each token: then what a token
// means going in is what it means coming out (tied weights). The head keeps its matrix in panels of
// L tokens; one way of finding a number serves both tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "unroll/base/arena.h"
#include "unroll/base/random.h"
#include "unroll/base/threads.h"
#include "unroll/layers/recurrent.h"

namespace unroll {

/// Where a table [V, D] lies in the network's arenas, and what is done with it.
template <class Real>
class Embedding {
 public:
  /// Reserves a table of its own in `layout`, as rows.
  Embedding(std::size_t vocabulary, std::size_t width, Layout<Real>& layout);

  /// Shares the W of `head`, a dense layer: V its outputs, D its inputs. Gradients of both uses are
  /// added up in one place.
  ///
  /// Errors:  std::logic_error where it is not a dense layer.
  explicit Embedding(const Recurrent<Real>& head);

  std::size_t vocabulary() const { return V_; }
  std::size_t width() const { return D_; }

  /// x[k] = the row of token ids[k]; where a row idles (kIdle) zeros.
  ///
  /// Shapes:  ids [T, B]; x [T, B, D], rows aligned.
  /// Errors:  std::logic_error for an id outside kIdle .. V - 1.
  void Gather(const Real* arena, std::span<const std::int32_t> ids, Real* x,
              ThreadPool& pool) const;

  /// Adds d_x[k] to the gradient of the row of token ids[k], in the order of k; where a row idles,
  /// nothing.
  ///
  /// Shapes:  as Gather's; d_arena an arena of gradients.
  /// Errors:  those of Gather.
  void ScatterAdd(std::span<const std::int32_t> ids, const Real* d_x, Real* d_arena,
                  ThreadPool& pool) const;

  /// Between an arena and PyTorch's layout [V, D]. A tied table is the head's to pack.
  void Pack(const Real* plain, Real* arena) const;
  void Unpack(const Real* arena, Real* plain) const;

 private:
  void RequireTokens(std::span<const std::int32_t> ids) const;
  /// Where row v begins; its numbers lie lanes_ apart.
  std::size_t RowOf(std::size_t v) const { return first_ + v / lanes_ * panel_ + v % lanes_; }

  std::size_t V_, D_;
  std::size_t first_;  ///< where the table begins in an arena
  std::size_t lanes_;  ///< tokens side by side in a panel
  std::size_t panel_;  ///< numbers of a panel
};

/// Fills a table of its own as PyTorch does: normal, with mean 0 and variance 1.
template <class Real>
void InitialiseEmbedding(std::size_t vocabulary, std::size_t width, Random& random, Real* plain);

}  // namespace unroll
