// Networks of every cell, direction, stack and option: gradients, names and shapes, the same bits
// for any split, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/random_numbers.h"
#include "unroll/cells/cells.h"
#include "unroll/network/pass.h"
#include "unroll/network/stream.h"

namespace unroll {
namespace {

constexpr std::size_t kT = 6, kB = 3, kO = 4;

Specification Small(const std::string& cell, Direction direction) {
  Specification s;
  s.cell = cell, s.direction = direction, s.precision = Precision::kFp64;
  s.inputs = 9, s.hidden = 9, s.layers = 2, s.outputs = kO;
  if (FindCell(cell)->reads_input && direction == Direction::kBidirectional) s.layers = 1;
  return s;
}

/// Sequences end to end, idle steps, and one (n = 4) of no step; row 2 goes on with sequence 3.
const std::vector<std::int32_t> kIds = {0, 2, 3, 0, 2,     3,     kIdle, 2,     3,
                                        1, 2, 3, 1, kIdle, kIdle, 1,     kIdle, 3};
const std::vector<std::int32_t> kBefore = {kIdle, kIdle, 3};
constexpr std::size_t kN = 5;

/// One walk of a network over random numbers, with the error sum(outputs x d_outputs).
struct Walked {
  explicit Walked(const Specification& specification, bool with_ids = false)
      : network(specification), ids(with_ids) {
    network.Initialise(5);
    const std::vector<TensorName> states = StatesOf(specification);
    for (const TensorName& state : states) given_size += (ids ? kN : kB) * state.dims[0];
    x = test::RandomNumbers<double>(kT * kB * specification.inputs, 1);
    d_outputs = test::RandomNumbers<double>(kT * kB * kO, 2);
    given = test::RandomNumbers<double>(given_size, 3);
  }

  double Loss(Pass<double>& pass) {
    PassInput<double> input({x.data(), {{'T', kT}, {'B', kB}, {'I', x.size() / kT / kB}}});
    if (ids) {
      input.sequence = kIds.data(), input.N = kN;
      if (network.specification().direction == Direction::kForward) input.before = kBefore.data();
    }
    if (network.specification().initial == Initial::kGiven) input.given = given.data();
    pass.Reset();
    const Tensor<const double> y = pass.Forward(input);
    double loss = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (!ids || kIds[i / kO] != kIdle) loss += y[i] * d_outputs[i];
    }
    return loss;
  }

  void GoBack(Pass<double>& pass) {
    gradients = Buffer<double>(network.weights().size());
    d_x.assign(x.size(), 0), d_given.assign(given_size, 0);
    pass.Backward({d_outputs.data(), {{'T', kT}, {'B', kB}, {'O', kO}}},
                  PassGradients<double>{gradients.span(), d_x.data(), d_given.data()});
  }

  Network<double> network;
  bool ids;
  std::size_t given_size = 0;
  Buffer<double> x, d_outputs, given;
  Buffer<double> gradients;
  std::vector<double> d_x, d_given;
};

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

/// The largest difference between `found` and the slopes by `numbers`, every `stride`-th, relative
/// to the largest entry.
template <class LossOf>
double Worst(double* numbers, const double* found, std::size_t count, std::size_t stride,
             const LossOf& loss) {
  double worst = 0, largest = 1e-3;
  for (std::size_t i = 0; i < count; i += stride) {
    largest = std::max(largest, std::abs(found[i]));
    worst = std::max(worst, std::abs(found[i] - Slope(numbers[i], loss)));
  }
  return worst / largest;
}

void ExpectSlopes(const Specification& specification, bool ids) {
  Walked walked(specification, ids);
  ThreadPool pool(2);
  Pass<double> training(walked.network, kT, kB, {PassKind::kTraining, kN}, pool);
  Pass<double> inference(walked.network, kT, kB, {PassKind::kInference, kN}, pool);
  training.ForceSplit(Split::kUnits);
  walked.Loss(training);
  walked.GoBack(training);
  const auto loss = [&] { return walked.Loss(inference); };
  std::vector<NamedTensor> weights = walked.network.Unpack(walked.network.weights());
  const std::vector<NamedTensor> found = walked.network.Unpack(walked.gradients.span());
  const CellFacts& cell = *FindCell(specification.cell);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const bool second_bias = weights[k].name.find("bias_hh") != std::string::npos;
    if (second_bias && AddsItsBiases(cell, 0)) continue;  // folded into bias_ih
    auto& values = std::get<std::vector<double>>(weights[k].values);
    const auto slope_loss = [&] {
      walked.network.Pack(weights, walked.network.weights());
      return loss();
    };
    EXPECT_LE(Worst(values.data(), found[k].As<double>().data(), values.size(),
                    std::max<std::size_t>(1, values.size() / 7), slope_loss),
              1e-6)
        << weights[k].name;
    walked.network.Pack(weights, walked.network.weights());
  }
  EXPECT_LE(Worst(walked.x.data(), walked.d_x.data(), walked.x.size(), 7, loss), 1e-6) << "x";
  if (specification.initial != Initial::kGiven) return;
  EXPECT_LE(Worst(walked.given.data(), walked.d_given.data(), walked.given_size, 5, loss), 1e-6)
      << "given";
}

