#include "cli/measure.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/base/memory.h"
#include "unroll/base/random.h"
#include "unroll/base/threads.h"
#include "unroll/layers/recurrent.h"
#include "unroll/sequence/sequence.h"
#include "unroll/sequence/walks.h"

namespace unroll::cli {
namespace {

constexpr std::uint64_t kSeed = 1;

/// What the two products of all steps need: with x for all gates, with h for those that read it.
double Flops(const CellFacts& cell, const WalkShape& shape) {
  const double read = static_cast<double>(cell.recurrent_sums > 0 ? shape.I + shape.H : shape.I);
  return 2.0 * static_cast<double>(shape.T) * static_cast<double>(shape.B) * cell.gates *
         static_cast<double>(shape.H) * read;
}

/// Bytes of all that is taken below, in double, which cannot overflow. Weights lie there in
/// PyTorch's layout, packed twice, and as gradients.
template <class Real>
double BytesNeeded(const CellFacts& cell, const WalkShape& shape) {
  const double T = static_cast<double>(shape.T), B = static_cast<double>(shape.B);
  const double I = static_cast<double>(Padded<Real>(shape.I));
  const double H = static_cast<double>(Padded<Real>(shape.H));
  double bytes = 0;
  // A large block begins and ends at a huge page.
  const auto add = [&bytes](double blocks, double numbers) {
    const double block = numbers * sizeof(Real);
    bytes += blocks * (block < (1 << 20) ? block : block + (4 << 20));
  };
  add(3, cell.gates * H * (I + H));  // weights, gradients, and those in PyTorch's layout
  add(1, cell.gates * H * I);        // packed for the way back
  add(1, cell.gates * H * H);
  add(2, T * B * I);
  add(2, T * B * H);
  add(1, T * B * cell.slots * H);
  add(3, cell.states * B * H);
  return bytes;
}

template <class Real>
Result<void> CheckFits(const CellFacts& cell, const WalkShape& shape, int threads,
                       std::optional<std::uint64_t> memory) {
  constexpr double kMost = 9e18;  // below 2^63
  const double arrays = BytesNeeded<Real>(cell, shape);
  auto needed = static_cast<std::uint64_t>(std::min(arrays, kMost));
  if (arrays < kMost) {  // then no size below overflows
    const WalkWeights<Real> weights{&WalksOf<Real>(cell), shape.I, shape.H, {}, nullptr, nullptr};
    needed += ScratchSize(weights, shape.T, shape.B, threads) * sizeof(Real);
  }
  return CheckMemory("--shape", kSmallThings + needed, MemoryLimit(memory),
                     "measure a smaller one");
}

/// A layer with all that its walks read and write.
template <class Real>
class Walker {
 public:
  Walker(const CellFacts& cell, const WalkShape& shape, int threads)
      : cell_(cell),
        shape_(shape),
        layer_(cell, shape.I, shape.H, layout_),
        back_sizes_(cell, shape.I, shape.H),
        weights_(layout_.total()),
        gradients_(layout_.total()),
        w_back_(back_sizes_.w),
        u_back_(back_sizes_.u),
        pool_(threads) {
    FillWeights();
    const std::size_t rows = shape.T * shape.B;
    x_ = Buffer<Real>(rows * Padded<Real>(shape.I));
    d_x_ = Buffer<Real>(x_.size());
    y_ = Buffer<Real>(rows * Padded<Real>(shape.H));
    d_y_ = Buffer<Real>(y_.size());
    const std::size_t state =
        static_cast<std::size_t>(cell.states) * shape.B * Padded<Real>(shape.H);
    before_ = Buffer<Real>(state);
    after_ = Buffer<Real>(state);
    d_state_ = Buffer<Real>(state);
    Random random(kSeed, Purpose::kTest);
    for (Real& number : x_.span()) number = static_cast<Real>(random.Uniform(-1, 1));
    for (std::size_t r = 0; r < rows; ++r) {  // padding stays 0
      std::fill_n(d_y_.data() + r * Padded<Real>(shape.H), shape.H, Real{1});
    }
    tape_ = Buffer<Real>(TapeSize<Real>(cell, shape.H, shape.T, shape.B));
    scratch_ = Buffer<Real>(ScratchSize(Weights(), shape.T, shape.B, threads));
    crew_ = {&pool_, layer_.SplitFor(shape.T, shape.B, threads), scratch_.data()};
  }

