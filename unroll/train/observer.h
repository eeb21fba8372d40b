// Who watches a training, and may end it.
#pragma once

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

/// A step that was not made, because a number in it was not finite.
struct SkippedStep {
  std::uint64_t step;
  std::string where;  ///< "the gradient of head.weight", "the input"
  bool rolled_back;   ///< the weights went back to the last good ones, with half the rate
};

/// Called by the thread that trains, between two steps. Must not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnProgress(const Progress& /*progress*/) {}
  virtual void OnSkip(const SkippedStep& /*skipped*/) {}
  /// Asked after each step: true ends the training there, in good order.
  virtual bool ShouldStop() { return false; }
};

}  // namespace unroll
