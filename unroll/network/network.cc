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
  const char* head = specification.tied ? "embedding.weight" : "head.weight";
  visit(parts.layers.back(), PlainWeights<Number>{at(head), nullptr, at("head.bias"), nullptr});
}

template <class Real>
Real* Numbers(std::span<NamedTensor> tensors, const std::string& name) {
  for (NamedTensor& tensor : tensors) {
    if (tensor.name == name) return std::get<std::vector<Real>>(tensor.values).data();
  }
  throw std::logic_error("no tensor " + name);
}

/// Copies the rows of a table, each `from_stride` numbers behind the one before.
template <class Real>
void CopyTable(const Table& table, const Real* from, std::size_t from_stride, Real* to,
               std::size_t to_stride) {
  for (std::size_t row = 0; row < table.rows; ++row) {
    std::copy_n(from + row * from_stride, table.width, to + row * to_stride);
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
  const auto add = [&](const TensorName& tensor) {
    const std::size_t rows = tensor.dims.size() == 1 ? 1 : tensor.dims[0];
    const std::size_t width = tensor.dims.back();
    tables.push_back({tensor.name, rows, width, layout.Reserve(rows * Padded<Real>(width))});
  };
  for (const TensorName& tensor : ExpectedTensors(s)) {
    if (tensor.name.rfind("initial.", 0) == 0 || (tensor.name == "embedding.weight" && !s.tied))
      add(tensor);
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
  for (const Table& table : parts_.tables) {
    if (table.name != "embedding.weight") continue;  // initial states begin at zero
    Random random(seed, Purpose::kWeights, kEmbeddingIndex);
    Real* numbers = Numbers<Real>(tensors, table.name);
    for (std::size_t i = 0; i < table.rows * table.width; ++i) {
      numbers[i] = static_cast<Real>(random.Normal());
    }
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
  for (const Table& table : parts_.tables) {
    CopyTable(table, packed.data() + table.offset, Padded<Real>(table.width),
              Numbers<Real>(tensors, table.name), table.width);
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
  for (const Table& table : parts_.tables) {
    CopyTable(table, numbers.at(table.name), table.width, packed.data() + table.offset,
              Padded<Real>(table.width));
  }
}

template struct Parts<float>;
template struct Parts<double>;
template class Network<float>;
template class Network<double>;

}  // namespace unroll
