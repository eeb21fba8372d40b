#include "unroll/model/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace unroll {
namespace {

/// nlohmann's events made ours.
class Adapter {
 public:
  Adapter(std::string_view text, const std::string& name, std::uint64_t offset, JsonEvents& events)
      : text_(text), name_(name), offset_(offset), events_(events) {}

  bool null() { return events_.Scalar({JsonScalar::kNull, 0, 0, ""}); }
  bool boolean(bool b) { return events_.Scalar({JsonScalar::kBool, b ? 1u : 0u, 0, ""}); }
  bool number_integer(std::int64_t n) {
    // "-0" comes here as well, without its sign.
    const double real = n == 0 ? -0.0 : static_cast<double>(n);
    return events_.Scalar({JsonScalar::kReal, 0, real, n == 0 ? "-0" : fmt::format("{}", n)});
  }
  bool number_unsigned(std::uint64_t n) {
    return events_.Scalar({JsonScalar::kWhole, n, static_cast<double>(n), ""});
  }
  bool number_float(double real, const std::string& text) {
    return events_.Scalar({JsonScalar::kReal, 0, real, text});
  }
  bool string(std::string& text) {
    return events_.Scalar({JsonScalar::kString, 0, 0, std::move(text)});
  }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return events_.Open('{'); }
  bool end_object() { return events_.Close('}'); }
  bool start_array(std::size_t) { return events_.Open('['); }
  bool end_array() { return events_.Close(']'); }
  bool key(std::string& key) { return events_.Key(std::move(key)); }
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& why) {
    // The reader has just taken the byte before `position`; its token may hold more than one.
    const std::size_t at = position > 0 ? position - 1 : 0;
    const bool is_too_large = dynamic_cast<const nlohmann::json::out_of_range*>(&why) != nullptr;
    events_.error = Error{Failure::kBadData, fmt::format("{}:byte {}", name_, offset_ + at),
                          is_too_large ? "a number below 1.8e308" : "JSON in UTF-8",
                          is_too_large         ? Escaped(token, 40)
                          : at >= text_.size() ? "its end"
                                               : '"' + Escaped(text_.substr(at, 1)) + '"',
                          ""};
    return false;
  }

 private:
  const std::string_view text_;
  const std::string& name_;
  const std::uint64_t offset_;
  JsonEvents& events_;
};

/// Fills a JsonObject and allows nothing deeper than an array in it.
class FlatEvents : public JsonEvents {
 public:
  explicit FlatEvents(const std::string& place) : place_(place) {}

  bool Scalar(const JsonScalar& value) override {
    if (in_array_) {
      if (items_++ == kMostJsonItems) {
        return Refuse(place_, fmt::format("at most {} numbers in lists", kMostJsonItems), "more");
      }
      std::get<std::vector<JsonScalar>>(object.back().second).push_back(value);
    } else {
      object.back().second = value;
    }
    return true;
  }
  bool Key(std::string key) override {
    if (keys_.size() == kMostJsonKeys) {
      return Refuse(place_, fmt::format("at most {} keys", kMostJsonKeys), "more");
    }
    if (!keys_.insert(key).second) {
      return Refuse(place_, "every key once", '"' + Escaped(key) + "\" twice");
    }
    object.emplace_back(std::move(key), JsonValue());
    return true;
  }
  bool Open(char bracket) override {
    if (bracket == '{' && !opened_) return opened_ = true;
    if (bracket == '[' && opened_ && !in_array_) {
      object.back().second = std::vector<JsonScalar>();
      return in_array_ = true;
    }
    return Refuse(place_, "an object of plain values", "one with deeper brackets");
  }
  bool Close(char /*bracket*/) override {
    in_array_ = false;
    return true;
  }

  JsonObject object;

 private:
  const std::string& place_;
  std::set<std::string, std::less<>> keys_;
  std::size_t items_ = 0;
  bool opened_ = false, in_array_ = false;
};

struct WrongToken {
  std::size_t at;
  std::string expected, found;
};

