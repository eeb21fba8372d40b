// What a network promises as a whole: its gradients, its names, and that it streams as it walks.
#include "unroll/network/network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "unroll/kernels/instruction_sets.h"
#include "unroll/network/pass.h"
#include "unroll/network/stream.h"

namespace unroll {
namespace {

Specification SmallNetwork(Precision precision) {
  Specification specification;
  specification.inputs = 3, specification.hidden = 9, specification.layers = 2;
  specification.outputs = 4, specification.precision = precision;
  return specification;
}

template <class Real>
std::vector<Real> RandomNumbers(std::size_t count, std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  std::vector<Real> numbers(count);
  for (Real& number : numbers) number = static_cast<Real>(random.Normal());
  return numbers;
}

/// The sum of outputs x d_outputs over a walk of T steps, of which the gradient is d_outputs.
double Loss(const Network<double>& network, ThreadPool& pool, Tensor<const double> x,
            const std::vector<double>& d_outputs) {
  Pass<double> pass(network, x.shape[0].size, x.shape[1].size, PassKind::kInference, pool);
  const Tensor<const double> y = pass.Forward(x);
  double loss = 0;
  for (std::size_t i = 0; i < y.size(); ++i) loss += y[i] * d_outputs[i];
  return loss;
}

/// Five-point central difference of loss() by `number`.
template <class LossOf>
double Slope(double& number, const LossOf& loss) {
  const double kept = number, e = 1e-3;
  double at[4];
  int i = 0;
  for (const double step : {-2.0, -1.0, 1.0, 2.0}) {
    number = kept + step * e;
    at[i++] = loss();
  }
  number = kept;
  return (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * e);
}

TEST(NetworkTest, GradientsOfTheWholeNetworkAreThoseOfDifferences) {
  Network<double> network(SmallNetwork(Precision::kFp64));
  network.Initialise(5);
  ThreadPool pool(2);
  const std::size_t T = 6, B = 3, I = 3, O = 4;
  std::vector<double> x = RandomNumbers<double>(T * B * I, 1);
  const std::vector<double> d_outputs = RandomNumbers<double>(T * B * O, 2);
  const Tensor<const double> input{x.data(), {{'T', T}, {'B', B}, {'I', I}}};

  Pass<double> pass(network, T, B, PassKind::kTraining, pool);
  pass.ForceSplit(Split::kUnits);
  pass.Forward(input);
  Buffer<double> gradients(network.weights().size());
  std::vector<double> d_x(x.size());
  pass.Backward({d_outputs.data(), {{'T', T}, {'B', B}, {'O', O}}}, gradients.span(), d_x.data());

  const auto loss = [&] { return Loss(network, pool, input, d_outputs); };
  double largest = 0, worst = 0;
  for (const double g : gradients.span()) largest = std::max(largest, std::abs(g));
  // Of the packed weights only those outside the padding are the network's: go by PyTorch's names.
  std::vector<NamedTensor> weights = network.Unpack(network.weights());
  const std::vector<NamedTensor> found = network.Unpack(gradients.span());
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (weights[k].name.find("bias_hh") != std::string::npos) continue;  // folded into bias_ih
    auto& values = std::get<std::vector<double>>(weights[k].values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double slope = Slope(values[i], [&] {
        network.Pack(weights, network.weights());
        return loss();
      });
      worst = std::max(worst, std::abs(slope - found[k].As<double>()[i]));
    }
  }
  network.Pack(weights, network.weights());
  EXPECT_LE(worst / largest, 1e-6);
  double worst_x = 0, largest_x = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst_x = std::max(worst_x, std::abs(Slope(x[i], loss) - d_x[i]));
    largest_x = std::max(largest_x, std::abs(d_x[i]));
  }
  EXPECT_LE(worst_x / largest_x, 1e-6);
}

template <class Real>
class StreamTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(StreamTest, Reals);

template <class Real>
constexpr Precision kPrecision = sizeof(Real) == 4 ? Precision::kFp32 : Precision::kFp64;

