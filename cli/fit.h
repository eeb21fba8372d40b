// The training that `train` and `forecast` share: its flags, its words, and how it is stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/flags.h"
#include "cli/json.h"
#include "cli/network_flags.h"
#include "unroll/base/status.h"
#include "unroll/data/series.h"
#include "unroll/tasks/forecasting.h"

namespace unroll::cli {

/// Flags of every command that reads a series.
struct SeriesFlags {
  std::string file;
  std::optional<std::uint64_t> horizon, threads, memory;
  bool quiet = false, json = false;

  void AddOperandTo(Flags& flags);
  /// `without_horizon` says how far ahead a command goes without that flag.
  void AddTo(Flags& flags, const std::string& without_horizon);
};

/// Flags of a training; empty where not given.
struct FitFlags {
  NetworkFlags network;
  std::string precision, optimizer, schedule;
  std::optional<std::uint64_t> steps, epochs, seed, season, warm_up;
  std::optional<double> rate, clip, momentum, weight_decay, save_every;
  bool resume = false;

  void AddTo(Flags& flags);
  /// The name of the first that is given, or "".
  std::string FirstGiven() const;
};

/// Errors:  kUsage for flags that contradict each other.
Result<ForecastingOptions> OptionsOf(const SeriesFlags& shared, const FitFlags& fit);

/// Reads the series of a CSV file.
///
/// Errors:  those of FileSystem::Read and ReadSeries.
Result<Series> ReadSeriesFile(const std::string& path, std::optional<std::uint64_t> memory);

/// "air.csv: 144 values of passengers, monthly from 1949-01 to 1960-12"
std::string InWords(const Series& series);

/// A training as one command asks for it.
struct FitJob {
  std::string command;     ///< "train"
  Words words;             ///< as the command was given them, to say how it goes on
  std::string model_path;  ///< "": nothing is kept
  bool quiet;
};

/// Trains, telling how it goes. A stop signal ends it after the step.
///
/// Errors:  kInterrupted, kTerminated, with how to go on; those of Fit.
Result<FitReport> FitAndTell(const FitJob& job, const Series& series,
                             const ForecastingOptions& options);

Json InJson(const FitReport& report);

/// Whether both lead to one file, be it there or not.
bool IsSameFile(const std::string& one, const std::string& other);

/// That `path` can be created and is not one of the files that the command reads.
///
/// Errors:  kCannotCreate, kPermission.
Result<void> CheckOutput(const std::string& flag, const std::string& path,
                         const std::string& input);

}  // namespace unroll::cli
