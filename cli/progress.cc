#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/output.h"

namespace unroll::cli {
namespace {

constexpr std::uint64_t kLines = 10;

std::size_t TerminalWidth() {
  struct winsize size = {};
  constexpr std::size_t kUsual = 80;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

/// How many of the lines are due after `step`.
std::uint64_t LinesDue(std::uint64_t step, std::uint64_t steps) { return step * kLines / steps; }

}  // namespace

std::string Duration(double seconds) {
  if (!(seconds < 1e6)) return "long";
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  const std::uint64_t hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string BarLine(const Progress& progress, std::uint64_t begun, std::size_t width) {
  const double share = static_cast<double>(progress.step) / static_cast<double>(progress.steps);
  std::string words = fmt::format(" {}/{}", progress.step, progress.steps);
  const double rate = static_cast<double>(progress.step - begun) / progress.seconds;
  if (rate > 0 && std::isfinite(rate)) {
    const double left = static_cast<double>(progress.steps - progress.step) / rate;
    words += fmt::format("  {:.0f} steps/s  {} left", rate, Duration(left));
  }
  words += fmt::format("  loss {:.4g}", progress.loss);
  constexpr std::size_t kNarrowest = 10, kWidest = 30;
  const std::size_t frame = 3;  // two brackets, and the last column, where terminals wrap
  if (width < words.size() + frame + kNarrowest) return words.substr(1, width - 1);
  const std::size_t columns = std::min(kWidest, width - words.size() - frame);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(columns));
  return "[" + std::string(full, '#') + std::string(columns - full, '.') + "]" + words;
}

ProgressDisplay::Style ProgressDisplay::StyleFor(bool quiet) {
  if (quiet) return Style::kNone;
  return isatty(STDERR_FILENO) == 1 ? Style::kBar : Style::kLines;
}

void ProgressDisplay::Show(const Progress& progress) {
  if (style_ == Style::kNone || progress.step == 0) return;
  if (!begun_) begun_ = progress.step - 1;
  if (style_ == Style::kBar) return Draw(progress);
  if (LinesDue(progress.step, progress.steps) == LinesDue(progress.step - 1, progress.steps))
    return;
  Say(fmt::format("step {} of {}, loss {:.4g}\n", progress.step, progress.steps, progress.loss));
}

void ProgressDisplay::Draw(const Progress& progress) {
  constexpr std::chrono::milliseconds kPause{100};  // a terminal is slow
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && progress.step < progress.steps && now - last_ < kPause) return;
  last_ = now;
  drawn_ = true;
  Say("\r\x1b[K" + BarLine(progress, *begun_, TerminalWidth()));
}

void ProgressDisplay::Clear() {
  if (drawn_) Say("\r\x1b[K");
  drawn_ = false;
}

}  // namespace unroll::cli
