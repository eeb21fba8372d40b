#include "unroll/sequence/sequence.h"

#include <algorithm>
#include <stdexcept>

#include "unroll/sequence/chunk.h"
#include "unroll/sequence/column_block.h"
#include "unroll/sequence/entries.h"

namespace unroll {
namespace {

template <class Real>
Job<Real> JobOf(const WalkWeights<Real>& weights, const Batch<Real>& batch,
                const States<Real>& states, Real* y) {
  Job<Real> job{};
  job.T = batch.T, job.B = batch.B, job.N = batch.N, job.I = weights.I, job.H = weights.H;
  job.weights = weights.weights;
  job.w_back = weights.w_back, job.u_back = weights.u_back;
  job.x = batch.x, job.initial = batch.initial;
  job.state = states.before, job.state_after = states.after, job.y = y;
  return job;
}

/// `initial` is what a sequence that begins needs: its state, or the place of that state's
/// gradient.
template <class Real>
void TakeEntries(const Batch<Real>& batch, const Real* initial, Crew<Real>& crew, Job<Real>& job) {
  FindEntries(batch, crew.entries);
  job.entry = crew.entries.empty() ? nullptr : crew.entries.data();
  const auto begins = [](std::int32_t entry) { return entry >= 0; };
  if (initial == nullptr && std::any_of(crew.entries.begin(), crew.entries.end(), begins)) {
    throw std::logic_error(
        "a sequence begins: expected its initial state, or the place of its "
        "gradient, found null");
  }
}

int MostThreads(Split split, const ThreadPool& pool) {
  return split == Split::kAlone ? 1 : pool.threads();
}

/// The share of thread `index` of `count`; they meet at `barrier` where units are split.
Part PartOf(Split split, std::size_t B, std::size_t P, int index, int count, Barrier* barrier) {
  const auto i = static_cast<std::size_t>(index), n = static_cast<std::size_t>(count);
  Part part{0, B, 0, P, nullptr, i};
  if (split == Split::kUnits) {
    part.p0 = P * i / n, part.p1 = P * (i + 1) / n;
    if (n > 1) part.barrier = barrier;
  } else {
    part.b0 = B * i / n, part.b1 = B * (i + 1) / n;
  }
  return part;
}

template <class Real>
constexpr std::size_t ColumnScratch() {
  return kBlockRows * kBlockColumns + Padded<Real>(1);
}

/// Scratch that one thread needs for Forward without a tape. Fewer than asked may come, and then
/// one comes alone; so its share may be everything.
template <class Real>
std::size_t ScratchPart(const WalkWeights<Real>& weights, std::size_t T, std::size_t B) {
  const std::size_t all = weights.walks->cell->sums.size() * Padded<Real>(weights.H);
  return Padded<Real>(MostChunkNumbers<Real>(T, B, all));
}

}  // namespace

template <class Real>
std::size_t TapeSize(const CellFacts& cell, std::size_t H, std::size_t T, std::size_t B) {
  return Padded<Real>(H) * T * B * static_cast<std::size_t>(cell.slots);
}

template <class Real>
std::size_t ScratchSize(const WalkWeights<Real>& weights, std::size_t T, std::size_t B,
                        int threads) {
  const auto n = static_cast<std::size_t>(threads);
  return n * std::max(ColumnScratch<Real>(), ScratchPart(weights, T, B));
}

template <class Real>
void PackBack(const WalkWeights<Real>& weights, Real* w_back, Real* u_back, ThreadPool& pool,
              Split split) {
  const Job<Real> job = JobOf<Real>(weights, Batch<Real>{}, States<Real>{}, nullptr);
  pool.Run(MostThreads(split, pool), [&](int index, int count) {
    weights.walks->pack_back(job, w_back, u_back, static_cast<std::size_t>(index),
                             static_cast<std::size_t>(count));
  });
}

template <class Real>
void Forward(const WalkWeights<Real>& weights, const Batch<Real>& batch, const States<Real>& states,
             Real* y, const Tape<Real>& tape, Crew<Real>& crew) {
  Job<Real> job = JobOf(weights, batch, states, y);
  TakeEntries(batch, batch.initial, crew, job);
  job.tape = tape.slots, job.scratch = crew.scratch;
  const std::size_t P = job.PaddedH() / weights.walks->lanes;
  const int most = MostThreads(crew.split, *crew.pool);
  if (tape.slots == nullptr) job.scratch_part = ScratchPart(weights, batch.T, batch.B);
  Barrier barrier(most);
  crew.pool->Run(most, [&](int index, int count) {
    const FlushDenormals flush;
    weights.walks->forward(job, PartOf(crew.split, batch.B, P, index, count, &barrier));
  });
}

template <class Real>
void Backward(const WalkWeights<Real>& weights, const Batch<Real>& batch,
              const States<Real>& states, const Real* y, const Real* d_y, const Tape<Real>& tape,
              const BatchGradients<Real>& gradients, Crew<Real>& crew) {
  Job<Real> job = JobOf(weights, batch, states, const_cast<Real*>(y));  // which is only read
  TakeEntries<Real>(batch, gradients.d_initial, crew, job);
  job.tape = tape.slots, job.d_y = d_y;
  job.scratch = crew.scratch, job.scratch_part = ColumnScratch<Real>();
  job.d_weights = gradients.d_weights, job.d_state = gradients.d_state;
  job.d_initial = gradients.d_initial, job.d_x = gradients.d_x;
  const std::size_t P = job.PaddedH() / weights.walks->lanes;
  if (job.d_initial != nullptr) {  // a sequence of no step has no gradient
    std::fill_n(job.d_initial, weights.walks->cell->states * batch.N * job.PaddedH(), Real(0));
  }
  const int most = MostThreads(crew.split, *crew.pool);
  Barrier barrier(most);
  crew.pool->Run(most, [&](int index, int count) {
    const FlushDenormals flush;
    const Walks<Real>& walks = *weights.walks;
    walks.backward(job, PartOf(crew.split, batch.B, P, index, count, &barrier));
    if (count > 1) barrier.Wait();
    const auto share = static_cast<std::size_t>(index), shares = static_cast<std::size_t>(count);
    walks.weight_gradient(job, share, shares);
    if (job.d_x != nullptr) walks.input_gradient(job, share, shares);
  });
}

template <class Real>
std::size_t AdvanceScratch(const WalkWeights<Real>& weights, std::size_t B) {
  return B * Padded<Real>(weights.H) * (weights.walks->cell->sums.size() + 1);
}

template <class Real>
void Advance(const WalkWeights<Real>& weights, std::size_t B, const Real* x, Real* state,
             Real* scratch) {
  const std::size_t Hp = Padded<Real>(weights.H);
  const Batch<Real> batch{1, B, 0, x, nullptr, nullptr, nullptr};
  Real* y = scratch + B * Hp * weights.walks->cell->sums.size();
  Job<Real> job = JobOf(weights, batch, States<Real>{state, state}, y);
  job.scratch = scratch;
  const FlushDenormals flush;
  weights.walks->forward(job, Part{0, B, 0, Hp / weights.walks->lanes, nullptr, 0});
}

#define UNROLL_INSTANTIATE(Real)                                                                   \
  template std::size_t TapeSize<Real>(const CellFacts&, std::size_t, std::size_t, std::size_t);    \
  template std::size_t ScratchSize(const WalkWeights<Real>&, std::size_t, std::size_t, int);       \
  template void PackBack(const WalkWeights<Real>&, Real*, Real*, ThreadPool&, Split);              \
  template void Forward(const WalkWeights<Real>&, const Batch<Real>&, const States<Real>&, Real*,  \
                        const Tape<Real>&, Crew<Real>&);                                           \
  template void Backward(const WalkWeights<Real>&, const Batch<Real>&, const States<Real>&,        \
                         const Real*, const Real*, const Tape<Real>&, const BatchGradients<Real>&, \
                         Crew<Real>&);                                                             \
  template std::size_t AdvanceScratch(const WalkWeights<Real>&, std::size_t);                      \
  template void Advance(const WalkWeights<Real>&, std::size_t, const Real*, Real*, Real*);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)

}  // namespace unroll