TEST(DirectionsTest, GradientsAreThoseOfDifferences) {
  for (const CellFacts& cell : Cells()) {
    for (const Direction direction :
         {Direction::kForward, Direction::kReverse, Direction::kBidirectional}) {
      for (const bool ids : {false, true}) {
        Specification s = Small(std::string(cell.name), direction);
        s.initial = Initial::kGiven, s.residual = s.layers > 1;
        SCOPED_TRACE(std::string(cell.name) + " " + std::string(NameOf(direction)) +
                     (ids ? " with ids" : ""));
        ExpectSlopes(s, ids);
      }
    }
  }
}

TEST(DirectionsTest, LayersMayHaveDifferentSizes) {
  for (const Direction direction : {Direction::kForward, Direction::kBidirectional}) {
    Specification s = Small("gru", direction);
    s.hidden = {9, 3, 17}, s.layers = 3;
    ExpectSlopes(s, true);
  }
}

/// Outputs, states and gradients of a walk with these threads and this split.
std::vector<double> Bits(const Specification& specification, bool ids, int threads, Split split) {
  Walked walked(specification, ids);
  ThreadPool pool(threads);
  Pass<double> pass(walked.network, kT, kB, {PassKind::kTraining, kN, {Threshold::Kind::kNorm, 1}},
                    pool);
  pass.ForceSplit(split);
  std::vector<double> bits = {walked.Loss(pass)};
  const std::vector<double> state = pass.SaveState();
  walked.GoBack(pass);
  bits.insert(bits.end(), state.begin(), state.end());
  for (const std::vector<double>& more : {walked.d_x, walked.d_given}) {
    bits.insert(bits.end(), more.begin(), more.end());
  }
  for (const double number : walked.gradients.span()) bits.push_back(number);
  for (const ThresholdReport& report : pass.threshold_report()) bits.push_back(report.kept);
  return bits;
}

TEST(DirectionsTest, EverySplitGivesTheSameBits) {
  for (const CellFacts& cell : Cells()) {
    for (const Direction direction : {Direction::kForward, Direction::kBidirectional}) {
      Specification s = Small(std::string(cell.name), direction);
      s.hidden = cell.reads_input ? 9 : 40;  // several panels
      s.residual = s.layers > 1;
      const std::vector<double> alone = Bits(s, true, 1, Split::kAlone);
      for (const int threads : {1, 2, 3, 5}) {
        for (const Split split : {Split::kRows, Split::kUnits, Split::kAlone}) {
          EXPECT_EQ(Bits(s, true, threads, split), alone) << cell.name << threads;
        }
      }
    }
  }
}

TEST(DirectionsTest, ATrainingPassAndAnInferencePassGiveTheSameOutputs) {
  for (const CellFacts& cell : Cells()) {
    Walked walked(Small(std::string(cell.name), Direction::kBidirectional), true);
    ThreadPool pool(2);
    Pass<double> training(walked.network, kT, kB, {PassKind::kTraining, kN}, pool);
    Pass<double> inference(walked.network, kT, kB, {PassKind::kInference, kN}, pool);
    EXPECT_EQ(walked.Loss(training), walked.Loss(inference)) << cell.name;
  }
}

/// A reversed network over a series is a forward one over the series turned round.
TEST(DirectionsTest, ReverseIsForwardOverTheSeriesTurnedRound) {
  Walked forward(Small("lstm", Direction::kForward)), reverse(Small("lstm", Direction::kReverse));
  std::copy(forward.network.weights().begin(), forward.network.weights().end(),
            reverse.network.weights().begin());
  ThreadPool pool(1);
  Pass<double> one(forward.network, kT, kB, PassKind::kInference, pool);
  Pass<double> other(reverse.network, kT, kB, PassKind::kInference, pool);
  const std::size_t row = kB * 9;
  std::vector<double> turned(kT * row);
  for (std::size_t t = 0; t < kT; ++t) {
    std::copy_n(forward.x.data() + t * row, row, turned.data() + (kT - 1 - t) * row);
  }
  const Shape shape{{'T', kT}, {'B', kB}, {'I', 9}};
  const Tensor<const double> a = one.Forward({forward.x.data(), shape});
  const Tensor<const double> b = other.Forward({turned.data(), shape});
  for (std::size_t t = 0; t < kT; ++t) {
    for (std::size_t i = 0; i < kB * kO; ++i) {
      ASSERT_EQ(a[t * kB * kO + i], b[(kT - 1 - t) * kB * kO + i]);
    }
  }
}