/// The first control byte, or token so long that the reader, which holds it several times over,
/// would take more memory than the file.
std::optional<WrongToken> FindWrongToken(std::string_view text) {
  constexpr std::string_view kOfNumbers = "0123456789+-.eE";
  bool in_text = false, escaped = false;
  std::size_t begin = 0;  // of the token that holds byte i
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r') {
      return WrongToken{i, "JSON text", fmt::format("a control byte {:#04x}", c)};
    }
    if (in_text) {
      if (i - begin > kLongestJsonText) {
        return WrongToken{begin, fmt::format("a text of at most {} bytes", kLongestJsonText),
                          "a longer one"};
      }
      in_text = c != '"' || escaped;
      escaped = c == '\\' && !escaped;
      continue;
    }
    in_text = c == '"';
    if (in_text || kOfNumbers.find(c) == kOfNumbers.npos) {
      begin = in_text ? i : i + 1;
    } else if (i - begin >= kLongestJsonNumber) {
      return WrongToken{begin, fmt::format("a number of at most {} bytes", kLongestJsonNumber),
                        "a longer one"};
    }
  }
  return std::nullopt;
}

/// Of one value that holds no others.
std::string Dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string JsonScalar::InWords() const {
  switch (kind) {
    case kNull:
      return "null";
    case kBool:
      return whole != 0 ? "true" : "false";
    case kWhole:
      return fmt::format("{}", whole);
    case kReal:
      return Escaped(text, 40);
    case kString:
      return '"' + Escaped(text) + '"';
  }
  return "";
}

bool JsonEvents::Refuse(std::string place, std::string expected, std::string found,
                        std::string mend) {
  error = Error{Failure::kBadData, std::move(place), std::move(expected), std::move(found),
                std::move(mend)};
  return false;
}

Result<void> ReadJson(std::string_view text, const std::string& name, std::uint64_t offset,
                      JsonEvents& events) {
  const auto place = [&](std::size_t i) { return fmt::format("{}:byte {}", name, offset + i); };
  if (text.empty() || text[0] != '{') {
    return Fail(Failure::kBadData, place(0), "\"{\", the start of a JSON object",
                text.empty() ? "nothing" : '"' + Escaped(text.substr(0, 1)) + '"');
  }
  if (const auto wrong = FindWrongToken(text)) {
    return Fail(Failure::kBadData, place(wrong->at), wrong->expected, wrong->found);
  }
  Adapter adapter(text, name, offset, events);
  const bool read = nlohmann::json::sax_parse(text.begin(), text.end(), &adapter);
  if (events.error) return tl::unexpected<Error>(*events.error);
  if (!read) return Fail(Failure::kBadData, place(0), "JSON in UTF-8", "something else");
  return {};
}

Result<JsonObject> ReadJsonObject(std::string_view text, const std::string& place) {
  FlatEvents events(place);
  if (auto read = ReadJson(text, place, 0, events); !read) {
    return tl::unexpected<Error>(std::move(read).error());
  }
  return std::move(events.object);
}

std::string WriteJson(const JsonScalar& value) {
  switch (value.kind) {
    case JsonScalar::kNull:
      return "null";
    case JsonScalar::kBool:
      return value.whole != 0 ? "true" : "false";
    case JsonScalar::kWhole:
      return fmt::to_string(value.whole);
    case JsonScalar::kReal:
      return Dump(value.real);
    case JsonScalar::kString:
      return Dump(value.text);
  }
  return "null";
}

// Text by text: a tree of nlohmann's ends the process where memory ends.
std::string WriteJsonObject(const JsonObject& object) {
  std::vector<std::string> members;
  for (const auto& [key, value] : object) {
    std::string text;
    if (const auto* scalar = std::get_if<JsonScalar>(&value)) {
      text = WriteJson(*scalar);
    } else {
      std::vector<std::string> items;
      for (const JsonScalar& item : std::get<std::vector<JsonScalar>>(value)) {
        items.push_back(WriteJson(item));
      }
      text = fmt::format("[{}]", fmt::join(items, ","));
    }
    members.push_back(WriteJson({JsonScalar::kString, 0, 0, key}) + ':' + text);
  }
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

}  // namespace unroll
