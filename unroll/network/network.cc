#include "unroll/network/network.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace unroll {
namespace {

/// Where the embedding's random numbers are drawn: behind those of any number of layers.
constexpr std::uint64_t kEmbeddingIndex = std::uint64_t{1} << 32;
constexpr const char* kEmbedding = "embedding.weight";

/// The specification, once it is known to be sound.
const Specification& Checked(const Specification& specification) {
  const Result<void> sound = CheckSpecification(specification);
  if (!sound) throw std::logic_error(sound.error().Message());
  return specification;
}

/// A layer's tensors by their names, which `at` finds; null for those that it has no use for.
template <class Number, class At>
PlainWeights<Number> PlainOf(const CellFacts& cell, const std::string& suffix, const At& at) {
  PlainWeights<Number> plain{};
  for (const TensorName& tensor : LayerTensors(cell, 1, 1, suffix)) {
    const auto is = [&](const char* name) { return tensor.name == "rnn." + (name + suffix); };
    Number*& place = is("weight_ih")   ? plain.weight_ih
                     : is("weight_hh") ? plain.weight_hh
                     : is("bias_ih")   ? plain.bias_ih
                     : is("bias_hh")   ? plain.bias_hh
                                       : plain.weight_peephole;
    place = at(tensor.name);
  }
  return plain;
}

/// Calls visit(layer, its weights in PyTorch's layout) for every layer; the head comes last.
template <class Number, class Real, class At, class Visit>
void ForEachLayer(const Specification& specification, const Parts<Real>& parts, const At& at,
                  const Visit& visit) {
  const auto ways = static_cast<std::size_t>(specification.directions());
  for (std::size_t i = 0; i + 1 < parts.layers.size(); ++i) {
    const std::string suffix = SuffixOf(i / ways, IsReverse(specification, i % ways));
    visit(parts.layers[i], PlainOf<Number>(parts.layers[i].cell(), suffix, at));
  }
  const char* head = specification.tied ? kEmbedding : "head.weight";
  visit(parts.layers.back(), PlainWeights<Number>{at(head), nullptr, at("head.bias"), nullptr});
}

template <class Real>
Real* Numbers(std::span<NamedTensor> tensors, const std::string& name) {
  for (NamedTensor& tensor : tensors) {
    if (tensor.name == name) return std::get<std::vector<Real>>(tensor.values).data();
  }
  throw std::logic_error("no tensor " + name);
}

/// Calls visit(initial state, its tensors in PyTorch's layout), which `at` finds, for every layer
/// that has some.
template <class Number, class Real, class At, class Visit>
void ForEachInitial(const Specification& specification, const Parts<Real>& parts, const At& at,
                    const Visit& visit) {
  const std::vector<TensorName> names = InitialTensors(specification);
  std::size_t next = 0;
  for (const InitialState<Real>& initial : parts.initial) {
    std::vector<Number*> tensors;
    for (std::size_t i = 0; i < initial.states() * initial.tensors_per_state(); ++i) {
      tensors.push_back(at(names[next++].name));
    }
    visit(initial, tensors);
  }
}

}  // namespace

template <class Real>
Parts<Real>::Parts(const Specification& specification) {
  const Specification& s = Checked(specification);
  const CellFacts& cell = *FindCell(s.cell);
  for (std::size_t k = 0; k < s.layers; ++k) {
    for (std::uint64_t way = 0; way < s.directions(); ++way) {
      layers.emplace_back(cell, s.InputsOf(k), s.hidden[k], layout, s.options());
    }
  }
  layers.emplace_back(LinearCell(), s.InputsOf(s.layers), s.outputs, layout);
  const std::uint64_t choices = s.initial == Initial::kEntity ? s.entities : s.static_inputs;
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    initial.emplace_back(s.initial, static_cast<std::size_t>(cell.states), layers[i].units(),
                         choices, layout);
  }
  if (s.tied) {
    embedding.emplace(layers.back());
  } else if (s.vocabulary > 0) {
    embedding.emplace(s.vocabulary, s.inputs, layout);
  }
}

