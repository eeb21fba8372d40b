#include "unroll/network/pass.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace unroll {
namespace {

/// Numbers of every array that one layer's share of a pass consists of.
template <class Real>
struct LevelSizes {
  LevelSizes(const CellFacts& cell, std::size_t I, std::size_t H, std::size_t T, std::size_t B,
             PassKind kind) {
    const std::size_t Hp = Padded<Real>(H);
    state = static_cast<std::size_t>(cell.states) * B * Hp;
    y = T * B * Hp;
    if (kind == PassKind::kInference) return;
    const BackSizes<Real> back(cell, I, H);
    w_back = back.w, u_back = back.u;
    tape = TapeSize<Real>(cell, H, T, B);
    d_y = y;
  }
  std::size_t total() const { return 2 * state + y + d_y + tape + w_back + u_back + d_state(); }
  std::size_t d_state() const { return d_y > 0 ? state : 0; }

  std::size_t state, y, d_y = 0, tape = 0, w_back = 0, u_back = 0;
};

/// Rows of `width` numbers, dense or each at a multiple of the alignment.
template <class Real>
void CopyRows(const Real* from, std::size_t from_stride, Real* to, std::size_t to_stride,
              std::size_t rows, std::size_t width) {
  for (std::size_t r = 0; r < rows; ++r) {
    std::memcpy(to + r * to_stride, from + r * from_stride, width * sizeof(Real));
  }
}

}  // namespace

template <class Real>
struct Pass<Real>::Level {
  Level(const Recurrent<Real>& recurrent, std::size_t T, std::size_t B, PassKind kind)
      : layer(&recurrent),
        sizes(recurrent.cell(), recurrent.inputs(), recurrent.units(), T, B, kind),
        before(sizes.state),
        after(sizes.state),
        y(sizes.y),
        d_y(sizes.d_y),
        tape(sizes.tape),
        w_back(sizes.w_back),
        u_back(sizes.u_back),
        d_state(sizes.d_state()) {}

  WalkWeights<Real> Weights(const Real* arena) const {
    return layer->Weights(arena, w_back.data(), u_back.data());
  }

  const Recurrent<Real>* layer;
  LevelSizes<Real> sizes;
  Buffer<Real> before, after;  ///< [S, B, H] the state as the last Forward found and left it
  Buffer<Real> y, d_y;         ///< [T, B, H]
  Buffer<Real> tape, w_back, u_back, d_state;
  Split split = Split::kAlone;
};

template <class Real>
Pass<Real>::Pass(const Network<Real>& network, std::size_t T, std::size_t B, PassKind kind,
                 ThreadPool& pool)
    : network_(&network),
      pool_(&pool),
      T_(T),
      B_(B),
      kind_(kind),
      x_(T * B * Padded<Real>(network.specification().inputs)),
      outputs_(T * B * network.specification().outputs) {
  std::size_t scratch = 0;
  for (const Recurrent<Real>& layer : network.layers()) {
    Level& level = levels_.emplace_back(layer, T, B, kind);
    level.split = layer.SplitFor(B, pool.threads());
    scratch = std::max(scratch,
                       ScratchSize(level.Weights(network.weights().data()), T, B, pool.threads()));
  }
  if (kind == PassKind::kTraining) d_x_ = Buffer<Real>(x_.size());
  scratch_ = Buffer<Real>(scratch);
}

template <class Real>
Pass<Real>::~Pass() = default;

template <class Real>
Tensor<const Real> Pass<Real>::Forward(Tensor<const Real> x) {
  const Specification& specification = network_->specification();
  const std::size_t T = std::min(T_, x.shape.rank() == 3 ? x.shape[0].size : T_);
  const std::size_t I = specification.inputs, O = specification.outputs, rows = T * B_;
  RequireShape("x", {{'T', T}, {'B', B_}, {'I', I}}, x.shape);
  CopyRows(x.data, I, x_.data(), Padded<Real>(I), rows, I);
  const Real* input = x_.data();
  for (Level& level : levels_) {
    std::swap(level.before, level.after);
    Crew<Real> crew{pool_, level.split, scratch_.data()};
    const Batch<Real> batch{T, B_, 0, input, nullptr, nullptr, nullptr};
    const Tape<Real> tape{kind_ == PassKind::kTraining ? level.tape.data() : nullptr};
    unroll::Forward(level.Weights(network_->weights().data()), batch,
                    States<Real>{level.before.data(), level.after.data()}, level.y.data(), tape,
                    crew);
    input = level.y.data();
  }
  CopyRows(input, Padded<Real>(O), outputs_.data(), O, rows, O);
  steps_ = T;
  return {outputs_.data(), {{'T', T}, {'B', B_}, {'O', O}}};
}

