// Who watches a training, and may end it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace unroll {

/// Where a training stands after a step.
struct Progress {
  std::uint64_t step = 0;            ///< steps done, of
  std::uint64_t steps = 0;           ///< these
  double loss = 0;                   ///< of the step's stretch, before the update
  std::optional<double> validation;  ///< where this step was followed by one
  double gradient_norm = 0;          ///< before it was clipped
  double rate = 0;                   ///< that the step was made with
  std::uint64_t skipped_steps = 0;   ///< since the beginning
  double seconds = 0;                ///< since this run began, not counting runs that it resumes
};

/// The first number of a step that was not finite, in the order of the walk: input, states from the
/// lowest layer up, output, target, loss; back, the gradient of the output and those of the weights
/// from the head down; the update.
struct NotFinite {
  std::string what;                ///< "input", "state.h_l0", "gradient of head.weight"
  std::optional<std::size_t> row;  ///< the sequence, by its row, where it is of one
  std::optional<std::size_t> t;    ///< the step of the stretch, where it is of one
};

/// "input of row 1 at t 7"
std::string InWords(const NotFinite& number);

/// A step that was not made, because a number in it was not finite.
struct SkippedStep {
  std::uint64_t step;
  NotFinite where;
  bool rolled_back;  ///< weights and moments went back to the last good ones, with half the rate
};

/// A training that goes on from a checkpoint.
struct Resumption {
  std::string checkpoint;  ///< the file
  std::uint64_t step;      ///< steps done
  std::string begun_on;    ///< instruction sets so far: "avx512", "avx512, avx2"
  std::string runs_on;     ///< that of this run; another one's bits may differ
};

/// Called by the thread that trains, between two steps. Must not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Before the first step of a run that resumes.
  virtual void OnResume(const Resumption& /*resumption*/) {}
  virtual void OnProgress(const Progress& /*progress*/) {}
  virtual void OnSkip(const SkippedStep& /*skipped*/) {}
  /// Asked after each step: true ends the training there, in good order.
  virtual bool ShouldStop() { return false; }
};

}  // namespace unroll