template <class Real>
Network<Real>::Network(const Specification& specification)
    : specification_(specification), parts_(specification), weights_(parts_.layout.total()) {}

template <class Real>
void Network<Real>::Initialise(std::uint64_t seed) {
  weights_.Zero();
  std::vector<NamedTensor> tensors = Unpack(weights_.span());
  std::uint64_t index = 0;
  if (specification_.vocabulary > 0 && !specification_.tied) {  // initial states begin at zero
    Random random(seed, Purpose::kWeights, kEmbeddingIndex);
    InitialiseEmbedding(specification_.vocabulary, specification_.inputs, random,
                        Numbers<Real>(tensors, kEmbedding));
  }
  ForEachLayer<Real>(
      specification_, parts_, [&](const std::string& name) { return Numbers<Real>(tensors, name); },
      [&](const Recurrent<Real>& layer, const PlainWeights<Real>& plain) {
        Random random(seed, Purpose::kWeights, index++);
        if (layer.is_dense()) {
          InitialiseDense(layer.inputs(), layer.units(), random, plain);
        } else {
          InitialiseRecurrent(layer.cell(), layer.inputs(), layer.units(),
                              specification_.forget_bias, random, plain);
        }
      });
  Pack(tensors, weights_.span());
}

template <class Real>
std::vector<NamedTensor> Network<Real>::Unpack(std::span<const Real> packed,
                                               std::string_view prefix) const {
  std::vector<NamedTensor> tensors;
  for (TensorName& tensor : ExpectedTensors(specification_)) {
    const std::uint64_t count = NumbersIn(tensor.dims);
    tensors.push_back({std::move(tensor.name), std::move(tensor.dims), std::vector<Real>(count)});
  }
  ForEachLayer<Real>(
      specification_, parts_, [&](const std::string& name) { return Numbers<Real>(tensors, name); },
      [&](const Recurrent<Real>& layer, const PlainWeights<Real>& plain) {
        layer.Unpack(packed.data(), plain);
      });
  ForEachInitial<Real>(
      specification_, parts_, [&](const std::string& name) { return Numbers<Real>(tensors, name); },
      [&](const InitialState<Real>& initial, std::span<Real* const> plain) {
        initial.Unpack(packed.data(), plain);
      });
  if (specification_.vocabulary > 0 && !specification_.tied) {
    parts_.embedding->Unpack(packed.data(), Numbers<Real>(tensors, kEmbedding));
  }
  for (NamedTensor& tensor : tensors) tensor.name.insert(0, prefix);
  return tensors;
}

template <class Real>
void Network<Real>::Pack(std::span<const NamedTensor> tensors, std::span<Real> packed,
                         std::string_view prefix) const {
  std::map<std::string, const Real*> numbers;
  for (const TensorName& wanted : ExpectedTensors(specification_)) {
    const NamedTensor* found = Find(tensors, std::string(prefix) + wanted.name);
    if (found == nullptr) throw std::logic_error("no tensor " + std::string(prefix) + wanted.name);
    if (found->dims != wanted.dims) {
      throw std::logic_error(found->name + ": expected " + DimsInWords(wanted.dims) + ", found " +
                             DimsInWords(found->dims));
    }
    numbers[wanted.name] = found->template As<Real>().data();
  }
  ForEachLayer<const Real>(
      specification_, parts_, [&](const std::string& name) { return numbers.at(name); },
      [&](const Recurrent<Real>& layer, const PlainWeights<const Real>& plain) {
        layer.Pack(plain, packed.data());
      });
  ForEachInitial<const Real>(
      specification_, parts_, [&](const std::string& name) { return numbers.at(name); },
      [&](const InitialState<Real>& initial, std::span<const Real* const> plain) {
        initial.Pack(plain, packed.data());
      });
  if (specification_.vocabulary > 0 && !specification_.tied) {
    parts_.embedding->Pack(numbers.at(kEmbedding), packed.data());
  }
}

template struct Parts<float>;
template struct Parts<double>;
template class Network<float>;
template class Network<double>;

}  // namespace unroll
