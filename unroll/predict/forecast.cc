#include "unroll/predict/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "unroll/base/memory.h"
#include "unroll/base/threads.h"
#include "unroll/data/batches.h"
#include "unroll/data/scaling.h"
#include "unroll/network/network.h"
#include "unroll/network/pass.h"

namespace unroll {
namespace {

constexpr std::size_t kStretch = 256;  // steps walked at once: their memory is small

/// The outputs of the last step.
template <class Real>
Result<std::vector<double>> LastOutputs(const Model& model, const Series& series, int threads) {
  const Result<SeriesSteps<Real>> steps =
      MakeSteps<Real>(*model.scaling, series.values, {0, 0}, series.place);
  if (!steps) return tl::unexpected(steps.error());
  ThreadPool pool(threads);
  Network<Real> network(model.specification);
  network.Pack(model.weights, network.weights());
  const std::size_t I = steps->I, O = steps->N;
  Pass<Real> pass(network, std::min(kStretch, steps->T), 1, PassKind::kInference, pool);
  std::vector<double> last(O);
  for (std::size_t t = 0; t < steps->T; t += kStretch) {
    const std::size_t T = std::min(kStretch, steps->T - t);
    const Tensor<const Real> y =
        pass.Forward({steps->x.data() + t * I, {{'T', T}, {'B', 1}, {'I', I}}});
    std::copy_n(y.data + (T - 1) * O, O, last.begin());
  }
  return last;
}

/// Bytes that it takes, with the model and the series.
std::uint64_t BytesNeeded(const Model& model, std::size_t values, int threads) {
  const Specification& specification = model.specification;
  const std::uint64_t number = specification.precision == Precision::kFp32 ? 4 : 8;
  // The model's weights, and the network's, which padding makes at most twice as many where they
  // are worth counting. The series, its steps and what they are made from.
  constexpr std::uint64_t kCopies = 1 + 2, kSeries = 3;
  return kSmallThings +
         values * ((specification.inputs + 2 * specification.outputs) * number +
                   kSeries * sizeof(double)) +
         kCopies * CountWeights(specification) * number +
         PassBytes(specification, std::min(kStretch, values), 1, PassKind::kInference, threads);
}

Result<void> Check(const Model& model, const Series& series, const ForecastOptions& options,
                   int threads) {
  if (!model.scaling) {
    return Fail(Failure::kBadData, "model", "a scaling, from the values of a series to its numbers",
                "none", "forecast with a model that was trained on a series");
  }
  const std::size_t most = model.scaling->horizon(), season = model.scaling->season;
  if (options.horizon > most) {
    return Fail(Failure::kUsage, "--horizon",
                fmt::format("at most {}, for which the model was trained", most),
                fmt::to_string(options.horizon), "train a model with this horizon");
  }
  if (options.threads < 0) {
    return Fail(Failure::kUsage, "--threads", "at least 1", fmt::to_string(options.threads));
  }
  if (series.values.size() <= season) {
    return Fail(Failure::kBadData, series.place,
                fmt::format("at least {} values, one more than the model's season", season + 1),
                fmt::to_string(series.values.size()));
  }
  return CheckMemory("forecasting", BytesNeeded(model, series.values.size(), threads),
                     MemoryLimit(options.memory_limit), "take a shorter series");
}

}  // namespace

Result<Forecast> ForecastSeries(const Model& model, const Series& series,
                                const ForecastOptions& options) {
  const int threads = options.threads > 0 ? options.threads : AvailableProcessors();
  if (const auto sound = Check(model, series, options, threads); !sound) {
    return tl::unexpected(sound.error());
  }
  const std::size_t horizon = options.horizon > 0 ? options.horizon : model.scaling->horizon();
  const std::span<const double> values = series.values;
  const Result<std::vector<double>> outputs = model.specification.precision == Precision::kFp32
                                                  ? LastOutputs<float>(model, series, threads)
                                                  : LastOutputs<double>(model, series, threads);
  if (!outputs) return tl::unexpected(outputs.error());
  const auto z = Transform(*model.scaling, values.last(1), series.place);
  if (!z) return tl::unexpected(z.error());
  Result<std::vector<std::string>> ds = series.StepsAfter(horizon);
  if (!ds) return tl::unexpected(ds.error());
  return Forecast{series.id, std::move(*ds),
                  Untransform(*model.scaling, z->front(), std::span(*outputs).first(horizon))};
}

}  // namespace unroll
