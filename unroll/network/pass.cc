#include "unroll/network/pass.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "unroll/layers/join.h"
#include "unroll/network/pass_sizes.h"

namespace unroll {
namespace {

/// Rows of `width` numbers, dense or each at a multiple of the alignment.
template <class Real>
void CopyRows(const Real* from, std::size_t from_stride, Real* to, std::size_t to_stride,
              std::size_t rows, std::size_t width) {
  for (std::size_t r = 0; r < rows; ++r) {
    std::memcpy(to + r * to_stride, from + r * from_stride, width * sizeof(Real));
  }
}

}  // namespace

void AddReport(const std::vector<ThresholdReport>& one, std::vector<ThresholdReport>& all) {
  if (all.empty()) {
    all = one;
    return;
  }
  for (std::size_t i = 0; i < one.size(); ++i) {
    ThresholdReport& sum = all[i];
    const auto before = static_cast<double>(sum.steps), now = static_cast<double>(one[i].steps);
    if (one[i].steps > 0) sum.kept = (sum.kept * before + one[i].kept * now) / (before + now);
    sum.steps += one[i].steps;
    sum.acted += one[i].acted;
  }
}

template <class Real>
struct Pass<Real>::Way {
  Way(const Network<Real>& network, std::size_t k, std::size_t way, const PassSizes& pass,
      int threads)
      : layer(&network.LayerAt(k, way)),
        reverse(!layer->is_dense() && IsReverse(network.specification(), way)),
        sizes(network.specification(), *layer, way == 1, pass),
        before(sizes.state),
        after(sizes.state),
        initial(sizes.initial),
        y(sizes.y),
        dropped(sizes.dropped),
        mask(sizes.mask),
        d_y(sizes.d_y),
        d_state(sizes.d_state),
        d_initial(sizes.d_initial),
        d_second(sizes.d_second),
        tape(sizes.tape),
        operands(sizes.operands),
        w_back(sizes.w_back),
        u_back(sizes.u_back),
        kept(sizes.kept) {
    const Specification& s = network.specification();
    if (layer->is_dense()) return;
    const auto place = static_cast<std::uint32_t>(2 * (2 * k + way));
    of_outputs.emplace(s.dropout, s.variational, place);
    of_h.emplace(s.recurrent_dropout, /*same_at_every_step=*/true, place + 1);
    begin = &network.parts().initial[k * s.directions() + way];
    room.emplace(*begin, std::max(pass.B, pass.options.N), threads);
  }

  WalkWeights<Real> Weights(const Real* arena) const {
    return layer->Weights(arena, w_back.data(), u_back.data());
  }
  std::size_t states() const { return static_cast<std::size_t>(layer->cell().states); }
  /// What it hands on.
  const Real* out() const { return drops ? dropped.data() : y.data(); }
  States<Real> TheStates() {
    // What a dense layer remembers is nobody's: its output stands for both.
    if (layer->is_dense()) return {y.data(), y.data()};
    return {before.data(), after.data()};
  }
  Tape<Real> TheTape() {
    return {tape.size() > 0 ? tape.data() : nullptr,
            operands.size() > 0 ? operands.data() : nullptr};
  }

  const Recurrent<Real>* layer;
  bool reverse;
  WaySizes<Real> sizes;
  Buffer<Real> before, after;  ///< [S, B, H] the state as the last Forward found and left it
  Buffer<Real> initial;        ///< [S, N, H]
  Buffer<Real> y;              ///< [T, B, H]
  Buffer<Real> dropped;        ///< [T, B, H] what dropout left of y, in training
  Buffer<Real> mask;           ///< [N, H] on h
  Buffer<Real> d_y;            ///< [T, B, H]
  Buffer<Real> d_state, d_initial;
  Buffer<Real> d_second;  ///< [T, B, I] of the second direction, until it is added to the first's
  Buffer<Real> tape, operands, w_back, u_back;
  Buffer<Real> kept;  ///< [S, T, B] see BackwardExtras
  Split split = Split::kAlone;
  // Of a layer that has time:
  std::optional<Dropout<Real>> of_outputs, of_h;
  const InitialState<Real>* begin = nullptr;
  std::optional<InitialRoom<Real>> room;
  bool drops = false;  ///< the last Forward dropped some outputs
};

template <class Real>
struct Pass<Real>::Level {
  const Real* out() const { return joined.size() > 0 ? joined.data() : ways[0].out(); }
  Real* d_out() { return d_joined.size() > 0 ? d_joined.data() : ways[0].d_y.data(); }
  /// The outputs of its directions side by side, in `rows` rows.
  SideBySide<Real> Halves(std::size_t rows) const {
    return {rows, {ways[0].layer->units(), ways.size() == 2 ? ways[1].layer->units() : 0}};
  }
  std::size_t inputs() const { return ways[0].layer->inputs(); }

