// How far a long work has come, told on standard error: a bar that is drawn over itself on a
// terminal, a few plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "unroll/train/observer.h"

namespace unroll::cli {

/// One line for a terminal of `width` columns: bar, rate, time left, loss. The rate is that of this
/// run, which began with the step `begun`.
std::string BarLine(const Progress& progress, std::uint64_t begun, std::size_t width);

/// "0:07", "1:02:03"
std::string Duration(double seconds);

class ProgressDisplay {
 public:
  enum class Style {
    kBar,    ///< for a terminal
    kLines,  ///< ten lines, the same for the same work
    kNone,
  };

  /// The style that standard error and --quiet ask for.
  static Style StyleFor(bool quiet);

  explicit ProgressDisplay(Style style) : style_(style) {}
  ~ProgressDisplay() { Clear(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void Show(const Progress& progress);
  /// Takes the bar away, so that other words can follow.
  void Clear();

 private:
  void Draw(const Progress& progress);

  const Style style_;
  bool drawn_ = false;
  std::optional<std::uint64_t> begun_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace unroll::cli
