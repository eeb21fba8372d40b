#include "unroll/train/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "unroll/kernels/update.h"

namespace unroll {
namespace {

bool IsAdam(Rule rule) { return rule == Rule::kAdam || rule == Rule::kAdamW; }

/// An option's value, and what it may be.
struct Checked {
  const char* name;
  double value, standard;
  bool read;  ///< by this rule
  double least, below;
};

Result<void> Check(const Checked& option, Rule rule) {
  if (!option.read) {
    if (option.value == option.standard) return {};
    return Fail(Failure::kUsage, option.name, fmt::format("nothing, for {} has none", NameOf(rule)),
                fmt::to_string(option.value), "leave it out, or take another optimizer");
  }
  if (option.value >= option.least && option.value < option.below) return {};
  return Fail(Failure::kUsage, option.name,
              fmt::format("a number from {} on and below {}", option.least, option.below),
              fmt::to_string(option.value));
}

}  // namespace

std::string_view NameOf(Rule rule) {
  constexpr std::string_view kNames[] = {"sgd", "rmsprop", "adam", "adamw"};
  return kNames[static_cast<std::size_t>(rule)];
}

std::optional<Rule> FindRule(std::string_view name) {
  for (const Rule rule : kRules) {
    if (NameOf(rule) == name) return rule;
  }
  return std::nullopt;
}

OptimizerOptions DefaultsOf(Rule rule) {
  OptimizerOptions options;
  options.rule = rule;
  if (rule == Rule::kAdamW) options.weight_decay = 0.01;
  return options;
}

Result<void> CheckOptimizer(const OptimizerOptions& o) {
  const OptimizerOptions standard;
  const bool sgd = o.rule == Rule::kSgd, rmsprop = o.rule == Rule::kRmsprop, adam = IsAdam(o.rule);
  const Checked all[] = {
      {"momentum", o.momentum, standard.momentum, sgd || rmsprop, 0, 1},
      {"alpha", o.alpha, standard.alpha, rmsprop, 0, 1},
      {"beta_1", o.beta_1, standard.beta_1, adam, 0, 1},
      {"beta_2", o.beta_2, standard.beta_2, adam, 0, 1},
      // Smaller ones are 0 in single precision.
      {"epsilon", o.epsilon, standard.epsilon, !sgd, 1e-37, 1e30},
      {"weight_decay", o.weight_decay, standard.weight_decay, true, 0, 1e30},
  };
  for (const Checked& option : all) {
    if (auto sound = Check(option, o.rule); !sound) return sound;
  }
  if (o.nesterov && (!sgd || o.momentum == 0)) {
    return Fail(Failure::kUsage, "nesterov", "sgd with a momentum",
                sgd ? "none" : std::string(NameOf(o.rule)));
  }
  return {};
}

std::vector<std::string> MomentNames(const OptimizerOptions& options) {
  const std::string rule(NameOf(options.rule));
  std::vector<std::string> names;
  if (IsAdam(options.rule) || options.momentum != 0) names.push_back(rule + ".m");
  if (options.rule != Rule::kSgd) names.push_back(rule + ".v");
  return names;
}

template <class Real>
Optimizer<Real>::Optimizer(std::size_t size, const OptimizerOptions& options) : options_(options) {
  if (const Result<void> sound = CheckOptimizer(options); !sound) {
    throw std::logic_error("Optimizer: " + sound.error().Message());
  }
  for (std::size_t k = 0; k < MomentNames(options).size(); ++k) moments_.emplace_back(size);
}

template <class Real>
bool Optimizer<Real>::Update(std::span<Real> weights, std::span<const Real> gradients, double rate,
                             double factor, ThreadPool& pool) {
  ++updates_;
  const UpdateStep step{rate, factor, options_.weight_decay};
  const bool has_m = IsAdam(options_.rule) || options_.momentum != 0;
  const bool has_v = options_.rule != Rule::kSgd;
  const UpdateSpans<Real> arrays{gradients, weights, has_m ? moment(0) : std::span<Real>(),
                                 has_v ? moment(has_m ? 1 : 0) : std::span<Real>()};
  switch (options_.rule) {
    case Rule::kSgd:
      return UpdateBySgd(step, SgdTerms{options_.momentum, options_.nesterov}, arrays, pool);
    case Rule::kRmsprop:
      return UpdateByRmsprop(
          step, RmspropTerms{options_.momentum, options_.alpha, options_.epsilon}, arrays, pool);
    case Rule::kAdam:
    case Rule::kAdamW:
      break;
  }
  return UpdateByAdam(step,
                      AdamTerms{updates_, options_.rule == Rule::kAdamW, options_.beta_1,
                                options_.beta_2, options_.epsilon},
                      arrays, pool);
}

template <class Real>
void Optimizer<Real>::CopyFrom(const Optimizer& other) {
  for (std::size_t k = 0; k < moments(); ++k) {
    const std::span<const Real> from = other.moment(k);
    std::copy(from.begin(), from.end(), moment(k).begin());
  }
  updates_ = other.updates_;
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace unroll