  std::vector<Way> ways;
  bool adds_input = false;
  Buffer<Real> joined, d_joined;  ///< [T, B, W] what it hands on, where that is no direction's y
};

template <class Real>
Pass<Real>::Pass(const Network<Real>& network, std::size_t T, std::size_t B,
                 const PassOptions& options, ThreadPool& pool)
    : network_(&network),
      pool_(&pool),
      T_(T),
      B_(B),
      options_(options),
      x_(T * B * Padded<Real>(network.specification().inputs)),
      outputs_(T * B * network.specification().outputs),
      input_(Tensor<const Real>{nullptr, {}}) {
  const Specification& s = network.specification();
  const PassSizes sizes{T, B, options};
  std::size_t scratch = 0;
  for (std::size_t k = 0; k <= s.layers; ++k) {
    Level& level = levels_.emplace_back();
    const JoinSizes<Real> join(s, k, sizes);
    level.joined = Buffer<Real>(join.joined), level.d_joined = Buffer<Real>(join.d_joined);
    level.adds_input = s.residual && k > 0 && k < s.layers;
    for (std::size_t way = 0; way < (k < s.layers ? s.directions() : 1); ++way) {
      const Recurrent<Real>& layer = network.LayerAt(k, way);
      level.ways.emplace_back(network, k, way, sizes, pool.threads());
      Way& last = level.ways.back();
      last.split = layer.SplitFor(last.sizes.T, last.sizes.B, pool.threads());
      scratch = std::max(scratch, ScratchOf(layer, sizes, pool.threads()));
    }
  }
  if (sizes.trains()) d_x_ = Buffer<Real>(x_.size());
  scratch_ = Buffer<Real>(scratch);
}

template <class Real>
Pass<Real>::~Pass() = default;

template <class Real>
const Real* Pass<Real>::InputOf(std::size_t k) const {
  return k == 0 ? x_.data() : levels_[k - 1].out();
}

template <class Real>
void Pass<Real>::CheckInput(const PassInput<Real>& input) const {
  const Specification& s = network_->specification();
  const Shape& shape = s.vocabulary > 0 ? input.symbols.shape : input.x.shape;
  const std::size_t T = std::min(T_, shape.rank() > 0 ? shape[0].size : T_);
  if (s.vocabulary > 0) {
    RequireShape("symbols", {{'T', T}, {'B', B_}}, shape);
  } else {
    RequireShape("x", {{'T', T}, {'B', B_}, {'I', s.inputs}}, shape);
  }
  if (input.dropout.has_value() && options_.kind != PassKind::kTraining) {
    throw std::logic_error("dropout: expected a training pass, found one for inference");
  }
  const bool ids = input.sequence != nullptr;
  if (ids && input.N > options_.N) {
    throw std::logic_error("expected at most " + std::to_string(options_.N) +
                           " sequences, as the pass was made for, found " +
                           std::to_string(input.N));
  }
  if (s.direction != Direction::kForward && (ids ? input.before != nullptr : !begins_)) {
    throw std::logic_error("direction " + std::string(NameOf(s.direction)) +
                           ": expected whole sequences, found rows that carry on a state");
  }
}

/// Sets the states that sequences begin in.
template <class Real>
void Pass<Real>::Begin(const PassInput<Real>& input) {
  const bool ids = input.sequence != nullptr;
  InitialInput<Real> initial = InitialOf(input);
  for (Level& level : levels_) {
    for (Way& way : level.ways) {
      if (way.layer->is_dense()) continue;
      std::swap(way.before, way.after);
      if (!ids && !begins_) continue;
      way.begin->Fill(network_->weights().data(), initial,
                      ids ? way.initial.data() : way.before.data(), *way.room, *pool_);
      if (initial.given != nullptr) {
        initial.given += way.states() * initial.N * way.layer->units();
      }
    }
  }
}

/// What initial states are made of; `given` is that of the first layer.
template <class Real>
InitialInput<Real> Pass<Real>::InitialOf(const PassInput<Real>& input) const {
  const std::size_t N = input.sequence != nullptr ? input.N : B_;
  return {N, input.entity, input.features, input.given};
}

/// Lays down what the first layer reads.
template <class Real>
void Pass<Real>::Read(const PassInput<Real>& input) {
  const std::size_t rows = steps_ * B_, I = network_->specification().inputs;
  if (const auto& embedding = network_->parts().embedding; embedding.has_value()) {
    embedding->Gather(network_->weights().data(), {input.symbols.data, rows}, x_.data(), *pool_);
  } else {
    CopyRows(input.x.data, I, x_.data(), Padded<Real>(I), rows, I);
  }
}

/// Drops some of its outputs, or of their gradient.
template <class Real>
void Pass<Real>::Drop(Way& way, const Real* from, Real* to) {
  way.of_outputs->Apply(*input_.dropout, dropout_steps_, way.layer->units(), from, to, *pool_);
}

/// Says what of this step's numbers is dropped, if any.
template <class Real>
void Pass<Real>::DrawMasks() {
  if (input_.dropout.has_value()) dropout_steps_.Set(steps_, B_, input_.sequence);
  const std::size_t N = input_.sequence != nullptr ? input_.N : B_;
  for (Level& level : levels_) {
    for (Way& way : level.ways) {
      way.drops = input_.dropout.has_value() && way.dropped.size() > 0;
      if (!input_.dropout.has_value() || way.mask.size() == 0) continue;
      way.of_h->FillMask(*input_.dropout, N, way.layer->units(), way.mask.data());
    }
  }
}

template <class Real>
Batch<Real> Pass<Real>::BatchOf(const Way& way, const Real* x) const {
  if (way.layer->is_dense()) return {1, steps_ * B_, 0, x, nullptr, nullptr, nullptr};
  Batch<Real> batch{steps_, B_, input_.N, x, input_.sequence, input_.before, nullptr};
  if (input_.sequence != nullptr) batch.initial = way.initial.data();
  batch.reverse = way.reverse;
  if (input_.dropout.has_value() && way.mask.size() > 0) batch.mask = way.mask.data();
  return batch;
}

template <class Real>
void Pass<Real>::WalkForward(Way& way, const Real* x) {
  Crew<Real> crew{pool_, way.split, scratch_.data()};
  const WalkWeights<Real> weights = way.Weights(network_->weights().data());
  if (!way.layer->is_dense() || way.tape.size() > 0) {
    unroll::Forward(weights, BatchOf(way, x), way.TheStates(), way.y.data(), way.TheTape(), crew);
    return;
  }
  const std::size_t all = steps_ * B_;
  const std::size_t Ip = Padded<Real>(way.layer->inputs()), Op = Padded<Real>(way.layer->units());
  for (std::size_t row = 0; row < all; row += kDenseRows) {
    const Batch<Real> batch{
        1, std::min(kDenseRows, all - row), 0, x + row * Ip, nullptr, nullptr, nullptr};
    Real* y = way.y.data() + row * Op;
    unroll::Forward(weights, batch, States<Real>{y, y}, y, Tape<Real>{nullptr}, crew);
  }
}

template <class Real>
Tensor<const Real> Pass<Real>::Forward(const PassInput<Real>& input) {
  CheckInput(input);
  const bool symbols = network_->specification().vocabulary > 0;
  const std::size_t T = (symbols ? input.symbols.shape : input.x.shape)[0].size, rows = T * B_;
  const std::size_t O = network_->specification().outputs;
  input_ = input, steps_ = T;
  if (input.sequence == nullptr) input_.N = 0;
  Read(input);
  Begin(input);
  DrawMasks();
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    Level& level = levels_[k];
    for (Way& way : level.ways) {
      WalkForward(way, InputOf(k));
      if (way.drops) Drop(way, way.y.data(), way.dropped.data());
    }
    if (level.joined.size() == 0) continue;
    level.Halves(rows).Join(
        {level.ways[0].out(), level.ways.size() == 2 ? level.ways[1].out() : nullptr},
        level.adds_input ? InputOf(k) : nullptr, level.joined.data(), *pool_);
  }
  CopyRows(levels_.back().out(), Padded<Real>(O), outputs_.data(), O, rows, O);
  began_ = std::exchange(begins_, false);
  return {outputs_.data(), {{'T', T}, {'B', B_}, {'O', O}}};
}

