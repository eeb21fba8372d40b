#include "unroll/train/not_finite.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "unroll/train/carried_state.h"

namespace unroll {

std::string InWords(const NotFinite& number) {
  std::string words = number.what;
  if (number.row) words += " of row " + std::to_string(*number.row);
  if (number.t) words += " at t " + std::to_string(*number.t);
  return words;
}

namespace {

template <class Real>
bool IsBad(Real number) {
  return !std::isfinite(number);
}

/// The first bad number of `tensor` [T, B, n], among those that `counts(i)`.
template <class Real, class Counts>
std::optional<NotFinite> FindIn(const char* what, Tensor<const Real> tensor, const Counts& counts) {
  const std::size_t B = tensor.shape[1].size, width = tensor.shape[2].size;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    if (IsBad(tensor[i]) && counts(i)) return NotFinite{what, i / width % B, i / width / B};
  }
  return std::nullopt;
}

template <class Real>
std::optional<NotFinite> FindInState(const Network<Real>& network, std::size_t B,
                                     const std::vector<Real>& state) {
  const std::vector<TensorName> names = StateTensors(network, B);
  for (const NamedTensor& tensor : StateToTensors<Real>(names, state)) {
    const std::span<const Real> numbers = tensor.As<Real>();
    const auto bad = std::find_if(numbers.begin(), numbers.end(), IsBad<Real>);
    if (bad == numbers.end()) continue;
    const auto at = static_cast<std::size_t>(bad - numbers.begin());
    return NotFinite{tensor.name, at / tensor.dims[1], std::nullopt};
  }
  return std::nullopt;
}

/// The first target that counts and is none for this loss.
template <class Real>
std::optional<NotFinite> FindTarget(const Loss<Real>& loss, const Stretch<Real>& stretch) {
  const std::size_t B = stretch.target.shape[1].size, width = stretch.target.shape[2].size;
  for (std::size_t i = 0; i < stretch.target.size(); ++i) {
    if (stretch.mask[i] == Real(0) || loss.Takes(stretch.target[i])) continue;
    return NotFinite{"target", i / width % B, i / width / B};
  }
  return std::nullopt;
}

/// The first outputs whose own error is not finite.
template <class Real>
NotFinite FindInLoss(const Loss<Real>& loss, const WalkedStretch<Real>& walked) {
  const std::size_t T = walked.outputs.shape[0].size, B = walked.outputs.shape[1].size;
  for (std::size_t i = 0; i < T * B; ++i) {
    const auto part = [i](Tensor<const Real> all) {
      const std::size_t n = all.shape[2].size;
      return Tensor<const Real>{all.data + i * n, {{'T', 1}, {'B', 1}, {'O', n}}};
    };
    const Tensor<const Real> outputs = part(walked.outputs);
    const Judged<Real> judged{outputs, part(walked.stretch.target), part(walked.stretch.mask)};
    if (IsBad(loss.Evaluate(judged, Reduction::kSum, {nullptr, outputs.shape}))) {
      return {"loss", i % B, i / B};
    }
  }
  return {"loss", std::nullopt, std::nullopt};
}

/// The first row whose gradient by the input is not finite; walks again to see it.
template <class Real>
std::optional<std::size_t> FindRowOnTheWayBack(const WalkedStretch<Real>& walked,
                                               Pass<Real>& pass) {
  const Tensor<const Real> x = walked.stretch.x;
  std::vector<Real> d_x(x.size());
  if (walked.stretch.begins) {
    pass.Reset();
  } else {
    pass.LoadState(walked.before);
  }
  pass.Forward(walked.input);
  pass.Backward(walked.d_outputs, walked.gradients, d_x.data());
  const auto found = FindIn<Real>("", {d_x.data(), x.shape}, [](std::size_t) { return true; });
  return found ? found->row : std::nullopt;
}

/// The first of `tensors`, by name, with a bad number.
template <class Real>
std::string FindName(const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& tensor : tensors) {
    const std::span<const Real> numbers = tensor.As<Real>();
    if (std::any_of(numbers.begin(), numbers.end(), IsBad<Real>)) return tensor.name;
  }
  return "";
}

}  // namespace

template <class Real>
NotFinite FindInWalk(const Network<Real>& network, const Loss<Real>& loss,
                     const WalkedStretch<Real>& walked, Pass<Real>& pass) {
  const Stretch<Real>& stretch = walked.stretch;
  const auto all = [](std::size_t) { return true; };
  if (auto found = FindIn("input", stretch.x, all)) return *found;
  const std::size_t B = stretch.x.shape[1].size;
  if (auto found = FindInState(network, B, walked.after)) return *found;
  if (auto found = FindIn("output", walked.outputs, all)) return *found;
  if (auto found = FindTarget(loss, stretch)) return *found;
  if (IsBad(walked.loss)) return FindInLoss(loss, walked);
  if (auto found = FindIn("gradient of the output", walked.d_outputs, all)) return *found;
  std::vector<NamedTensor> gradients = network.Unpack(std::span<const Real>(walked.gradients));
  std::reverse(gradients.begin(), gradients.end());  // as the walk back meets them
  const std::string name = FindName<Real>(gradients);
  if (name.empty()) return {"norm of the gradient", std::nullopt, std::nullopt};
  return {"gradient of " + name, FindRowOnTheWayBack(walked, pass), std::nullopt};
}

template <class Real>
NotFinite FindInUpdate(const Network<Real>& network, const Optimizer<Real>& optimizer,
                       const OptimizerOptions& options) {
  std::string name = FindName<Real>(network.Unpack(network.weights()));
  const std::vector<std::string> moments = MomentNames(options);
  for (std::size_t k = 0; name.empty() && k < moments.size(); ++k) {
    name = FindName<Real>(network.Unpack(optimizer.moment(k), moments[k] + "."));
  }
  return {"updated " + name, std::nullopt, std::nullopt};
}

#define UNROLL_INSTANTIATE(Real)                                                \
  template NotFinite FindInWalk(const Network<Real>&, const Loss<Real>&,        \
                                const WalkedStretch<Real>&, Pass<Real>&);       \
  template NotFinite FindInUpdate(const Network<Real>&, const Optimizer<Real>&, \
                                  const OptimizerOptions&);
UNROLL_INSTANTIATE(float)
UNROLL_INSTANTIATE(double)
#undef UNROLL_INSTANTIATE

}  // namespace unroll