TYPED_TEST(StreamTest, GivesTheBitsOfTheWalkAndOfStretches) {
  using Real = TypeParam;
  Network<Real> network(SmallNetwork(kPrecision<Real>));
  network.Initialise(7);
  ThreadPool pool(2);
  const std::size_t T = 12, I = 3, O = 4;
  const std::vector<Real> x = RandomNumbers<Real>(T * I, 3);
  Pass<Real> whole(network, T, 1, PassKind::kTraining, pool);
  const Tensor<const Real> expected = whole.Forward({x.data(), {{'T', T}, {'B', 1}, {'I', I}}});

  Pass<Real> stretches(network, 5, 1, PassKind::kInference, pool);
  Stream<Real> stream(network);
  for (std::size_t begin = 0; begin < T; begin += 5) {
    const std::size_t steps = std::min<std::size_t>(5, T - begin);
    const Tensor<const Real> part =
        stretches.Forward({x.data() + begin * I, {{'T', steps}, {'B', 1}, {'I', I}}});
    for (std::size_t i = 0; i < part.size(); ++i) ASSERT_EQ(part[i], expected[begin * O + i]);
  }
  for (std::size_t t = 0; t < T; ++t) {
    const std::span<const Real> y = stream.Advance({x.data() + t * I, I});
    for (std::size_t o = 0; o < O; ++o) ASSERT_EQ(y[o], expected[t * O + o]) << t;
  }
}

TYPED_TEST(StreamTest, ASavedStateGoesOnWithTheSameBits) {
  using Real = TypeParam;
  Network<Real> network(SmallNetwork(kPrecision<Real>));
  network.Initialise(8);
  const std::vector<Real> x = RandomNumbers<Real>(3, 4);
  Stream<Real> first(network), second(network);
  first.Advance(x), first.Advance(x);
  second.Load(first.Save());
  const auto next = [&x](Stream<Real>& stream) {
    const std::span<const Real> y = stream.Advance(x);
    return std::vector<Real>(y.begin(), y.end());
  };
  const std::vector<Real> third = next(first);
  EXPECT_EQ(third, next(second));

  first.Reset();
  Stream<Real> fresh(network);
  const std::vector<Real> begun_anew = next(first);
  EXPECT_EQ(begun_anew, next(fresh));
  EXPECT_NE(begun_anew, third);
}

TYPED_TEST(StreamTest, AnotherLengthIsRefused) {
  Network<TypeParam> network(SmallNetwork(kPrecision<TypeParam>));
  Stream<TypeParam> stream(network);
  const std::vector<TypeParam> x(2);
  EXPECT_THROW(stream.Advance(x), std::logic_error);
  EXPECT_THROW(stream.Load(x), std::logic_error);
}

TEST(PassTest, ACarriedStateIsSavedAndLoaded) {
  Network<float> network(SmallNetwork(Precision::kFp32));
  network.Initialise(9);
  ThreadPool pool(1);
  const std::vector<float> x = RandomNumbers<float>(4 * 2 * 3, 6);
  const Tensor<const float> input{x.data(), {{'T', 4}, {'B', 2}, {'I', 3}}};
  Pass<float> first(network, 4, 2, PassKind::kTraining, pool);
  Pass<float> second(network, 4, 2, PassKind::kInference, pool);
  const Tensor<const float> zero = first.Forward(input);
  const std::vector<float> from_zero(zero.begin(), zero.end());
  const std::vector<float> state = first.SaveState();
  EXPECT_EQ(state.size(), 2u * 2 * 2 * 9);  // layers, S, B, H
  second.LoadState(state);
  const Tensor<const float> a = first.Forward(input), b = second.Forward(input);
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  EXPECT_FALSE(std::equal(a.begin(), a.end(), from_zero.begin()));
  second.Reset();
  const Tensor<const float> c = second.Forward(input);
  EXPECT_TRUE(std::equal(c.begin(), c.end(), from_zero.begin()));
}

