#include "unroll/sequence/sequence.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

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
  job.options = weights.options, job.reverse = batch.reverse;
  job.x = batch.x, job.sequence = batch.sequence;
  job.initial = batch.initial, job.mask = batch.mask;
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

/// Sums of squares by panel, one array: [S, T, B, P].
template <class Real>
std::size_t SquaresSize(const WalkWeights<Real>& weights, std::size_t T, std::size_t B) {
  const std::size_t P = Padded<Real>(weights.H) / weights.walks->lanes;
  return static_cast<std::size_t>(weights.walks->cell->states) * T * B * P;
}
constexpr std::size_t kSquaresArrays = 3;

/// Where the operands of U lie that are not h: on the tape, or one step's in `room`.
template <class Real>
void TakeOperands(const CellFacts& cell, const Tape<Real>& tape, Real* room, Job<Real>& job) {
  if (job.mask != nullptr && tape.slots == nullptr) {
    throw std::logic_error("a mask on h: expected a walk with a tape, found none");
  }
  const int wanted = cell.stages - (job.mask != nullptr ? 0 : 1);
  if (wanted > 0 && tape.slots != nullptr && tape.operands == nullptr) {
    throw std::logic_error("a tape of " + std::string(cell.name) +
                           ": expected room for operands (OperandSize), found null");
  }
  const std::size_t step = job.B * job.PaddedH();
  job.operand_step = tape.slots != nullptr ? step : 0;
  Real* place = tape.slots != nullptr ? tape.operands : room;
  if (job.mask != nullptr) job.operand[0] = std::exchange(place, place + job.T * step);
  if (cell.stages == 2) job.operand[1] = place;
}

/// The L2 norm of each of `rows` rows, from its panels' sums of squares.
template <class Real>
void Norms(const double* squares, std::size_t rows, std::size_t P, Real* norms) {
  for (std::size_t k = 0; k < rows; ++k) {
    double sum = 0;
    for (std::size_t p = 0; p < P; ++p) sum += squares[k * P + p];
    norms[k] = static_cast<Real>(std::sqrt(sum));
  }
}

/// What the threshold left of each norm.
template <class Real>
void SharesKept(const Job<Real>& job, std::size_t rows, std::size_t P, Real* kept) {
  const bool by_norm = job.threshold.kind == Threshold::Kind::kNorm;
  for (std::size_t k = 0; k < rows; ++k) {
    double before = 0, after = 0;
    for (std::size_t p = 0; p < P; ++p) before += job.squares_before[k * P + p];
    for (std::size_t p = 0; p < P && !by_norm; ++p) after += job.squares_after[k * P + p];
    if (by_norm) after = std::min(before, job.threshold.limit * job.threshold.limit);
    kept[k] = static_cast<Real>(before == after ? 1 : std::sqrt(after / before));
  }
}

}  // namespace

template <class Real>
std::size_t TapeSize(const CellFacts& cell, std::size_t H, std::size_t T, std::size_t B) {
  return Padded<Real>(H) * T * B * static_cast<std::size_t>(cell.slots);
}

template <class Real>
std::size_t OperandSize(const CellFacts& cell, std::size_t H, std::size_t T, std::size_t B,
                        bool masked) {
  return Padded<Real>(H) * T * B * static_cast<std::size_t>(cell.stages - (masked ? 0 : 1));
}

template <class Real>
std::size_t KeptSize(const CellFacts& cell, std::size_t H, std::size_t T, std::size_t B,
                     bool all_steps) {
  return Padded<Real>(H) * (all_steps ? T : std::min<std::size_t>(T, 2)) * B * cell.sums.size();
}

template <class Real>
std::size_t ScratchSize(const WalkWeights<Real>& weights, std::size_t T, std::size_t B, int threads,
                        bool watched) {
  const auto n = static_cast<std::size_t>(threads);
  std::size_t squares = 0;
  if (watched) {
    squares = kSquaresArrays * SquaresSize(weights, T, B) * sizeof(double) / sizeof(Real);
  }
  return n * std::max(ColumnScratch<Real>(), ScratchPart(weights, T, B)) +
         B * Padded<Real>(weights.H) + Padded<Real>(squares);
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
  TakeOperands(*weights.walks->cell, tape,
               crew.scratch + static_cast<std::size_t>(most) * job.scratch_part, job);
  Barrier barrier(most);
  crew.pool->Run(most, [&](int index, int count) {
    const FlushDenormals flush;
    weights.walks->forward(job, PartOf(crew.split, batch.B, P, index, count, &barrier));
  });
}

