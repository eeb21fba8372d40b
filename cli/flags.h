// The flags of one command: declared once, read by CLI11, checked by us, so that every mistake is
// told in our own form.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/numbers.h"
#include "unroll/base/status.h"

namespace unroll::cli {

/// What a command is given: the words after its name.
using Words = std::span<const std::string>;

/// Where a flag's value goes; left as it is where the flag is not given. A name is "--hidden" or
/// "-o,--output"; `help` says what the flag does, with its default.
class Flags {
 public:
  /// `command` as it is typed, "unroll train".
  Flags(const std::string& command, const std::string& summary);

  void AddSwitch(const std::string& name, const std::string& help, bool* to);
  void AddText(const std::string& name, const std::string& kind, const std::string& help,
               std::string* to);
  void AddWhole(const std::string& name, WholeRange range, const std::string& help,
                std::optional<std::uint64_t>* to);
  void AddReal(const std::string& name, RealRange range, const std::string& help,
               std::optional<double>* to);
  void AddSize(const std::string& name, const std::string& help, std::optional<std::uint64_t>* to);
  /// One of `choices`.
  void AddChoice(const std::string& name, const std::vector<std::string>& choices,
                 const std::string& help, std::string* to);
  /// The word without a flag that the command cannot do without.
  void AddOperand(const std::string& name, const std::string& help, std::string* to);

  /// Reads the words into where the flags point.
  ///
  /// Errors:  kUsage.
  Result<void> Read(Words words);

  /// Whether --help was among the words read, and its text.
  bool help_wanted() const { return help_wanted_; }
  std::string Help() const { return app_.help(); }

 private:
  using Take = std::function<Result<void>(const std::string& text, const std::string& place)>;
  struct Flag {
    std::string names;                ///< "-o,--output"
    std::string place;                ///< the name by which errors go: "--hidden", "FILE"
    std::string expected;             ///< "a number above 0, at most 10"
    std::vector<std::string> values;  ///< as given
    Take take;
    bool is_operand;
  };

  void Add(const std::string& name, const std::string& kind, const std::string& help, Flag flag);
  std::string Place() const;
  const Flag* FindValueFlag(const std::string& word) const;
  Result<void> CheckWords(Words words) const;
  Result<void> CheckExtras(std::vector<std::string> extras) const;
  Result<void> TakeValues();

  CLI::App app_;
  std::string command_;
  std::vector<std::unique_ptr<Flag>> flags_;  // CLI11 keeps pointers into them
  std::vector<std::string> names_;            // of all flags, for "did you mean"
  bool help_wanted_ = false;
};

}  // namespace unroll::cli
