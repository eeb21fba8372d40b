// A small model with numbers that are easily lost: -0, subnormals, the largest, and its files.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_files.h"
#include "unroll/base/random.h"
#include "unroll/cells/cells.h"
#include "unroll/model/checkpoint.h"
#include "unroll/model/model.h"

namespace unroll::test {

template <class Real>
std::vector<Real> HardNumbers(std::uint64_t count, std::uint64_t seed) {
  using Limits = std::numeric_limits<Real>;
  Random random(seed, Purpose::kTest);
  std::vector<Real> values(count);
  for (Real& value : values) value = static_cast<Real>(random.Normal());
  const Real hard[] = {-Real(0), Limits::denorm_min(), -Limits::min() / 2, Limits::max(),
                       Real(0.1)};
  for (std::size_t i = 0; i < std::size(hard) && i < count; ++i) values[i] = hard[i];
  return values;
}

inline NamedTensor HardTensor(std::string name, std::vector<std::uint64_t> dims,
                              Precision precision, std::uint64_t seed) {
  std::uint64_t count = 1;
  for (const std::uint64_t dim : dims) count *= dim;
  NamedTensor tensor{std::move(name), std::move(dims), {}};
  if (precision == Precision::kFp64) {
    tensor.values = HardNumbers<double>(count, seed);
  } else {
    tensor.values = HardNumbers<float>(count, seed);
  }
  return tensor;
}

/// I 2, H 3, O 2; second biases are 0 where they are folded, as after reading.
inline Model SmallModel(Precision precision = Precision::kFp32, std::uint64_t layers = 1,
                        const CellFacts& cell = *FindCell("lstm")) {
  Model model;
  model.specification.cell = cell.name;
  model.specification.inputs = 2;
  model.specification.hidden = cell.reads_input ? 2 : 3;
  model.specification.layers = layers;
  model.specification.outputs = 2;
  model.specification.forget_bias = 0.1;
  model.specification.precision = precision;
  model.scaling.emplace();
  model.scaling->logarithm = true;
  model.scaling->season = 12;
  model.scaling->input_mean = {-0.0, 1.0 / 3};
  model.scaling->input_sd = {5e-324, 1};
  model.scaling->target_mean = {-1e-300, 123456789.123456789};
  model.scaling->target_sd = {std::numeric_limits<double>::max(), 0.1};
  model.provenance = {{"data", "air \"passengers\".csv"}, {"version", "0.1.0"}};
  std::uint64_t seed = 0;
  for (const TensorName& expected : ExpectedTensors(model.specification)) {
    model.weights.push_back(HardTensor(expected.name, expected.dims, precision, ++seed));
    if (expected.name.rfind("rnn.bias_hh", 0) != 0) continue;
    const std::uint64_t H = model.specification.hidden[0];
    std::visit(
        [&](auto& values) {
          for (std::size_t row = 0; row < values.size(); ++row) {
            if (AddsItsBiases(cell, static_cast<int>(row / H))) values[row] = 0;
          }
        },
        model.weights.back().values);
  }
  return model;
}

inline Checkpoint SmallCheckpoint(Precision precision = Precision::kFp32) {
  Checkpoint checkpoint;
  checkpoint.model = SmallModel(precision);
  std::uint64_t seed = 100;
  for (const char* group : {"adam.m.", "adam.v.", "best."}) {
    for (const TensorName& weight : ExpectedTensors(checkpoint.model.specification)) {
      checkpoint.extra.push_back(HardTensor(group + weight.name, weight.dims, precision, ++seed));
    }
  }
  checkpoint.extra.push_back(HardTensor("state.h_l0", {1, 3}, precision, ++seed));
  checkpoint.training.step = std::numeric_limits<std::uint64_t>::max();
  checkpoint.training.best_validation = 0.1 + 0.2;
  checkpoint.training.seed = (std::uint64_t{1} << 53) + 1;
  checkpoint.training.data_checksum = "0123";
  checkpoint.settings = {{"--lr", "0.003"}, {"--clip", "1"}};
  return checkpoint;
}

/// What the write function `write(files, path)` puts into a file.
template <class Write>
std::string BytesOf(const Write& write) {
  FakeFiles files;
  const auto written = write(files, "m");
  if (!written) throw std::runtime_error(written.error().Message());
  return files.Now().at("m");
}
inline std::string BytesOf(const Model& model) {
  return BytesOf(
      [&](FileSystem& files, const char* path) { return WriteModel(files, path, model); });
}
inline std::string BytesOf(const Checkpoint& checkpoint) {
  return BytesOf([&](FileSystem& files, const char* path) {
    return WriteCheckpoint(files, path, checkpoint);
  });
}

/// The bytes of all tensors, to compare to the bit.
inline std::string BitsOf(const std::vector<NamedTensor>& tensors) {
  std::string bits;
  for (const NamedTensor& tensor : tensors) {
    bits += tensor.name + DimsInWords(tensor.dims);
    std::visit(
        [&](const auto& values) {
          bits.append(reinterpret_cast<const char*>(values.data()),
                      values.size() * sizeof(values[0]));
        },
        tensor.values);
  }
  return bits;
}

}  // namespace unroll::test