template <class Real>
void Backward(const WalkWeights<Real>& weights, const Batch<Real>& batch,
              const States<Real>& states, const Real* y, const Real* d_y, const Tape<Real>& tape,
              const BatchGradients<Real>& gradients, Crew<Real>& crew,
              const BackwardExtras<Real>& extras) {
  Job<Real> job = JobOf(weights, batch, states, const_cast<Real*>(y));  // which is only read
  TakeEntries<Real>(batch, gradients.d_initial, crew, job);
  const CellFacts& cell = *weights.walks->cell;
  const std::size_t P = job.PaddedH() / weights.walks->lanes;
  const std::size_t states_rows = static_cast<std::size_t>(cell.states) * batch.T * batch.B;
  const int most = MostThreads(crew.split, *crew.pool);
  job.tape = tape.slots, job.d_y = d_y;
  job.d_weights = gradients.d_weights, job.d_state = gradients.d_state;
  job.d_initial = gradients.d_initial, job.d_x = gradients.d_x;
  job.d_sum = extras.d_sums, job.d_states = extras.d_states, job.threshold = extras.threshold;
  const bool all_steps = job.d_weights.b != nullptr || job.d_x != nullptr;
  job.d_sum_steps = all_steps ? batch.T : std::min<std::size_t>(batch.T, 2);

  job.scratch = crew.scratch, job.scratch_part = ColumnScratch<Real>();
  job.d_operand = crew.scratch + static_cast<std::size_t>(most) * job.scratch_part;
  TakeOperands<Real>(cell, tape, nullptr, job);
  auto* squares = reinterpret_cast<double*>(job.d_operand + batch.B * job.PaddedH());
  const std::size_t one = SquaresSize(weights, batch.T, batch.B);
  if (extras.norms != nullptr) job.squares = std::exchange(squares, squares + one);
  if (job.threshold.kind != Threshold::Kind::kNone) {
    job.squares_before = std::exchange(squares, squares + one), job.squares_after = squares;
  }
  if (job.d_initial != nullptr) {  // a sequence of no step has no gradient
    std::fill_n(job.d_initial, static_cast<std::size_t>(cell.states) * batch.N * job.PaddedH(),
                Real(0));
  }

  Barrier barrier(most);
  crew.pool->Run(most, [&](int index, int count) {
    const FlushDenormals flush;
    const Walks<Real>& walks = *weights.walks;
    walks.backward(job, PartOf(crew.split, batch.B, P, index, count, &barrier));
    if (count > 1) barrier.Wait();
    const auto share = static_cast<std::size_t>(index), shares = static_cast<std::size_t>(count);
    if (job.d_weights.b != nullptr) walks.weight_gradient(job, share, shares);
    if (job.d_x != nullptr) walks.input_gradient(job, share, shares);
  });
  if (extras.norms != nullptr) Norms(job.squares, states_rows, P, extras.norms);
  if (extras.kept != nullptr) {
    if (job.threshold.kind == Threshold::Kind::kNone) {
      std::fill_n(extras.kept, states_rows, Real(1));
    } else {
      SharesKept(job, states_rows, P, extras.kept);
    }
  }
}

template <class Real>
std::size_t AdvanceScratch(const WalkWeights<Real>& weights, std::size_t B) {
  const CellFacts& cell = *weights.walks->cell;  // the sums, y, and what a first stage makes
  return B * Padded<Real>(weights.H) * (cell.sums.size() + static_cast<std::size_t>(cell.stages));
}

template <class Real>
void Advance(const WalkWeights<Real>& weights, std::size_t B, const Real* x, Real* state,
             Real* scratch) {
  const std::size_t Hp = Padded<Real>(weights.H);
  const Batch<Real> batch{1, B, 0, x, nullptr, nullptr, nullptr};
  Real* y = scratch + B * Hp * weights.walks->cell->sums.size();
  Job<Real> job = JobOf(weights, batch, States<Real>{state, state}, y);
  job.scratch = scratch, job.operand[1] = y + B * Hp;
  const FlushDenormals flush;
  weights.walks->forward(job, Part{0, B, 0, Hp / weights.walks->lanes, nullptr, 0});
}

#define UNROLL_INSTANTIATE(Real)                                                                   \
  template std::size_t TapeSize<Real>(const CellFacts&, std::size_t, std::size_t, std::size_t);    \
  template std::size_t OperandSize<Real>(const CellFacts&, std::size_t, std::size_t, std::size_t,  \
                                         bool);                                                    \
  template std::size_t KeptSize<Real>(const CellFacts&, std::size_t, std::size_t, std::size_t,     \
                                      bool);                                                       \
  template std::size_t ScratchSize(const WalkWeights<Real>&, std::size_t, std::size_t, int, bool); \
  template void PackBack(const WalkWeights<Real>&, Real*, Real*, ThreadPool&, Split);              \
  template void Forward(const WalkWeights<Real>&, const Batch<Real>&, const States<Real>&, Real*,  \
                        const Tape<Real>&, Crew<Real>&);                                           \
  template void Backward(const WalkWeights<Real>&, const Batch<Real>&, const States<Real>&,        \
                         const Real*, const Real*, const Tape<Real>&, const BatchGradients<Real>&, \
                         Crew<Real>&, const BackwardExtras<Real>&);                                \
  template std::size_t AdvanceScratch(const WalkWeights<Real>&, std::size_t);                      \
  template void Advance(const WalkWeights<Real>&, std::size_t, const Real*, Real*, Real*);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)

}  // namespace unroll
