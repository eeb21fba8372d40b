// unroll train: fits a model to a series and saves it.
#include <string>

#include "cli/command.h"
#include "cli/fit.h"
#include "cli/output.h"
#include "unroll/tasks/forecasting.h"

namespace unroll::cli {

Result<void> RunTrain(Words words) {
  SeriesFlags shared;
  FitFlags fit;
  std::string output;
  Flags flags("unroll train", "Fit a model to a series and save it.");
  shared.AddOperandTo(flags);
  flags.AddText("-o,--output", "FILE", "The model; FILE.ckpt holds the state while it trains",
                &output);
  shared.AddTo(flags, "a season, or 12");
  fit.AddTo(flags);
  if (auto read = flags.Read(words); !read) return read;
  if (flags.help_wanted()) return Print(flags.Help());
  if (output.empty()) {
    return Fail(Failure::kUsage, "--output", "the name of a file", "none",
                "say with -o where the model goes");
  }
  const Result<ForecastingOptions> options = OptionsOf(shared, fit);
  if (!options) return tl::unexpected(options.error());
  for (const std::string& path : {output, CheckpointPath(output)}) {
    if (auto can = CheckOutput("--output", path, shared.file); !can) return can;
  }

  const Result<Series> series = ReadSeriesFile(shared.file, shared.memory);
  if (!series) return tl::unexpected(series.error());
  const FitJob job{"train", words, output, shared.quiet};
  const Result<FitReport> report = FitAndTell(job, *series, *options);
  if (!report) return tl::unexpected(report.error());
  if (!shared.json) return {};
  Json document = {{"model", output}};
  document.AddAll(InJson(*report));
  return Print(document.Text());
}

}  // namespace unroll::cli
