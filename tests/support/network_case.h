// A small whole network with random weights, and a batch with or without ids that it learns from.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/gradient_check.h"
#include "tests/support/random_numbers.h"
#include "unroll/network/pass.h"

namespace unroll::test {

inline constexpr std::size_t kT = 6, kB = 2, kO = 7, kEntities = 3, kFeatures = 2;

inline std::vector<double> Normals(std::size_t count, std::uint64_t seed) {
  const Buffer<double> numbers = RandomNumbers<double>(count, seed);
  return {numbers.span().begin(), numbers.span().end()};
}

inline Specification SmallNetwork() {
  Specification s;
  s.precision = Precision::kFp64;
  s.inputs = 5, s.hidden = 5, s.layers = 2, s.outputs = kO;
  return s;
}

/// Takes any specification of kO outputs, 5 inputs and layers of 5 units.
struct NetworkCase {
  /// With ids there are 5 sequences: 3 in row 0 with idle steps between, 1 carried into row 1 and
  /// then another, and 1 that never occurs.
  NetworkCase(const Specification& s, bool with_ids, int threads = 1)
      : ids(with_ids),
        network(s),
        pass(
            network, kT, kB,
            [&] {
              PassOptions options(PassKind::kTraining);
              options.N = with_ids ? 6 : 0;
              return options;
            }(),
            PoolOf(threads)),
        gradients(network.weights().size()) {
    network.Initialise(5);
    weights = network.Unpack(network.weights());
    for (NamedTensor& tensor : weights) {  // initial states begin at zero: stir them
      auto& values = std::get<std::vector<double>>(tensor.values);
      Random random(values.size(), Purpose::kTest);
      for (double& value : values) value += 0.3 * random.Normal();
    }
    network.Pack(weights, network.weights());
    if (s.vocabulary == 0) x = Normals(kT * kB * s.inputs, 1);
    d_outputs = Normals(kT * kB * kO, 2);
    for (std::size_t k = 0; k < kT * kB && with_ids; ++k) {
      if (sequence[k] == kIdle) std::fill_n(&d_outputs[k * kO], kO, 0.0);
    }
    features = Normals(6 * kFeatures, 3);
    for (const TensorName& state : StatesOf(s)) given_size += state.dims[0] * N();
    given = Normals(given_size, 4);
  }
  std::size_t N() const { return ids ? 6 : kB; }

  PassInput<double> Input() const {
    const Specification& s = network.specification();
    PassInput<double> input =
        s.vocabulary > 0
            ? PassInput<double>(Tensor<const std::int32_t>{symbols.data(), {{'T', kT}, {'B', kB}}})
            : PassInput<double>(
                  Tensor<const double>{x.data(), {{'T', kT}, {'B', kB}, {'I', s.inputs}}});
    if (ids) {
      input.sequence = sequence.data(), input.N = N();
      if (s.direction == Direction::kForward) input.before = before.data();
    }
    input.entity = entity.data(), input.features = features.data(), input.given = given.data();
    if (s.dropout > 0 || s.recurrent_dropout > 0) input.dropout = key;
    return input;
  }
  double Error() {
    network.Pack(weights, network.weights());
    pass.Reset();
    const Tensor<const double> y = pass.Forward(Input());
    double error = 0;
    for (std::size_t i = 0; i < y.size(); ++i) error += y[i] * d_outputs[i];
    return error;
  }
  void Backward(std::vector<double>* d_x = nullptr, std::vector<double>* d_given = nullptr) {
    gradients.Zero();
    PassGradients<double> wanted{gradients.span()};
    if (d_x != nullptr) d_x->resize(x.size()), wanted.d_x = d_x->data();
    if (d_given != nullptr) d_given->resize(given_size), wanted.d_given = d_given->data();
    pass.Backward({d_outputs.data(), {{'T', kT}, {'B', kB}, {'O', kO}}}, wanted);
  }

  /// The largest error of any tensor's gradient, relative to the largest gradient of all.
  double WorstOfWeights() {
    Error();
    Backward();
    double largest = 0, worst = 0;
    for (const double g : gradients.span()) largest = std::max(largest, std::abs(g));
    const std::vector<NamedTensor> found = network.Unpack(gradients.span());
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (weights[k].name.find("bias_hh") != std::string::npos) continue;  // folded into bias_ih
      auto& values = std::get<std::vector<double>>(weights[k].values);
      const std::span<const double> g = found[k].As<double>();
      double most = 0;
      for (const double one : g) most = std::max(most, std::abs(one));
      const double error = WorstError(
          values.data(), g.data(), values.size(), [&] { return Error(); },
          [](std::size_t) { return true; });
      worst = std::max(worst, error * (most > 0 ? most : 1) / largest);
    }
    return worst;
  }

  bool ids;
  Network<double> network;
  Pass<double> pass;
  Buffer<double> gradients;
  std::vector<NamedTensor> weights;
  std::vector<double> x, d_outputs, features, given;
  std::size_t given_size = 0;
  std::vector<std::int32_t> symbols = {3, 1, 3, 6, 0, kIdle, kIdle, 2, 3, 6, 1, 0};
  std::vector<std::int32_t> sequence = {0, 1, 0, 1, kIdle, kIdle, kIdle, 4, 2, 4, 5, 4};
  std::vector<std::int32_t> before = {kIdle, 1};
  std::vector<std::int32_t> entity = {2, 0, 2, 1, 0, 2};
  DropoutKey key{7, 3};
};

}  // namespace unroll::test