template <class Real>
void Pass<Real>::WalkBack(Way& way, const Real* x, std::span<Real> gradients, Real* d_x) {
  const Batch<Real> batch = BatchOf(way, x);
  const WalkWeights<Real> weights = way.Weights(network_->weights().data());
  PackBack(weights, way.w_back.data(), way.u_back.data(), *pool_, way.split);
  way.d_state.Zero();
  if (way.drops) Drop(way, way.d_y.data(), way.d_y.data());
  BackwardExtras<Real> extras;
  if (way.kept.size() > 0) extras.threshold = options_.threshold, extras.kept = way.kept.data();
  Crew<Real> crew{pool_, way.split, scratch_.data()};
  unroll::Backward(
      weights, batch, way.TheStates(), way.y.data(), way.d_y.data(), way.TheTape(),
      BatchGradients<Real>{way.layer->In(gradients.data()), way.d_state.data(),
                           batch.sequence != nullptr ? way.d_initial.data() : nullptr, d_x},
      crew, extras);
}

template <class Real>
void Pass<Real>::Backward(Tensor<const Real> d_outputs, const PassGradients<Real>& gradients) {
  if (options_.kind != PassKind::kTraining || steps_ == 0) {
    throw std::logic_error("Backward: expected a training pass that has just gone forward");
  }
  const std::size_t T = steps_, rows = T * B_;
  const std::size_t I = network_->specification().inputs, O = network_->specification().outputs;
  RequireShape("d_outputs", {{'T', T}, {'B', B_}, {'O', O}}, d_outputs.shape);
  RequireShape("gradients", {{'n', network_->weights().size()}}, {{'n', gradients.weights.size()}});
  CopyRows(d_outputs.data, O, levels_.back().d_out(), Padded<Real>(O), rows, O);
  for (std::size_t k = 0; input_.sequence != nullptr && k < rows; ++k) {
    if (input_.sequence[k] != kIdle) continue;
    std::fill_n(levels_.back().d_out() + k * Padded<Real>(O), O, Real(0));
  }
  const std::optional<Embedding<Real>>& embedding = network_->parts().embedding;
  for (std::size_t k = levels_.size(); k-- > 0;) {
    Level& level = levels_[k];
    const bool wanted = gradients.d_x != nullptr || embedding.has_value();
    Real* d_input = k > 0 ? levels_[k - 1].d_out() : wanted ? d_x_.data() : nullptr;
    if (level.d_joined.size() > 0) {
      level.Halves(rows).Part(
          level.d_joined.data(),
          {level.ways[0].d_y.data(), level.ways.size() == 2 ? level.ways[1].d_y.data() : nullptr},
          *pool_);
    }
    for (Way& way : level.ways) {
      const bool second = &way != &level.ways[0];
      Real* d_x = second && d_input != nullptr ? way.d_second.data() : d_input;
      WalkBack(way, InputOf(k), gradients.weights, d_x);
      if (second && d_input != nullptr) AddRows(rows, level.inputs(), d_x, d_input, *pool_);
    }
    if (level.adds_input) AddRows(rows, level.inputs(), level.d_out(), d_input, *pool_);
  }
  if (embedding.has_value()) {
    embedding->ScatterAdd({input_.symbols.data, rows}, d_x_.data(), gradients.weights.data(),
                          *pool_);
  }
  AddInitialGradients(gradients.weights.data());
  if (gradients.d_x != nullptr) CopyRows(d_x_.data(), Padded<Real>(I), gradients.d_x, I, rows, I);
  if (gradients.d_given != nullptr) GiveInitial(gradients.d_given);
  if (options_.threshold.kind != Threshold::Kind::kNone) Report();
  steps_ = 0;
}

