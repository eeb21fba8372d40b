// The forecaster's whole job in one call: from a series to a trained model on the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "unroll/base/files.h"
#include "unroll/base/status.h"
#include "unroll/data/series.h"
#include "unroll/model/model.h"
#include "unroll/network/pass.h"
#include "unroll/network/specification.h"
#include "unroll/tasks/defaults.h"
#include "unroll/train/observer.h"
#include "unroll/train/optimizer.h"
#include "unroll/train/schedule.h"

namespace unroll {

/// How a forecaster is made. Zeros stand for defaults that depend on the series.
struct ForecastingOptions {
  std::string cell = "lstm";
  PerLayer hidden = defaults::kHidden;
  std::uint64_t layers = defaults::kLayers;
  Precision precision = Precision::kFp32;
  Activation activation = Activation::kTanh;
  double forget_bias = 1;
  bool residual = false;
  double dropout = 0, recurrent_dropout = 0;
  Initial initial = Initial::kZeros;  ///< or learned
  /// Forward alone: a forecaster learns at every step, and a layer that walks in reverse has seen
  /// there the values that it is to foretell.
  Direction direction = Direction::kForward;
  Threshold threshold{};      ///< on the gradient that is passed back in time
  std::uint64_t horizon = 0;  ///< steps ahead; 0: a season, or 12 where there is none
  std::uint64_t season = 0;   ///< in steps; 0: the dates'
  std::uint64_t steps = 0;    ///< updates; 0: defaults::kSteps
  std::uint64_t epochs = 0;   ///< passes over the series instead of steps
  double rate = defaults::kRate;
  double clip = defaults::kClip;  ///< the largest global norm of a gradient
  OptimizerOptions optimizer = {};
  Schedule schedule = {};  ///< of the learning rate
  std::uint64_t seed = 1;
  int threads = 0;                                 ///< 0: as many as there are processors
  double save_every = defaults::kSaveEvery;        ///< seconds between two checkpoints
  std::optional<std::uint64_t> memory_limit = {};  ///< bytes; nothing: what the machine has
  bool resume = false;                             ///< go on from the model's checkpoint
};

/// What came out of a training.
struct FitReport {
  Model model;           ///< with the best weights, or the last ones where none were validated yet
  bool stopped = false;  ///< by the observer, before the end
  std::uint64_t steps = 0;          ///< done
  std::uint64_t planned_steps = 0;  ///< to do
  std::uint64_t best_step = 0;      ///< after which validation was best; 0: none yet
  std::uint64_t skipped_steps = 0;  ///< for a number that was not finite
  std::size_t training_values = 0;
  std::size_t validation_values = 0;
  /// Mean absolute errors on the validation part, of all forecasts from one step before it on; in
  /// the units of the series. The model's is a little too good: the best step was chosen there.
  double validation_error = 0;
  double seasonal_naive_error = 0;
  std::vector<ThresholdReport> threshold;  ///< over all steps of this run
};

/// Where training keeps its state beside the model: `MODEL.ckpt`.
std::string CheckpointPath(const std::string& model_path);

/// Bytes that Fit needs beyond the series.
///
/// Errors:  those of Fit for a series or options that it refuses.
Result<std::uint64_t> FitMemory(const Series& series, const ForecastingOptions& options);

/// Trains a forecaster for `series`. The best weights become the file `model_path` when training
/// ends or is stopped. What it takes to go on lies in CheckpointPath, saved now and then and when
/// it is stopped, and is removed at the end. With an empty path nothing is kept.
///
/// The same series, options, precision and instruction set give the same bits, for any number of
/// threads and however often it was stopped and resumed. A resumed training may have more or fewer
/// steps than it was begun with, if the schedule does not depend on them. It may run on another
/// instruction set: the observer is told, and the model's provenance lists both.
///
/// Errors:  kUsage (place: the flag) for options that cannot be, and for a resumed training with
///          other options or data; kBadData (place: the file) for a series that is
///          too short; kNoInput without a checkpoint to resume from; kSystem for more memory than
///          there is; kDiverged; those of WriteFile.
Result<FitReport> Fit(const Series& series, const ForecastingOptions& options,
                      const std::string& model_path, FileSystem& files, Observer& observer);

}  // namespace unroll
