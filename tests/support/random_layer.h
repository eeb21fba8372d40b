// One layer with random weights, a random batch with or without sequence ids, and every buffer that
// a walk wants. Padding that may hold anything holds nonsense here.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "unroll/base/random.h"
#include "unroll/sequence/sequence.h"

namespace unroll::test {

struct Shape {
  std::size_t T, B, I, H;

  friend std::ostream& operator<<(std::ostream& out, const Shape& s) {
    return out << "T " << s.T << ", B " << s.B << ", I " << s.I << ", H " << s.H;
  }
};

/// The pool of so many threads; kept, since a test walks often.
inline ThreadPool& PoolOf(int threads) {
  static std::map<int, std::unique_ptr<ThreadPool>> pools;
  std::unique_ptr<ThreadPool>& pool = pools[threads];
  if (pool == nullptr) pool = std::make_unique<ThreadPool>(threads);
  return *pool;
}

/// Which sequence each row is in, as Batch wants it.
struct Ids {
  std::size_t N = 0;
  std::vector<std::int32_t> sequence, before;
};

/// Several sequences end to end in a row, begun anywhere, with idle steps between; sequence 1 never
/// occurs. Every second row carries on what it was in before, if rows may `carry`.
inline Ids MixedIds(std::size_t T, std::size_t B, bool carry, Random& random) {
  constexpr std::int32_t kAbsent = 1;
  Ids ids;
  std::int32_t next = 0;
  const auto begin = [&] { return next++ == kAbsent ? next++ : next - 1; };
  ids.sequence.assign(T * B, kIdle);
  for (std::size_t b = 0; b < B; ++b) {
    std::int32_t current = carry && b % 2 == 1 ? begin() : kIdle;
    if (carry) ids.before.push_back(current);
    for (std::size_t t = 0; t < T; ++t) {
      const std::uint64_t chance = random.Below(4);
      if (chance == 0) continue;
      if (chance == 1 || current == kIdle) current = begin();
      ids.sequence[t * B + b] = current;
    }
  }
  ids.N = static_cast<std::size_t>(next < 2 ? 2 : next);
  return ids;
}

/// How a layer is walked.
struct Variant {
  Variant(bool with_ids = false) : ids(with_ids) {}  // NOLINT: a variant of nothing but that

  bool ids;              ///< several sequences a row, idle steps
  bool masked = false;   ///< a mask on h
  bool reverse = false;  ///< no row carries on then
  bool kept = false;     ///< Backward keeps the tape
  CellOptions options{};
  Threshold threshold{};
};

template <class Real>
struct RandomLayer {
  RandomLayer(const CellFacts& facts, const Shape& shape, std::uint64_t seed,
              const Variant& walked = {})
      : cell(&facts),
        variant(walked),
        T(shape.T),
        B(shape.B),
        I(facts.reads_input ? shape.H : shape.I),
        H(shape.H),
        S(static_cast<std::size_t>(facts.states)),
        random(seed, Purpose::kTest),
        ids(walked.ids ? MixedIds(T, B, !walked.reverse, random) : Ids{}),
        plan(facts, I, H, layout),
        walks(&WalksOf<Real>(facts)) {
    const auto G = static_cast<std::size_t>(facts.gates);
    const bool recurrent = facts.recurrent_sums > 0;
    FillWeights(weight_ih, facts.input_sums > 0 ? G * H : Own(UnitTensor::kWeightIh),
                facts.input_sums > 0 ? I : 1);
    FillWeights(weight_hh, recurrent ? G * H : Own(UnitTensor::kWeightHh), recurrent ? H : 1);
    FillWeights(bias_ih, G * H, 1);
    FillWeights(bias_hh, recurrent ? G * H : 0, 1);
    FillWeights(weight_peephole, Own(UnitTensor::kWeightPeephole), 1);
    const BackSizes<Real> back(facts, I, H);
    w_back = Buffer<Real>(back.w), u_back = Buffer<Real>(back.u);
    weights = Buffer<Real>(layout.total()), d_weights = Buffer<Real>(layout.total());
    LoadWeights();
    constexpr double kNonsense = 1e3;
    x = Normals(T * B, I, kNonsense), before = Normals(S * B, H, kNonsense);
    initial = Normals(S * ids.N, H, kNonsense);
    d_y = Normals(T * B, H, 0), d_after = Normals(S * B, H, 0);
    y = Normals(T * B, H, kNonsense), after = Normals(S * B, H, kNonsense);
    d_state = Normals(S * B, H, 0);
    d_initial = Normals(S * ids.N, H, kNonsense), d_x = Normals(T * B, I, kNonsense);
    tape = Buffer<Real>(TapeSize<Real>(facts, H, T, B));
    operands = Buffer<Real>(OperandSize<Real>(facts, H, T, B, variant.masked));
    if (variant.kept) d_sums = Buffer<Real>(KeptSize<Real>(facts, H, T, B, /*all_steps=*/true));
    if (variant.masked) FillMask();
    d_states = Buffer<Real>(S * T * B * Padded<Real>(H));
    norms = Buffer<Real>(S * T * B), shares_kept = Buffer<Real>(S * T * B);
  }
  RandomLayer(const RandomLayer&) = delete;
  RandomLayer& operator=(const RandomLayer&) = delete;

  /// Normal numbers in rows, with `padding` behind each.
  Buffer<Real> Normals(std::size_t rows, std::size_t columns, double padding) {
    const std::size_t stride = Padded<Real>(columns);
    Buffer<Real> buffer(rows * stride);
    for (std::size_t i = 0; i < buffer.size(); ++i) {
      buffer[i] = static_cast<Real>(i % stride < columns ? random.Normal() : padding);
    }
    return buffer;
  }

