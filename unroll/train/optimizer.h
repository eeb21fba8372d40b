// What turns gradients into better weights: one of four rules, with what it remembers.
//
// The rules are PyTorch's, their options have PyTorch's names and defaults; kernels/update.h gives
// their equations. Not taken over: dampening, centered, amsgrad, maximize.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/base/arena.h"
#include "unroll/base/status.h"
#include "unroll/base/threads.h"

namespace unroll {

enum class Rule { kSgd, kRmsprop, kAdam, kAdamW };

inline constexpr std::array kRules = {Rule::kSgd, Rule::kRmsprop, Rule::kAdam, Rule::kAdamW};

/// "sgd", "rmsprop", "adam", "adamw"
std::string_view NameOf(Rule rule);
/// The rule of that name, or nothing.
std::optional<Rule> FindRule(std::string_view name);

/// Which rule, and how; the learning rate is not among it. What a rule does not read is left as it
/// is here.
struct OptimizerOptions {
  Rule rule = Rule::kAdam;
  double momentum = 0;                  ///< sgd, rmsprop
  bool nesterov = false;                ///< sgd with momentum
  double alpha = 0.99;                  ///< rmsprop
  double beta_1 = 0.9, beta_2 = 0.999;  ///< adam, adamw
  double epsilon = 1e-8;                ///< all but sgd
  double weight_decay = 0;  ///< of all weights and biases; adamw: decoupled, and see below
};

/// The defaults of a rule: those above, and of adamw a weight_decay of 0.01.
OptimizerOptions DefaultsOf(Rule rule);

/// Errors:  kUsage, place the option, for a number that no rule can take and for one that this rule
///          does not read.
Result<void> CheckOptimizer(const OptimizerOptions& options);

/// What the rule remembers of each weight, by name: "sgd.m" (with momentum), "rmsprop.v",
/// "rmsprop.m" (with momentum), "adam.m" and "adam.v", "adamw.m" and "adamw.v".
std::vector<std::string> MomentNames(const OptimizerOptions& options);

/// A rule with its moments, which lie as the network's weights do.
template <class Real>
class Optimizer {
 public:
  /// For `size` weights.
  ///
  /// Errors:  std::logic_error where CheckOptimizer would refuse the options; std::bad_alloc.
  explicit Optimizer(std::size_t size, const OptimizerOptions& options = {});

  /// Moves `weights` against `factor` times `gradients`. Returns whether they and the moments are
  /// finite after it.
  bool Update(std::span<Real> weights, std::span<const Real> gradients, double rate, double factor,
              ThreadPool& pool);

  /// All that it remembers: a moment for each of MomentNames, in that order, and the updates made.
  std::size_t moments() const { return moments_.size(); }
  std::span<Real> moment(std::size_t k) { return moments_[k].span(); }
  std::span<const Real> moment(std::size_t k) const { return moments_[k].span(); }
  std::uint64_t updates() const { return updates_; }
  void set_updates(std::uint64_t updates) { updates_ = updates; }

  /// Remembers what `other` does, which was made alike.
  void CopyFrom(const Optimizer& other);

 private:
  OptimizerOptions options_;
  std::vector<Buffer<Real>> moments_;
  std::uint64_t updates_ = 0;
};

}  // namespace unroll