TEST(DirectionsTest, AStreamGivesTheBitsOfEveryForwardNetwork) {
  for (const CellFacts& cell : Cells()) {
    Specification s = Small(std::string(cell.name), Direction::kForward);
    s.residual = true, s.clip = 0.7;
    if ((cell.options & kTakesActivation) != 0) s.activation = Activation::kRelu;
    Walked walked(s);
    ThreadPool pool(2);
    Pass<double> pass(walked.network, kT, 1, PassKind::kTraining, pool);
    const Tensor<const double> y = pass.Forward({walked.x.data(), {{'T', kT}, {'B', 1}, {'I', 9}}});
    Stream<double> stream(walked.network);
    for (std::size_t t = 0; t < kT; ++t) {
      const std::span<const double> out = stream.Advance({walked.x.data() + t * 9, 9});
      for (std::size_t o = 0; o < kO; ++o) ASSERT_EQ(out[o], y[t * kO + o]) << cell.name << t;
    }
  }
}

TEST(DirectionsTest, AThresholdIsReportedForEveryStateThatTookPart) {
  Walked walked(Small("lstm", Direction::kForward), true);
  ThreadPool pool(1);
  const auto report = [&](double limit) {
    Pass<double> pass(walked.network, kT, kB,
                      {PassKind::kTraining, kN, {Threshold::Kind::kNorm, limit}}, pool);
    walked.Loss(pass);
    walked.GoBack(pass);
    return pass.threshold_report();
  };
  const std::vector<ThresholdReport> tight = report(1e-3), loose = report(1e9);
  ASSERT_EQ(tight.size(), 4u);
  const char* names[] = {"h_l0", "c_l0", "h_l1", "c_l1"};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(tight[i].state, names[i]);
    EXPECT_EQ(tight[i].steps, 14u);  // of 18, 4 idle
    EXPECT_GT(tight[i].acted, 0u);
    EXPECT_LT(tight[i].kept, 1);
    EXPECT_EQ(loose[i].acted, 0u);
    EXPECT_EQ(loose[i].kept, 1);
  }
  std::vector<ThresholdReport> sum;
  AddReport(tight, sum), AddReport(loose, sum);
  EXPECT_EQ(sum[1].steps, 28u);
  EXPECT_EQ(sum[1].acted, tight[1].acted);
  EXPECT_NEAR(sum[1].kept, (tight[1].kept + 1) / 2, 1e-12);
}

/// What a call is refused with.
template <class Call>
std::string Refusal(const Call& call) {
  try {
    call();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "";
}

TEST(DirectionsTest, ReverseCarriesNoState) {
  for (const Direction direction : {Direction::kReverse, Direction::kBidirectional}) {
    Walked walked(Small("gru", direction));
    ThreadPool pool(1);
    Pass<double> pass(walked.network, kT, kB, {PassKind::kInference, kN}, pool);
    PassInput<double> input({walked.x.data(), {{'T', kT}, {'B', kB}, {'I', 9}}});
    const std::string place = "direction " + std::string(NameOf(direction)) + ": expected ";
    pass.Forward(input);
    const std::string carried = place + "whole sequences, found rows that carry on a state";
    EXPECT_EQ(Refusal([&] { pass.Forward(input); }), carried);
    input.sequence = kIds.data(), input.before = kBefore.data(), input.N = kN;
    EXPECT_EQ(Refusal([&] { pass.Forward(input); }), carried);
    const std::vector<double> state(pass.SaveState().size(), 0.5);
    EXPECT_EQ(Refusal([&] { pass.LoadState(state); }), place + "no state, for none is carried");
    EXPECT_EQ(Refusal([&] { Stream<double> stream(walked.network); }),
              place + "forward, for a stream has no end to read from");
    pass.Reset();
    input.sequence = nullptr, input.before = nullptr;
    EXPECT_EQ(Refusal([&] { pass.Forward(input); }), "");
  }
}

TEST(DirectionsTest, TooManySequencesAndMissingStatesAreRefused) {
  Specification s = Small("gru", Direction::kForward);
  s.initial = Initial::kGiven;
  Walked walked(s);
  ThreadPool pool(1);
  Pass<double> pass(walked.network, kT, kB, {PassKind::kInference, kN - 1}, pool);
  PassInput<double> input({walked.x.data(), {{'T', kT}, {'B', kB}, {'I', 9}}});
  EXPECT_EQ(Refusal([&] { pass.Forward(input); }),
            "initial state given: expected the states, found null");
  input.sequence = kIds.data(), input.N = kN, input.given = walked.given.data();
  EXPECT_EQ(Refusal([&] { pass.Forward(input); }),
            "expected at most 4 sequences, as the pass was made for, found 5");
}

TEST(DirectionsTest, NoCarriedStateIsTakenForGiven) {
  Specification s = Small("gru", Direction::kForward);
  s.initial = Initial::kGiven;
  Walked walked(s);
  ThreadPool pool(1);
  Pass<double> pass(walked.network, kT, kB, PassKind::kTraining, pool);
  walked.Loss(pass);
  pass.Forward(Tensor<const double>{walked.x.data(), {{'T', kT}, {'B', kB}, {'I', 9}}});
  walked.GoBack(pass);
  EXPECT_TRUE(std::all_of(walked.d_given.begin(), walked.d_given.end(),
                          [](double number) { return number == 0; }));
}

}  // namespace
}  // namespace unroll