TEST(PassTest, MisuseIsRefused) {
  Network<float> network(SmallNetwork(Precision::kFp32));
  ThreadPool pool(1);
  Pass<float> pass(network, 4, 2, PassKind::kTraining, pool);
  const std::vector<float> numbers(4 * 2 * 4);
  const Tensor<const float> d_outputs{numbers.data(), {{'T', 4}, {'B', 2}, {'O', 4}}};
  Buffer<float> gradients(network.weights().size());
  EXPECT_THROW(pass.Backward(d_outputs, gradients.span()), std::logic_error) << "before Forward";
  EXPECT_THROW(pass.Forward({numbers.data(), {{'T', 5}, {'B', 2}, {'I', 3}}}), std::logic_error);
  EXPECT_THROW(pass.Forward({numbers.data(), {{'T', 4}, {'B', 2}, {'I', 4}}}), std::logic_error);
  pass.Forward({numbers.data(), {{'T', 4}, {'B', 2}, {'I', 3}}});
  EXPECT_THROW(pass.Backward(d_outputs, gradients.span().first(3)), std::logic_error);
  EXPECT_THROW(pass.LoadState(numbers), std::logic_error);
  Pass<float> inference(network, 4, 2, PassKind::kInference, pool);
  inference.Forward({numbers.data(), {{'T', 4}, {'B', 2}, {'I', 3}}});
  EXPECT_THROW(inference.Backward(d_outputs, gradients.span()), std::logic_error);
}

TEST(NetworkTest, PackingAndUnpackingIsIdenticalButForTheFoldedBias) {
  Network<float> network(SmallNetwork(Precision::kFp32));
  network.Initialise(3);
  const std::vector<NamedTensor> once = network.Unpack(network.weights());
  Network<float> other(SmallNetwork(Precision::kFp32));
  other.Pack(once, other.weights());
  EXPECT_TRUE(
      std::equal(network.weights().begin(), network.weights().end(), other.weights().begin()));
  for (const float zero : Find(once, "rnn.bias_hh_l1")->As<float>()) EXPECT_EQ(zero, 0.0f);
}

TEST(NetworkTest, AMissingOrMisshapenTensorIsNamed) {
  Network<float> network(SmallNetwork(Precision::kFp32));
  std::vector<NamedTensor> tensors = network.Unpack(network.weights());
  tensors.back().dims = {5};
  try {
    network.Pack(tensors, network.weights());
    FAIL();
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "head.bias: expected [4], found [5]");
  }
  tensors.pop_back();
  EXPECT_THROW(network.Pack(tensors, network.weights()), std::logic_error);
}

TEST(NetworkTest, TheForgetGateBeginsOpen) {
  Specification specification = SmallNetwork(Precision::kFp64);
  specification.forget_bias = 10;
  Network<double> network(specification);
  network.Initialise(1);
  const std::vector<NamedTensor> tensors = network.Unpack(network.weights());
  const std::span<const double> bias = Find(tensors, "rnn.bias_ih_l0")->As<double>();
  for (std::size_t row = 0; row < bias.size(); ++row) {
    EXPECT_EQ(row / 9 == 1, bias[row] > 9) << row;  // gates i, f, g, o
  }
}

TEST(NetworkTest, ACellWithoutForgetGateTakesNoForgetBias) {
  for (const char* cell : {"elman", "gru"}) {
    Specification specification = SmallNetwork(Precision::kFp64);
    specification.cell = cell;
    Network<double> without(specification);
    specification.forget_bias = 10;
    Network<double> with(specification);
    without.Initialise(1), with.Initialise(1);
    EXPECT_TRUE(std::equal(with.weights().begin(), with.weights().end(), without.weights().begin()))
        << cell;
  }
}

TEST(NetworkTest, ASeedGivesTheSameWeightsOnEveryInstructionSet) {
  const auto weights = [](std::uint64_t seed) {
    Network<float> network(SmallNetwork(Precision::kFp32));
    network.Initialise(seed);
    std::vector<float> all;
    for (const NamedTensor& tensor : network.Unpack(network.weights())) {
      all.insert(all.end(), tensor.As<float>().begin(), tensor.As<float>().end());
    }
    return all;
  };
  const std::vector<float> best = weights(1);
  EXPECT_NE(best, weights(2));
  for (const std::string_view set : InstructionSets()) {
    ASSERT_TRUE(ForceInstructionSet(set));
    EXPECT_EQ(best, weights(1)) << set;
  }
  ASSERT_TRUE(ForceInstructionSet(""));
}

}  // namespace
}  // namespace unroll