template <class Real>
void Pass<Real>::Backward(Tensor<const Real> d_outputs, std::span<Real> gradients, Real* d_x) {
  if (kind_ != PassKind::kTraining || steps_ == 0) {
    throw std::logic_error("Backward: expected a training pass that has just gone forward");
  }
  const std::size_t T = std::exchange(steps_, 0), rows = T * B_;
  const std::size_t I = network_->specification().inputs, O = network_->specification().outputs;
  RequireShape("d_outputs", {{'T', T}, {'B', B_}, {'O', O}}, d_outputs.shape);
  RequireShape("gradients", {{'n', network_->weights().size()}}, {{'n', gradients.size()}});
  CopyRows(d_outputs.data, O, levels_.back().d_y.data(), Padded<Real>(O), rows, O);
  for (std::size_t k = levels_.size(); k-- > 0;) {
    Level& level = levels_[k];
    const bool first = k == 0;
    const Real* input = first ? x_.data() : levels_[k - 1].y.data();
    Real* d_input = first ? (d_x != nullptr ? d_x_.data() : nullptr) : levels_[k - 1].d_y.data();
    const WalkWeights<Real> weights = level.Weights(network_->weights().data());
    PackBack(weights, level.w_back.data(), level.u_back.data(), *pool_, level.split);
    level.d_state.Zero();
    Crew<Real> crew{pool_, level.split, scratch_.data()};
    const Batch<Real> batch{T, B_, 0, input, nullptr, nullptr, nullptr};
    unroll::Backward(weights, batch, States<Real>{level.before.data(), level.after.data()},
                     level.y.data(), level.d_y.data(), Tape<Real>{level.tape.data()},
                     BatchGradients<Real>{level.layer->In(gradients.data()), level.d_state.data(),
                                          nullptr, d_input},
                     crew);
  }
  if (d_x != nullptr) CopyRows(d_x_.data(), Padded<Real>(I), d_x, I, rows, I);
}

template <class Real>
void Pass<Real>::Reset() {
  for (Level& level : levels_) level.after.Zero();
}

template <class Real>
std::vector<Real> Pass<Real>::SaveState() const {
  std::vector<Real> state;
  for (const Level& level : levels_) {
    if (level.layer->cell().recurrent_sums == 0) continue;  // nothing is remembered
    const std::size_t H = level.layer->units(), rows = level.after.size() / Padded<Real>(H);
    state.resize(state.size() + rows * H);
    CopyRows(level.after.data(), Padded<Real>(H), state.data() + state.size() - rows * H, H, rows,
             H);
  }
  return state;
}

template <class Real>
void Pass<Real>::LoadState(std::span<const Real> state) {
  RequireShape("state", {{'n', SaveState().size()}}, {{'n', state.size()}});
  for (Level& level : levels_) {
    if (level.layer->cell().recurrent_sums == 0) continue;
    const std::size_t H = level.layer->units(), rows = level.after.size() / Padded<Real>(H);
    CopyRows(state.data(), H, level.after.data(), Padded<Real>(H), rows, H);
    state = state.subspan(rows * H);
  }
}

template <class Real>
void Pass<Real>::ForceSplit(Split split) {
  for (Level& level : levels_) level.split = split;
}

namespace {

template <class Real>
std::uint64_t BytesOf(const Specification& specification, std::size_t T, std::size_t B,
                      PassKind kind, int threads) {
  const std::uint64_t copies = kind == PassKind::kTraining ? 2 : 1;
  std::uint64_t numbers =
      copies * T * B * Padded<Real>(specification.inputs) + T * B * specification.outputs;
  std::size_t scratch = 0;
  for (const Recurrent<Real>& layer : Parts<Real>(specification).layers) {
    numbers += LevelSizes<Real>(layer.cell(), layer.inputs(), layer.units(), T, B, kind).total();
    scratch =
        std::max(scratch, ScratchSize(layer.Weights(nullptr, nullptr, nullptr), T, B, threads));
  }
  return (numbers + scratch) * sizeof(Real);
}

}  // namespace

std::uint64_t PassBytes(const Specification& specification, std::size_t T, std::size_t B,
                        PassKind kind, int threads) {
  return specification.precision == Precision::kFp32
             ? BytesOf<float>(specification, T, B, kind, threads)
             : BytesOf<double>(specification, T, B, kind, threads);
}

template class Pass<float>;
template class Pass<double>;

}  // namespace unroll
