#include "unroll/microscope/gradient_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "unroll/base/random.h"

namespace unroll {
namespace {

using Choices = std::vector<std::size_t>;

/// Which pairs of choices have met.
class Pairs {
 public:
  Pairs() {
    for (const GradientAxis& axis : GradientAxes()) {
      first_.push_back(total_);
      total_ += axis.values.size();
    }
    met_.resize(total_ * total_);
  }

  /// Pairs of these choices that have not met.
  std::size_t CountNew(const Choices& choices) const {
    std::size_t count = 0;
    ForEach(choices, [&](std::size_t pair) { count += met_[pair] ? 0 : 1; });
    return count;
  }
  void Meet(const Choices& choices) {
    ForEach(choices, [&](std::size_t pair) { met_[pair] = true; });
  }
  bool HaveMet(std::size_t a, std::size_t i, std::size_t b, std::size_t j) const {
    return met_[(first_[a] + i) * total_ + first_[b] + j];
  }

 private:
  template <class Visit>
  void ForEach(const Choices& choices, const Visit& visit) const {
    for (std::size_t a = 0; a < choices.size(); ++a) {
      for (std::size_t b = a + 1; b < choices.size(); ++b) {
        visit((first_[a] + choices[a]) * total_ + first_[b] + choices[b]);
      }
    }
  }
  std::vector<std::size_t> first_;
  std::size_t total_ = 0;
  std::vector<bool> met_;
};

Choices DrawChoices(Random& random) {
  Choices choices;
  for (const GradientAxis& axis : GradientAxes()) {
    choices.push_back(static_cast<std::size_t>(random.Below(axis.values.size())));
  }
  return choices;
}

bool IsPossible(const Choices& choices) { return SubjectOf(GradientCase(choices)).has_value(); }

/// A possible case with both choices, the one of several that lets most pairs meet; none where no
/// try finds one.
std::optional<Choices> DrawWith(std::size_t a, std::size_t i, std::size_t b, std::size_t j,
                                const Pairs& pairs, Random& random) {
  constexpr int kTries = 200, kEnough = 12;
  std::optional<Choices> best;
  std::size_t most = 0;
  int found = 0;
  for (int n = 0; n < kTries && found < kEnough; ++n) {
    Choices choices = DrawChoices(random);
    choices[a] = i, choices[b] = j;
    if (!IsPossible(choices)) continue;
    ++found;
    const std::size_t gain = pairs.CountNew(choices);
    if (best && gain <= most) continue;
    most = gain, best = std::move(choices);
  }
  return best;
}

}  // namespace

std::string_view GradientCase::operator[](std::string_view axis) const {
  const std::span<const GradientAxis> axes = GradientAxes();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    if (axes[a].name == axis) return axes[a].values[choices_[a]];
  }
  throw std::logic_error("no axis of the gradient check is called " + std::string(axis));
}

std::string GradientCase::InWords() const {
  std::vector<std::string_view> words;
  for (std::size_t a = 0; a < choices_.size(); ++a) {
    words.push_back(GradientAxes()[a].values[choices_[a]]);
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

std::vector<GradientCase> DrawGradientCases(std::size_t least) {
  const std::span<const GradientAxis> axes = GradientAxes();
  Random random(/*seed=*/1, Purpose::kTest);
  Pairs pairs;
  std::set<Choices> drawn;
  std::vector<GradientCase> cases;
  const auto add = [&](const Choices& choices) {
    pairs.Meet(choices);
    if (drawn.insert(choices).second) cases.emplace_back(choices);
  };
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::size_t b = a + 1; b < axes.size(); ++b) {
      for (std::size_t i = 0; i < axes[a].values.size(); ++i) {
        for (std::size_t j = 0; j < axes[b].values.size(); ++j) {
          if (pairs.HaveMet(a, i, b, j)) continue;
          if (const auto choices = DrawWith(a, i, b, j, pairs, random)) add(*choices);
        }
      }
    }
  }
  while (cases.size() < least) {
    const Choices choices = DrawChoices(random);
    if (IsPossible(choices)) add(choices);
  }
  return cases;
}

std::size_t CountPair(std::span<const GradientCase> cases, std::size_t axis_1, std::size_t value_1,
                      std::size_t axis_2, std::size_t value_2) {
  return static_cast<std::size_t>(std::count_if(
      cases.begin(), cases.end(),
      [&](const GradientCase& one) { return one[axis_1] == value_1 && one[axis_2] == value_2; }));
}

}  // namespace unroll
