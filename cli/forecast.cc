// unroll forecast: continues a series, with a model that is fitted now or was saved before.
#include "unroll/predict/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/fit.h"
#include "cli/output.h"
#include "unroll/base/files.h"
#include "unroll/model/model.h"
#include "unroll/tasks/forecasting.h"

namespace unroll::cli {
namespace {

struct ForecastFlags {
  SeriesFlags shared;
  FitFlags fit;
  std::string model, save, output;
};

/// At least six digits that count, and all before the point; no exponent, which spreadsheets and
/// people misread.
std::string Rounded(double value) {
  constexpr int kDigits = 6, kMostDecimals = 15;
  if (value == 0) return "0";
  const int before_point = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  return fmt::format("{:.{}f}", value, std::clamp(kDigits - before_point, 0, kMostDecimals));
}

std::string InCsv(const Forecast& forecast) {
  std::string text = "unique_id,ds,y_hat\n";
  for (std::size_t i = 0; i < forecast.y_hat.size(); ++i) {
    text +=
        fmt::format("{},{},{}\n", forecast.unique_id, forecast.ds[i], Rounded(forecast.y_hat[i]));
  }
  return text;
}

Json JsonRows(const Forecast& forecast) {
  Json rows = Json::List();
  for (std::size_t i = 0; i < forecast.y_hat.size(); ++i) {
    rows.Add(
        {{"unique_id", forecast.unique_id}, {"ds", forecast.ds[i]}, {"y_hat", forecast.y_hat[i]}});
  }
  return rows;
}

/// What of the flags cannot go together, and outputs that cannot be written.
Result<void> Check(const ForecastFlags& flags) {
  const auto refuse = [](const std::string& flag, const std::string& other) {
    return Fail(Failure::kUsage, flag, "not to be given with " + other, "both",
                "leave one of them out");
  };
  if (!flags.model.empty()) {
    if (!flags.save.empty()) return refuse("--save", "--model");
    if (const std::string flag = flags.fit.FirstGiven(); !flag.empty()) {
      return refuse(flag, "--model");
    }
  }
  if (flags.fit.resume && flags.save.empty()) {
    return Fail(Failure::kUsage, "--resume", "--save with the model that was begun", "none");
  }
  if (!flags.save.empty()) {
    for (const std::string& path : {flags.save, CheckpointPath(flags.save)}) {
      if (auto can = CheckOutput("--save", path, flags.shared.file); !can) return can;
    }
  }
  if (flags.output.empty()) return {};
  std::vector<std::string> models = {flags.model, flags.save};
  if (!flags.save.empty()) models.push_back(CheckpointPath(flags.save));
  for (const std::string& model : models) {
    if (!IsSameFile(flags.output, model)) continue;
    return Fail(Failure::kCannotCreate, "--output", "another file than the model",
                fmt::format("\"{}\"", Escaped(flags.output)));
  }
  return CheckOutput("--output", flags.output, flags.shared.file);
}

Result<void> Deliver(const std::string& text, const std::string& output) {
  if (output.empty()) return Print(text);
  const std::string_view pieces[] = {text};
  return WriteFile(RealFiles(), output, pieces);
}

/// The model that was saved, or else one that is fitted now, with what came out of it.
Result<Model> FindModel(const ForecastFlags& flags, Words words, const Series& series,
                        Json& document) {
  if (!flags.model.empty()) return ReadModel(RealFiles(), flags.model, flags.shared.memory);
  const Result<ForecastingOptions> options = OptionsOf(flags.shared, flags.fit);
  if (!options) return tl::unexpected(options.error());
  const FitJob job{"forecast", words, flags.save, flags.shared.quiet};
  Result<FitReport> report = FitAndTell(job, series, *options);
  if (!report) return tl::unexpected(report.error());
  document.Add("fit", InJson(*report));
  return std::move(report->model);
}

}  // namespace

Result<void> RunForecast(Words words) {
  ForecastFlags given;
  Flags flags("unroll forecast",
              "Continue a series. Without --model, one is fitted first, by the flags from --cell "
              "on.");
  given.shared.AddOperandTo(flags);
  flags.AddText("--model", "FILE", "Forecast with this model, from unroll train", &given.model);
  flags.AddText("--save", "FILE", "Keep the model that is fitted", &given.save);
  flags.AddText("-o,--output", "FILE", "Where the forecast goes (default: standard output)",
                &given.output);
  given.shared.AddTo(flags, "all of the model, a season, or 12");
  given.fit.AddTo(flags);
  if (auto read = flags.Read(words); !read) return read;
  if (flags.help_wanted()) return Print(flags.Help());
  if (auto checked = Check(given); !checked) return checked;

  const Result<Series> series = ReadSeriesFile(given.shared.file, given.shared.memory);
  if (!series) return tl::unexpected(series.error());
  Json document = Json::Object();
  const Result<Model> model = FindModel(given, words, *series, document);
  if (!model) return tl::unexpected(model.error());
  const ForecastOptions options{given.shared.horizon.value_or(0),
                                static_cast<int>(given.shared.threads.value_or(0)),
                                given.shared.memory};
  const Result<Forecast> forecast = ForecastSeries(*model, *series, options);
  if (!forecast) return tl::unexpected(forecast.error());
  document.Add("forecast", JsonRows(*forecast));
  return Deliver(given.shared.json ? document.Text() : InCsv(*forecast), given.output);
}

}  // namespace unroll::cli
