#include "unroll/losses/losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "unroll/losses/classification.h"
#include "unroll/losses/likelihood.h"
#include "unroll/losses/regression.h"

namespace unroll {
namespace {

constexpr std::array<LossFacts, 7> kLosses = {{{"squared", ""},
                                               {"absolute", ""},
                                               {"huber", "delta"},
                                               {"quantile", "quantiles"},
                                               {"gaussian", "floor"},
                                               {"softmax", "classes"},
                                               {"binary", ""}}};

template <class Real>
std::unique_ptr<Loss<Real>> Make(const LossOptions& options) {
  const std::string& name = options.name;
  if (name == "squared") return std::make_unique<SquaredError<Real>>();
  if (name == "absolute") return std::make_unique<AbsoluteError<Real>>();
  if (name == "huber") return std::make_unique<HuberError<Real>>(options.delta);
  if (name == "quantile") return std::make_unique<QuantileError<Real>>(options.quantiles);
  if (name == "gaussian") return std::make_unique<GaussianLikelihood<Real>>(options.floor);
  if (name == "softmax") return std::make_unique<SoftmaxCrossEntropy<Real>>(options.classes);
  if (name == "binary") return std::make_unique<BinaryCrossEntropy<Real>>();
  throw std::logic_error("no loss is made for " + name);
}

/// An option's value, whether it is another than at first, and what it has to be.
struct OptionCheck {
  std::string_view option;
  std::string value;
  bool touched, good;
  std::string_view expected;
};

std::array<OptionCheck, 4> ChecksOf(const LossOptions& options) {
  const LossOptions untouched;
  const auto& [name, delta, quantiles, floor, classes] = options;
  const auto is_size = [](double number) { return number > 0 && std::isfinite(number); };
  return {{{"delta", fmt::format("{}", delta), delta != untouched.delta, is_size(delta),
            "a finite number above 0"},
           {"quantiles", fmt::format("[{}]", fmt::join(quantiles, ", ")),
            quantiles != untouched.quantiles, AreQuantiles(quantiles),
            "numbers between 0 and 1, each above the one before"},
           {"floor", fmt::format("{}", floor), floor != untouched.floor, is_size(floor),
            "a finite number above 0"},
           {"classes", fmt::format("{}", classes), classes != untouched.classes,
            classes >= 2 && classes <= SoftmaxCrossEntropy<float>::kMostClasses,
            "a number from 2 to 16777216"}}};
}

}  // namespace

std::span<const LossFacts> Losses() { return kLosses; }

std::string LossNames() {
  std::string names;
  for (const LossFacts& loss : kLosses) {
    names.append(names.empty() ? "" : ", ").append(loss.name);
  }
  return names;
}

Result<void> CheckLossOptions(const LossOptions& options) {
  const auto* const loss =
      std::find_if(kLosses.begin(), kLosses.end(),
                   [&](const LossFacts& facts) { return facts.name == options.name; });
  if (loss == kLosses.end()) {
    return Fail(Failure::kUsage, "loss", "one of " + LossNames(),
                '"' + Escaped(options.name) + '"');
  }
  for (OptionCheck& check : ChecksOf(options)) {
    const std::string place = fmt::format("loss.{}", check.option);
    if (loss->option != check.option && check.touched) {
      return Fail(Failure::kUsage, place, "it to be left alone", check.value,
                  fmt::format("the loss {} does not read it", loss->name));
    }
    if (!check.good) {
      return Fail(Failure::kUsage, place, std::string(check.expected), check.value);
    }
  }
  return {};
}

template <class Real>
Result<std::unique_ptr<Loss<Real>>> MakeLoss(const LossOptions& options) {
  if (auto checked = CheckLossOptions(options); !checked) return tl::unexpected(checked.error());
  return Make<Real>(options);
}

template Result<std::unique_ptr<Loss<float>>> MakeLoss(const LossOptions&);
template Result<std::unique_ptr<Loss<double>>> MakeLoss(const LossOptions&);

}  // namespace unroll
