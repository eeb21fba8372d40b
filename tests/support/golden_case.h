// The cases of a cell's golden file; tests/goldens/make_recurrent.py says what each holds.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/golden.h"
#include "unroll/cells/options.h"

namespace unroll::test {

/// One case of a golden file by its name, SHAPE or SHAPE,OPTION=VALUE,...
class GoldenCase {
 public:
  /// Errors:  std::runtime_error where the name says an option that there is not.
  GoldenCase(const Golden& golden, std::string name) : golden_(&golden), name_(std::move(name)) {
    std::istringstream words(name_);
    std::string word;
    std::getline(words, word, ',');  // the shape: its tensors say it too
    while (std::getline(words, word, ',')) {
      const std::size_t sign = word.find('=');
      if (!Set(word.substr(0, sign), word.substr(sign + 1))) {
        throw std::runtime_error(name_ + ": what is " + word + "?");
      }
    }
  }

  const std::string& name() const { return name_; }
  const CellOptions& options() const { return options_; }
  bool Has(const std::string& tensor) const { return golden_->count(name_ + "." + tensor) != 0; }
  const GoldenTensor& At(const std::string& tensor) const {
    const auto found = golden_->find(name_ + "." + tensor);
    if (found == golden_->end()) throw std::runtime_error(name_ + " has no " + tensor);
    return found->second;
  }
  /// Its numbers; none where it is absent.
  std::vector<double> Numbers(const std::string& tensor) const {
    return Has(tensor) ? At(tensor).numbers : std::vector<double>();
  }
  bool IsBidirectional() const { return Has("weight_ih_l0_reverse"); }
  std::size_t layers() const { return At("h_0").extents.at(0); }

  /// h and then c, where the cell has it, of layer k: [S, B, H].
  std::vector<double> States(const std::string& suffix, std::size_t k,
                             const std::string& prefix = "") const {
    std::vector<double> all;
    for (const char* letter : {"h", "c"}) {
      if (!Has(prefix + letter + suffix)) continue;
      const GoldenTensor& states = At(prefix + letter + suffix);
      const std::size_t size = states.numbers.size() / states.extents.at(0);
      const auto first = states.numbers.begin() + static_cast<std::ptrdiff_t>(k * size);
      all.insert(all.end(), first, first + static_cast<std::ptrdiff_t>(size));
    }
    return all;
  }

 private:
  bool Set(const std::string& option, const std::string& value) {
    for (const auto& [name, field] :
         {std::pair("activation", &CellOptions::activation),
          std::pair("gate_activation", &CellOptions::gate_activation),
          std::pair("output_activation", &CellOptions::output_activation)}) {
      if (option != name) continue;
      const std::optional<Activation> activation = FindActivation(value);
      if (activation) options_.*field = *activation;
      return activation.has_value();
    }
    if (option == "clip") options_.clip = std::stod(value);
    if (option == "input_forget") options_.input_forget = value == "1";
    return option == "clip" || option == "input_forget";
  }

  const Golden* golden_;
  std::string name_;
  CellOptions options_;
};

/// All cases of a golden file.
inline std::vector<GoldenCase> CasesOf(const Golden& golden) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : golden) names.insert(name.substr(0, name.rfind('.')));
  std::vector<GoldenCase> cases;
  for (const std::string& name : names) cases.emplace_back(golden, name);
  return cases;
}

/// How far `ours` is from `theirs`, relative to the largest of theirs; where all of theirs are 0,
/// 0 or infinite.
inline double WorstDifference(const std::vector<double>& ours, const std::vector<double>& theirs) {
  if (ours.size() != theirs.size()) return std::numeric_limits<double>::infinity();
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(theirs[i]));
    const double difference = std::abs(ours[i] - theirs[i]);
    if (!(difference <= worst)) worst = difference;  // a NaN is the worst
  }
  return worst == 0 ? 0 : worst / largest;
}

}  // namespace unroll::test