/// Sends the gradient by the states that sequences began in to what those are made of.
template <class Real>
void Pass<Real>::AddInitialGradients(Real* gradients) {
  const bool ids = input_.sequence != nullptr;
  if (!ids && !began_) return;  // the state was carried: truncated
  for (Level& level : levels_) {
    for (Way& way : level.ways) {
      if (way.layer->is_dense()) continue;
      way.begin->AddGradient(network_->weights().data(), InitialOf(input_),
                             ids ? way.d_initial.data() : way.d_state.data(), gradients, *way.room,
                             *pool_);
    }
  }
}

/// The gradient by the states that sequences began in.
template <class Real>
void Pass<Real>::GiveInitial(Real* to) const {
  const bool ids = input_.sequence != nullptr;
  const std::size_t N = ids ? input_.N : B_;
  for (const Level& level : levels_) {
    for (const Way& way : level.ways) {
      if (way.layer->is_dense()) continue;
      const std::size_t H = way.layer->units(), rows = way.states() * N;
      const Real* from = ids ? way.d_initial.data() : way.d_state.data();
      CopyRows(from, Padded<Real>(H), to, H, rows, H);
      if (!ids && !began_) std::fill_n(to, rows * H, Real(0));  // it was carried, not given
      to += rows * H;
    }
  }
}

