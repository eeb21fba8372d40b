// The whole job in the library: a series from a CSV file, a model in one file, and a forecast by
// the model that was read back.
#include <cstdio>
#include <string>

#include "unroll/unroll.h"

namespace {

/// Says what went wrong, in one line.
int Complain(const unroll::Error& error) {
  std::fprintf(stderr, "%s\n", error.Message().c_str());
  return static_cast<int>(error.kind);
}

}  // namespace

int main() {
  const std::string csv = "examples/air_passengers.csv", path = "air.safetensors";
  unroll::FileSystem& files = unroll::RealFiles();
  const unroll::Result<std::string> text = files.Read(csv, /*limit=*/1 << 20);
  if (!text) return Complain(text.error());
  const unroll::Result<unroll::Series> series = unroll::ReadSeries(*text, csv);
  if (!series) return Complain(series.error());

  unroll::ForecastingOptions options;
  options.horizon = 12;
  options.steps = 200;
  unroll::Observer observer;  // who only watches; derive from it to be told of every step
  const auto report = unroll::Fit(*series, options, path, files, observer);
  if (!report) return Complain(report.error());
  std::printf("error on the last %zu months: %.1f, seasonal naive %.1f\n",
              report->validation_values, report->validation_error, report->seasonal_naive_error);

  const unroll::Result<unroll::Model> model = unroll::ReadModel(files, path);
  if (!model) return Complain(model.error());
  const auto forecast = unroll::ForecastSeries(*model, *series, {});
  if (!forecast) return Complain(forecast.error());
  for (std::size_t k = 0; k < forecast->ds.size(); ++k) {
    std::printf("%s %.1f\n", forecast->ds[k].c_str(), forecast->y_hat[k]);
  }
}
