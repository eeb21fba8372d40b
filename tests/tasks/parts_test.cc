// What trains does not judge, and what judges does not train.
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "tests/tasks/small_fit.h"
#include "unroll/data/batches.h"
#include "unroll/losses/regression.h"
#include "unroll/network/pass.h"

namespace unroll {
namespace {

using test::SmallOptions;
using test::Stopper;
using test::Wave;

/// The weights after one pass, which the first validation keeps.
std::vector<double> WeightsAfterAPass(const Series& series) {
  ForecastingOptions options = SmallOptions(Precision::kFp64);
  options.steps = 0, options.epochs = 1;
  Stopper never;
  const auto report = Fit(series, options, "", RealFiles(), never);
  EXPECT_TRUE(report && report->best_step == 3) << "three stretches";
  std::vector<double> weights;
  for (const NamedTensor& tensor : report->model.weights) {
    weights.insert(weights.end(), tensor.As<double>().begin(), tensor.As<double>().end());
  }
  return weights;
}

TEST(PartsTest, TrainingSeesAllOfItsPartAndNothingOfTheOther) {
  const std::vector<double> weights = WeightsAfterAPass(Wave());
  for (std::size_t t = 0; t < 60; ++t) {
    Series other = Wave();
    other.values[t] *= 1.5;
    const bool trains = t < 56;
    EXPECT_EQ(WeightsAfterAPass(other) != weights, trains) << "value " << t;
  }
}

/// Remembers the best validation, and the loss of the last step.
class BestOf : public Observer {
 public:
  void OnProgress(const Progress& now) override {
    if (now.validation) best = std::min(best, *now.validation);
    last_loss = now.loss;
  }
  double best = 1e300, last_loss = 0;
};

/// The mean squared error of a walk over the first `values` at the steps from `first` on.
double ErrorOf(const Model& model, const Series& series, std::size_t values, std::size_t first,
               ValueRange judged) {
  const auto steps =
      MakeSteps<double>(*model.scaling, std::span(series.values).first(values), judged, "");
  Network<double> network(model.specification);
  network.Pack(model.weights, network.weights());
  ThreadPool pool(1);
  Pass<double> pass(network, values, 1, PassKind::kInference, pool);
  const Tensor<const double> y =
      pass.Forward({steps->x.data(), {{'T', values}, {'B', 1}, {'I', 2}}});
  const std::size_t N = steps->N;
  const Shape rest{{'T', values - first}, {'B', 1}, {'O', N}};
  const auto from_first = [&](const double* all) {
    return Tensor<const double>{all + first * N, rest};
  };
  return SquaredError<double>().Evaluate(
      {from_first(y.data), from_first(steps->target.data()), from_first(steps->mask.data())},
      Reduction::kMean, {nullptr, rest});
}

TEST(PartsTest, TheErrorsAboutTheLastValuesJudge) {
  const Series series = Wave();
  BestOf heard;
  const auto report = Fit(series, SmallOptions(Precision::kFp64), "", RealFiles(), heard);
  ASSERT_TRUE(report);
  const double error = ErrorOf(report->model, series, 60, 0, {56, 60});
  EXPECT_NEAR(heard.best, error, 1e-12 * error) << "of the weights that were kept";
}

TEST(PartsTest, TheErrorsAboutAllOthersTrain) {
  const Series series = Wave();
  ForecastingOptions options = SmallOptions(Precision::kFp64);
  options.steps = 3, options.rate = 1e-300;  // the weights stay
  BestOf heard;
  const auto report = Fit(series, options, "", RealFiles(), heard);
  ASSERT_TRUE(report);
  const std::size_t third_stretch = 2 * 56 / 3;
  const double error = ErrorOf(report->model, series, 56, third_stretch, {0, 56});
  EXPECT_NEAR(heard.last_loss, error, 1e-12 * error);
}

TEST(PartsTest, NaiveIsJudgedOnTheSameForecasts) {
  Stopper never;
  ForecastingOptions options = SmallOptions();
  options.steps = 1, options.horizon = 6;
  auto report = Fit(Wave(), options, "", RealFiles(), never);
  ASSERT_TRUE(report);
  // The wave grows by 4 a season; steps 5 and 6 ahead are two seasons from what is known.
  EXPECT_NEAR(report->seasonal_naive_error, (4 * 4 + 2 * 8) / 6.0, 1e-9);
  Series jumps = Wave();
  for (std::size_t t = 56; t < 60; ++t) jumps.values[t] += 100;
  options.horizon = 4;
  report = Fit(jumps, options, "", RealFiles(), never);
  ASSERT_TRUE(report);
  EXPECT_NEAR(report->seasonal_naive_error, 104, 1e-9) << "nothing before the jump is judged";
}

}  // namespace
}  // namespace unroll