template <class Real>
void Pass<Real>::Report() {
  report_.clear();
  const std::vector<TensorName> names = StatesOf(network_->specification());
  const std::size_t rows = steps_ * B_;
  for (const Level& level : levels_) {
    for (const Way& way : level.ways) {
      for (std::size_t state = 0; state < way.states() && way.kept.size() > 0; ++state) {
        ThresholdReport report{names[report_.size()].name, 0, 0, 0};
        const Real* kept = way.kept.data() + state * rows;
        for (std::size_t k = 0; k < rows; ++k) {
          if (input_.sequence != nullptr && input_.sequence[k] == kIdle) continue;
          ++report.steps;
          report.acted += kept[k] < Real(1);
          report.kept += static_cast<double>(kept[k]);
        }
        report.kept = report.steps > 0 ? report.kept / static_cast<double>(report.steps) : 1;
        report_.push_back(std::move(report));
      }
    }
  }
}

template <class Real>
void Pass<Real>::Reset() {
  begins_ = true;
  for (Level& level : levels_) {
    for (Way& way : level.ways) way.after.Zero();
  }
}

template <class Real>
std::vector<Real> Pass<Real>::SaveState() const {
  std::vector<Real> state;
  for (const Level& level : levels_) {
    for (const Way& way : level.ways) {
      const std::size_t H = way.layer->units(), rows = way.after.size() / Padded<Real>(H);
      state.resize(state.size() + rows * H);
      CopyRows(way.after.data(), Padded<Real>(H), state.data() + state.size() - rows * H, H, rows,
               H);
    }
  }
  return state;
}

template <class Real>
void Pass<Real>::LoadState(std::span<const Real> state) {
  RequireShape("state", {{'n', SaveState().size()}}, {{'n', state.size()}});
  begins_ = std::all_of(state.begin(), state.end(), [](Real number) { return number == Real(0); });
  const Direction direction = network_->specification().direction;
  if (direction != Direction::kForward && !begins_) {
    throw std::logic_error("direction " + std::string(NameOf(direction)) +
                           ": expected no state, for none is carried");
  }
  for (Level& level : levels_) {
    for (Way& way : level.ways) {
      const std::size_t H = way.layer->units(), rows = way.after.size() / Padded<Real>(H);
      CopyRows(state.data(), H, way.after.data(), Padded<Real>(H), rows, H);
      state = state.subspan(rows * H);
    }
  }
}

template <class Real>
void Pass<Real>::ForceSplit(Split split) {
  for (Level& level : levels_) {
    for (Way& way : level.ways) way.split = split;
  }
}

template class Pass<float>;
template class Pass<double>;

}  // namespace unroll
