// Where a training stands: a model file that also holds what the next step needs, so that a resumed
// run gives the bits of one that never stopped.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "unroll/base/files.h"
#include "unroll/base/status.h"
#include "unroll/model/model.h"
#include "unroll/network/named_tensor.h"

namespace unroll {

/// The numbers of a training that are no tensors. Random numbers need no state of their own: they
/// depend on the seed and the step (base/random.h).
struct TrainingState {
  std::uint64_t step = 0;                ///< steps done
  std::uint64_t pass = 0;                ///< whole passes over the data done
  std::uint64_t position = 0;            ///< where in the data the next step begins
  std::uint64_t best_step = 0;           ///< after which step validation was best
  double best_validation = kNone;        ///< its error; kNone before the first validation
  std::uint64_t steps_without_gain = 0;  ///< since then
  std::uint64_t skipped_steps = 0;       ///< with a number that was not finite
  std::uint64_t skipped_in_a_row = 0;    ///< of them, just before this step
  std::uint64_t updates = 0;             ///< that the moments remember
  std::uint64_t good_step = 0;           ///< before which step the last good state was kept
  std::uint64_t good_updates = 0;        ///< that its moments remember
  double rate_factor = 1;                ///< of the learning rate, after the guard cut it
  std::uint64_t seed = 0;
  std::string data_checksum;  ///< of the data it was trained on; may not change

  /// Stands for "none yet" in a file that holds finite numbers only.
  static constexpr double kNone = std::numeric_limits<double>::max();

  template <class Self, class Visit>
  static void ForEachField(Self& self, Visit&& visit) {
    visit("step", self.step);
    visit("pass", self.pass);
    visit("position", self.position);
    visit("best_step", self.best_step);
    visit("best_validation", self.best_validation);
    visit("steps_without_gain", self.steps_without_gain);
    visit("skipped_steps", self.skipped_steps);
    visit("skipped_in_a_row", self.skipped_in_a_row);
    visit("updates", self.updates);
    visit("good_step", self.good_step);
    visit("good_updates", self.good_updates);
    visit("rate_factor", self.rate_factor);
    visit("seed", self.seed);
    visit("data_checksum", self.data_checksum);
  }
  friend bool operator==(const TrainingState&, const TrainingState&) = default;
};

struct Checkpoint {
  Model model;                     ///< with the last weights, not the best
  std::vector<NamedTensor> extra;  ///< such as adam.m.NAME, best.NAME, state.h_lK
  TrainingState training;
  std::map<std::string, std::string>
      settings;  ///< flags as texts: a resumed run must have the same
};

/// Errors:  those of ReadModel. A model is refused: it is no checkpoint.
Result<Checkpoint> ReadCheckpoint(FileSystem& files, const std::string& path,
                                  std::optional<std::uint64_t> memory = {});

/// Errors:  those of WriteModel. std::logic_error where an extra tensor has the name of a weight or
///          the wrong number of values.
Result<void> WriteCheckpoint(FileSystem& files, const std::string& path,
                             const Checkpoint& checkpoint);

}  // namespace unroll