  void Infer() { Walk(nullptr); }

  void Train() {
    PackBack(Weights(), w_back_.data(), u_back_.data(), pool_, crew_.split);
    gradients_.Zero();
    d_state_.Zero();
    Walk(tape_.data());
    Backward<Real>(Weights(), batch(), states(), y_.data(), d_y_.data(), {tape_.data()},
                   {layer_.In(gradients_.data()), d_state_.data(), nullptr, d_x_.data()}, crew_);
  }

  Split split() const { return crew_.split; }
  int threads() const { return pool_.threads(); }

 private:
  void FillWeights() {
    const std::size_t rows = static_cast<std::size_t>(cell_.gates) * shape_.H;
    std::vector<Real> w(rows * shape_.I), b(rows), u, second_b;
    if (cell_.recurrent_sums > 0) {
      u.resize(rows * shape_.H);
      second_b.resize(rows);
    }
    const auto data = [](std::vector<Real>& v) { return v.empty() ? nullptr : v.data(); };
    const PlainWeights<Real> plain{w.data(), data(u), b.data(), data(second_b)};
    Random random(kSeed, Purpose::kWeights);
    InitialiseRecurrent(cell_, shape_.I, shape_.H, 1.0, random, plain);
    layer_.Pack({plain.weight_ih, plain.weight_hh, plain.bias_ih, plain.bias_hh}, weights_.data());
  }

  void Walk(Real* tape) { Forward<Real>(Weights(), batch(), states(), y_.data(), {tape}, crew_); }

  WalkWeights<Real> Weights() const {
    return layer_.Weights(weights_.data(), w_back_.data(), u_back_.data());
  }
  Batch<Real> batch() const {
    return {shape_.T, shape_.B, 0, x_.data(), nullptr, nullptr, nullptr};
  }
  States<Real> states() { return {before_.data(), after_.data()}; }

  const CellFacts& cell_;
  const WalkShape shape_;
  Layout<Real> layout_;
  Recurrent<Real> layer_;
  BackSizes<Real> back_sizes_;
  Buffer<Real> weights_, gradients_, w_back_, u_back_;
  Buffer<Real> x_, d_x_, y_, d_y_, before_, after_, d_state_, tape_, scratch_;
  ThreadPool pool_;
  Crew<Real> crew_{};
};

/// Runs `work` twice to warm up, then at least 15 times and for about a second.
template <class Work>
Times TimesOf(const Work& work) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  constexpr std::size_t kLeastRuns = 15, kMostRuns = 100000;
  for (int i = 0; i < 2; ++i) work();
  std::vector<double> times;
  const Clock::time_point begin = Clock::now();
  while (times.size() < kLeastRuns || (times.size() < kMostRuns && seconds_since(begin) < 1)) {
    const Clock::time_point start = Clock::now();
    work();
    times.push_back(seconds_since(start));
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

}  // namespace

template <class Real>
Result<Measurement> MeasureWalks(const CellFacts& cell, const WalkShape& shape, int threads,
                                 std::optional<std::uint64_t> memory) {
  if (auto fits = CheckFits<Real>(cell, shape, threads, memory); !fits)
    return tl::unexpected(fits.error());
  Walker<Real> walker(cell, shape, threads);
  const FlushDenormals flush;
  Measurement found{};
  found.inference = TimesOf([&] { walker.Infer(); });
  found.training = TimesOf([&] { walker.Train(); });
  found.split = walker.split();
  found.threads = walker.threads();
  found.flops = Flops(cell, shape);
  return found;
}

template Result<Measurement> MeasureWalks<float>(const CellFacts&, const WalkShape&, int,
                                                 std::optional<std::uint64_t>);
template Result<Measurement> MeasureWalks<double>(const CellFacts&, const WalkShape&, int,
                                                  std::optional<std::uint64_t>);

}  // namespace unroll::cli
