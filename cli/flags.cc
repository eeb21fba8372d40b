#include "cli/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/nearest.h"

namespace unroll::cli {
namespace {

/// The name by which a person knows a flag: the long one where there is one.
std::string LongestName(const std::string& names) {
  const std::size_t comma = names.find(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

/// Whether `word` is one of `names`, such as "-o,--output". (CLI11's own look-up ends the process
/// where memory ends.)
bool IsOneOf(std::string_view word, std::string_view names) {
  for (;;) {
    const std::size_t comma = names.find(',');
    if (word == names.substr(0, comma)) return true;
    if (comma == names.npos) return false;
    names.remove_prefix(comma + 1);
  }
}

std::string Quoted(const std::string& text) { return fmt::format("\"{}\"", Escaped(text)); }

}  // namespace

Flags::Flags(const std::string& command, const std::string& summary)
    : app_(summary, command), command_(command) {
  app_.allow_extras();
  app_.set_help_flag();  // CLI11's own would end the reading by an exception
  app_.get_formatter()->column_width(28);
  app_.get_formatter()->label("OPTIONS", "FLAGS");
  app_.get_formatter()->label("REQUIRED", "");
  app_.get_formatter()->label("Positionals", "What it reads");
  AddSwitch("-h,--help", "Print this and exit", &help_wanted_);
}

void Flags::Add(const std::string& name, const std::string& kind, const std::string& help,
                Flag flag) {
  flag.names = name;
  flag.place = LongestName(name);
  if (!flag.is_operand) names_.push_back(flag.place);
  flags_.push_back(std::make_unique<Flag>(std::move(flag)));
  app_.add_option(
          name,
          [added = flags_.back().get()](const CLI::results_t& values) {
            added->values = values;
            return true;
          },
          help)
      ->type_name(kind)
      ->type_size(1)
      ->expected(1)
      ->take_all()
      ->required(flags_.back()->is_operand);
}

void Flags::AddSwitch(const std::string& name, const std::string& help, bool* to) {
  app_.add_flag(name, *to, help)->disable_flag_override();
  names_.push_back(LongestName(name));
}

void Flags::AddText(const std::string& name, const std::string& kind, const std::string& help,
                    std::string* to) {
  const std::string expected = kind == "FILE" ? "the name of a file" : kind;
  const auto take = [expected, to](const std::string& text, const std::string& place) {
    if (text.empty()) return Result<void>(Fail(Failure::kUsage, place, expected, "nothing"));
    *to = text;
    return Result<void>();
  };
  Add(name, kind, help, {"", "", expected, {}, take, false});
}

void Flags::AddWhole(const std::string& name, WholeRange range, const std::string& help,
                     std::optional<std::uint64_t>* to) {
  const auto take = [range, to](const std::string& text, const std::string& place) {
    return ParseWhole(text, place, range).map([&](std::uint64_t number) { *to = number; });
  };
  Add(name, "N", help, {"", "", range.InWords(), {}, take, false});
}

void Flags::AddReal(const std::string& name, RealRange range, const std::string& help,
                    std::optional<double>* to) {
  const auto take = [range, to](const std::string& text, const std::string& place) {
    return ParseReal(text, place, range).map([&](double number) { *to = number; });
  };
  Add(name, "NUMBER", help, {"", "", range.InWords(), {}, take, false});
}

void Flags::AddSize(const std::string& name, const std::string& help,
                    std::optional<std::uint64_t>* to) {
  const auto take = [to](const std::string& text, const std::string& place) {
    return ParseSize(text, place).map([&](std::uint64_t bytes) { *to = bytes; });
  };
  Add(name, "SIZE", help, {"", "", kSizeInWords, {}, take, false});
}

void Flags::AddChoice(const std::string& name, const std::vector<std::string>& choices,
                      const std::string& help, std::string* to) {
  const std::string expected = fmt::format("one of {}", fmt::join(choices, ", "));
  const auto take = [choices, expected, to](const std::string& text, const std::string& place) {
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
      return Result<void>(Fail(Failure::kUsage, place, expected, Quoted(text)));
    }
    *to = text;
    return Result<void>();
  };
  Add(name, "NAME", help, {"", "", expected, {}, take, false});
}

void Flags::AddOperand(const std::string& name, const std::string& help, std::string* to) {
  const auto take = [to](const std::string& text, const std::string& /*place*/) {
    *to = text;
    return Result<void>();
  };
  Add(name, "", help, {"", "", "a " + name, {}, take, true});
}

/// The flag that `word` names, if it is one that wants a value.
const Flags::Flag* Flags::FindValueFlag(const std::string& word) const {
  for (const auto& flag : flags_) {
    if (!flag->is_operand && IsOneOf(word, flag->names)) return flag.get();
  }
  return nullptr;
}

/// How errors name the command, behind the "unroll: " that they begin with.
std::string Flags::Place() const { return command_.substr(command_.find(' ') + 1); }

/// Finds the flags without a value, which CLI11 would give the next word, flag or not.
Result<void> Flags::CheckWords(Words words) const {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string& word = words[i];
    if (const std::size_t equals = word.find('='); word.starts_with("--") && equals != word.npos) {
      const std::string name = word.substr(0, equals);
      const Flag* const flag = FindValueFlag(name);
      if (flag == nullptr && std::find(names_.begin(), names_.end(), name) != names_.end()) {
        return Fail(Failure::kUsage, name, "no value", Quoted(word.substr(equals + 1)));
      }
      if (flag != nullptr && equals + 1 == word.size()) {
        return Fail(Failure::kUsage, flag->place, flag->expected, "nothing");
      }
      continue;
    }
    const Flag* const flag = FindValueFlag(word);
    if (flag == nullptr) continue;
    if (i + 1 == words.size()) return Fail(Failure::kUsage, flag->place, flag->expected, "nothing");
    if (words[i + 1].starts_with("--")) {
      return Fail(Failure::kUsage, flag->place, flag->expected, Quoted(words[i + 1]));
    }
    ++i;
  }
  return {};
}

/// `extras` are the words that nobody wanted.
Result<void> Flags::CheckExtras(std::vector<std::string> extras) const {
  // The mark behind which all words are operands is no word of its own.
  if (auto mark = std::find(extras.begin(), extras.end(), "--"); mark != extras.end()) {
    extras.erase(mark);
  }
  const auto unknown = std::find_if(extras.begin(), extras.end(), [](const std::string& word) {
    return word.starts_with("-") && word.size() > 1;
  });
  if (unknown != extras.end()) {
    const std::string name = unknown->substr(0, unknown->find('='));
    const std::string nearest = Nearest(name, names_);
    return Fail(Failure::kUsage, Escaped(name), "a flag of " + command_, "none of that name",
                nearest.empty() ? fmt::format("{} --help lists them", command_)
                                : fmt::format("did you mean {}?", nearest));
  }
  if (!extras.empty()) {
    return Fail(Failure::kUsage, Place(), "no more words", Quoted(extras.front()));
  }
  return {};
}

Result<void> Flags::TakeValues() {
  for (const auto& flag : flags_) {
    if (flag->values.size() > 1) {
      return Fail(Failure::kUsage, flag->place, "to be given once",
                  fmt::format("it {} times", flag->values.size()));
    }
    if (flag->is_operand && (flag->values.empty() || flag->values.front().empty())) {
      return Fail(Failure::kUsage, Place(), flag->expected, "none",
                  fmt::format("{} --help says more", command_));
    }
    if (flag->values.empty()) continue;
    if (auto taken = flag->take(flag->values.front(), flag->place); !taken) return taken;
  }
  return {};
}

Result<void> Flags::Read(Words words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  help_wanted_ = std::any_of(
      words.begin(), end, [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (help_wanted_) return {};
  if (auto checked = CheckWords(words); !checked) return checked;
  try {
    app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes the last
  } catch (const CLI::RequiredError&) {
    // TakeValues tells that of a missing operand.
  } catch (const CLI::ParseError&) {  // in words of its own, which say less than --help
    return Fail(Failure::kUsage, Place(), "words as --help lists them", "others");
  }
  if (auto checked = CheckExtras(app_.remaining()); !checked) return checked;
  return TakeValues();
}

}  // namespace unroll::cli