  /// Numbers of the tensor that the cell's own weights fill.
  std::size_t Own(UnitTensor tensor) const {
    return static_cast<std::size_t>(RowsOf(*cell, tensor)) * H;
  }
  /// Long sums are kept to a size at which gates still have a slope to measure.
  void FillWeights(std::vector<Real>& tensor, std::size_t rows, std::size_t columns) {
    const double sd = std::min(0.4, 1 / std::sqrt(static_cast<double>(columns)));
    for (std::size_t i = 0; i < rows * columns; ++i) {
      tensor.push_back(static_cast<Real>(sd * random.Normal()));
    }
  }
  /// A fourth is dropped, the rest is made larger.
  void FillMask() {
    mask = Normals(ids.N == 0 ? B : ids.N, H, 0);
    for (Real& number : mask.span()) {
      number = random.Below(4) == 0 ? Real(0) : Real(4) / Real(3);
    }
  }

  PlainWeights<Real> Plain() {
    return {weight_ih.data(), weight_hh.data(), bias_ih.data(), bias_hh.data(),
            weight_peephole.data()};
  }
  /// Takes over the weights in PyTorch's layout.
  void LoadWeights() {
    Pack(plan, walks->lanes,
         PlainWeights<const Real>{weight_ih.data(), weight_hh.data(), bias_ih.data(),
                                  bias_hh.data(), weight_peephole.data()},
         plan.In(weights.data()));
    PackBack(Weights(), w_back.data(), u_back.data(), PoolOf(1), Split::kAlone);
  }

  WalkWeights<Real> Weights() const {
    return {walks, I, H, plan.In(weights.data()), w_back.data(), u_back.data(), variant.options};
  }
  Batch<Real> TheBatch() const {
    Batch<Real> batch{T, B, 0, x.data(), nullptr, nullptr, nullptr};
    batch.mask = variant.masked ? mask.data() : nullptr, batch.reverse = variant.reverse;
    if (ids.N == 0) return batch;
    batch.N = ids.N, batch.sequence = ids.sequence.data(), batch.initial = initial.data();
    if (!variant.reverse) batch.before = ids.before.data();
    return batch;
  }
  Tape<Real> TheTape() { return {tape.data(), operands.data()}; }

  /// A crew whose scratch is just large enough; good until the next is asked for.
  Crew<Real> TheCrew(Split split, int threads) {
    const std::size_t size = ScratchSize(Weights(), T, B, threads, /*watched=*/true);
    if (scratch.size() < size) scratch = Buffer<Real>(size);
    return {&PoolOf(threads), split, scratch.data()};
  }

  void Forward(Split split = Split::kAlone, int threads = 1, bool with_tape = true) {
    Crew<Real> crew = TheCrew(split, threads);
    unroll::Forward(Weights(), TheBatch(), States<Real>{before.data(), after.data()}, y.data(),
                    with_tape ? TheTape() : Tape<Real>{nullptr}, crew);
  }

  /// Needs Forward with a tape before; sets every gradient anew.
  void Backward(Split split = Split::kAlone, int threads = 1) {
    Crew<Real> crew = TheCrew(split, threads);
    d_weights.Zero();
    for (std::size_t i = 0; i < d_state.size(); ++i) d_state[i] = d_after[i];
    unroll::Backward(Weights(), TheBatch(), States<Real>{before.data(), after.data()}, y.data(),
                     d_y.data(), TheTape(),
                     BatchGradients<Real>{plan.In(d_weights.data()), d_state.data(),
                                          ids.N == 0 ? nullptr : d_initial.data(), d_x.data()},
                     crew,
                     BackwardExtras<Real>{variant.threshold, variant.kept ? d_sums.data() : nullptr,
                                          d_states.data(), norms.data(), shares_kept.data()});
  }

  /// Leaves nothing of the last walk: whoever reads what is not written yet reads NaN.
  void Spoil() {
    for (Buffer<Real>* written : {&y, &after, &tape, &operands, &d_state, &d_initial, &d_x, &d_sums,
                                  &d_states, &norms, &shares_kept, &scratch}) {
      for (Real& number : written->span()) number = std::numeric_limits<Real>::quiet_NaN();
    }
  }

  bool Idles(std::size_t t, std::size_t b) const {
    return ids.N != 0 && ids.sequence[t * B + b] == kIdle;
  }
  const Real* XAt(std::size_t t, std::size_t b) const { return &x[(t * B + b) * Padded<Real>(I)]; }
  const Real* YAt(std::size_t t, std::size_t b) const { return &y[(t * B + b) * Padded<Real>(H)]; }

  const CellFacts* cell;
  Variant variant;
  std::size_t T, B, I, H, S;
  Random random;
  Ids ids;
  Layout<Real> layout;
  WeightPlan<Real> plan;
  const Walks<Real>* walks;
  std::vector<Real> weight_ih, weight_hh, bias_ih, bias_hh, weight_peephole;  ///< PyTorch's layout
  Buffer<Real> weights, d_weights, w_back, u_back;
  Buffer<Real> x, before, initial, d_y, d_after;  ///< given; d_after: of the last state
  Buffer<Real> mask;
  Buffer<Real> y, after, tape, operands;  ///< what the walks write
  Buffer<Real> d_state, d_initial, d_x, d_sums, d_states, norms, shares_kept;
  Buffer<Real> scratch;
};

/// The numbers of `rows` rows without their padding.
template <class Real>
std::vector<Real> Dense(const Buffer<Real>& buffer, std::size_t columns) {
  const std::size_t stride = Padded<Real>(columns);
  std::vector<Real> dense;
  for (std::size_t i = 0; i < buffer.size(); ++i) {
    if (i % stride < columns) dense.push_back(buffer[i]);
  }
  return dense;
}

}  // namespace unroll::test
