#include "unroll/network/network.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace unroll {
namespace {

/// The specification, once it is known to be sound.
const Specification& Checked(const Specification& specification) {
  const Result<void> sound = CheckSpecification(specification);
  if (!sound) throw std::logic_error(sound.error().Message());
  return specification;
}

/// The tensors of one layer in the order of ExpectedTensors: two weights and two biases of a
/// recurrent layer, weight and bias of the head.
template <class Real>
struct LayerTensors {
  explicit LayerTensors(const Recurrent<Real>& layer)
      : has_recurrence(layer.cell().recurrent_sums > 0) {}
  std::size_t count() const { return has_recurrence ? 4 : 2; }

  /// `at(i)` is the i-th of them.
  template <class Number, class At>
  PlainWeights<Number> Plain(const At& at) const {
    if (has_recurrence) return {at(0), at(1), at(2), at(3)};
    return {at(0), nullptr, at(1), nullptr};
  }
  bool has_recurrence;
};

}  // namespace

template <class Real>
Network<Real>::Network(const Specification& specification)
    : specification_(Checked(specification)) {
  Layout<Real> layout;
  const CellFacts& cell = *FindCell(specification_.cell);
  std::size_t inputs = specification_.inputs;
  layers_.reserve(specification_.layers + 1);
  for (std::uint64_t k = 0; k < specification_.layers; ++k) {
    layers_.emplace_back(cell, inputs, specification_.hidden, layout);
    inputs = specification_.hidden;
  }
  layers_.emplace_back(LinearCell(), inputs, specification_.outputs, layout);
  weights_ = Buffer<Real>(layout.total());
}

template <class Real>
void Network<Real>::Initialise(std::uint64_t seed) {
  std::vector<NamedTensor> tensors = Unpack(weights_.span());
  std::size_t first = 0;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Recurrent<Real>& layer = layers_[k];
    const LayerTensors<Real> own(layer);
    const PlainWeights<Real> plain = own.template Plain<Real>([&](std::size_t i) {
      return std::get<std::vector<Real>>(tensors[first + i].values).data();
    });
    first += own.count();
    Random random(seed, Purpose::kWeights, k);
    if (k + 1 < layers_.size()) {
      InitialiseRecurrent(layer.cell(), layer.inputs(), layer.units(), specification_.forget_bias,
                          random, plain);
    } else {
      InitialiseDense(layer.inputs(), layer.units(), random, plain);
    }
  }
  Pack(tensors, weights_.span());
}

template <class Real>
std::vector<NamedTensor> Network<Real>::Unpack(std::span<const Real> packed,
                                               std::string_view prefix) const {
  std::vector<NamedTensor> tensors;
  for (TensorName& tensor : ExpectedTensors(specification_)) {
    const std::uint64_t count = NumbersIn(tensor.dims);
    tensors.push_back(
        {std::string(prefix) + tensor.name, std::move(tensor.dims), std::vector<Real>(count)});
  }
  std::size_t first = 0;
  for (const Recurrent<Real>& layer : layers_) {
    const LayerTensors<Real> own(layer);
    layer.Unpack(packed.data(), own.template Plain<Real>([&](std::size_t i) {
      return std::get<std::vector<Real>>(tensors[first + i].values).data();
    }));
    first += own.count();
  }
  return tensors;
}

template <class Real>
void Network<Real>::Pack(std::span<const NamedTensor> tensors, std::span<Real> packed,
                         std::string_view prefix) const {
  const std::vector<TensorName> expected = ExpectedTensors(specification_);
  const auto numbers = [&](const TensorName& wanted) {
    const NamedTensor* found = Find(tensors, std::string(prefix) + wanted.name);
    if (found == nullptr) throw std::logic_error("no tensor " + std::string(prefix) + wanted.name);
    if (found->dims != wanted.dims) {
      throw std::logic_error(found->name + ": expected " + DimsInWords(wanted.dims) + ", found " +
                             DimsInWords(found->dims));
    }
    return found->template As<Real>().data();
  };
  std::size_t first = 0;
  for (const Recurrent<Real>& layer : layers_) {
    const LayerTensors<Real> own(layer);
    layer.Pack(
        own.template Plain<const Real>([&](std::size_t i) { return numbers(expected[first + i]); }),
        packed.data());
    first += own.count();
  }
}

template class Network<float>;
template class Network<double>;

}  // namespace unroll
