// A struct that lists its fields once (ForEachField) as a JSON object, and back to the bit.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "unroll/base/status.h"
#include "unroll/model/json.h"
#include "unroll/network/specification.h"

namespace unroll {

inline JsonScalar ToJson(const std::string& text) { return {JsonScalar::kString, 0, 0, text}; }
inline JsonScalar ToJson(std::uint64_t n) { return {JsonScalar::kWhole, n, 0, ""}; }
inline JsonScalar ToJson(bool b) { return {JsonScalar::kBool, b ? 1u : 0u, 0, ""}; }
inline JsonScalar ToJson(double real) { return {JsonScalar::kReal, 0, real, ""}; }

/// An enumeration goes by its NameOf.
template <class Enum, class = std::enable_if_t<std::is_enum_v<Enum>>>
JsonScalar ToJson(Enum value) {
  return ToJson(std::string(NameOf(value)));
}

template <class Item>
std::vector<JsonScalar> ToJson(const std::vector<Item>& items) {
  std::vector<JsonScalar> list;
  for (const Item& item : items) list.push_back(ToJson(item));
  return list;
}

/// One number where it is the same for all layers, else a list.
JsonValue ToJson(const PerLayer& numbers);

/// Each FromJson returns what it expected, or nothing where it has set the field.
std::string FromJson(const JsonScalar& value, std::string& field);
std::string FromJson(const JsonScalar& value, std::uint64_t& field);
std::string FromJson(const JsonScalar& value, bool& field);
std::string FromJson(const JsonScalar& value, double& field);

/// Values of an enumeration are counted from 0; NameOf gives "" behind the last.
template <class Enum, class = std::enable_if_t<std::is_enum_v<Enum>>>
std::string FromJson(const JsonScalar& value, Enum& field) {
  std::string names;
  for (int i = 0; !NameOf(static_cast<Enum>(i)).empty(); ++i) {
    const std::string_view name = NameOf(static_cast<Enum>(i));
    if (value.kind == JsonScalar::kString && value.text == name) {
      field = static_cast<Enum>(i);
      return "";
    }
    names += (i == 0 ? "" : ", ") + std::string(name);
  }
  return "one of " + names;
}

/// What `value` is, for an error message.
std::string InWords(const JsonValue& value);

template <class Field>
std::string FromJson(const JsonValue& value, Field& field) {
  if (const auto* scalar = std::get_if<JsonScalar>(&value)) return FromJson(*scalar, field);
  return "one value";
}

template <class Item>
std::string FromJson(const JsonValue& value, std::vector<Item>& field) {
  const auto* list = std::get_if<std::vector<JsonScalar>>(&value);
  if (list == nullptr) return "a list";
  field.resize(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (std::string expected = FromJson((*list)[i], field[i]); !expected.empty()) {
      return "a list, each " + expected;
    }
  }
  return "";
}

std::string FromJson(const JsonValue& value, PerLayer& field);

/// kDiverged where a number is not finite; `place` in front.
Result<std::string> CheckedJson(const JsonObject& object, const std::string& place);

/// The fields of `record` as a JSON object in the order of its list.
///
/// Errors:  kDiverged where a number is not finite: none ever reaches a file.
template <class Record>
Result<std::string> RecordToJson(const Record& record, const std::string& place) {
  JsonObject object;
  Record::ForEachField(record, [&](std::string_view name, const auto& field) {
    object.emplace_back(std::string(name), ToJson(field));
  });
  return CheckedJson(object, place);
}

/// Fields, from the first on, without which a record is not whole: all, unless it says otherwise.
template <class Record>
constexpr std::size_t FieldsThatMustBe() {
  if constexpr (requires { Record::kFirstFields; }) return Record::kFirstFields;
  return static_cast<std::size_t>(-1);
}

/// The record that RecordToJson wrote: every field must be there, and nothing else. A later field
/// (see FieldsThatMustBe) that is not there keeps its default.
///
/// Errors:  kBadData, place "`place`.FIELD".
template <class Record>
Result<Record> RecordFromJson(std::string_view text, const std::string& place) {
  const auto object = ReadJsonObject(text, place);
  if (!object) return tl::unexpected<Error>(object.error());
  Record record;
  std::optional<Error> error;
  std::map<std::string_view, bool> known;
  std::size_t fields = 0;
  Record::ForEachField(record, [&](std::string_view name, auto& field) {
    known[name] = true;
    const bool must_be = fields++ < FieldsThatMustBe<Record>();
    if (error) return;
    const std::string at = fmt::format("{}.{}", place, name);
    for (const auto& [key, value] : *object) {
      if (key != name) continue;
      if (std::string expected = FromJson(value, field); !expected.empty()) {
        error = Error{Failure::kBadData, at, std::move(expected), InWords(value), ""};
      }
      return;
    }
    if (must_be) error = Error{Failure::kBadData, at, "a value", "none", ""};
  });
  if (error) return tl::unexpected<Error>(std::move(*error));
  for (const auto& [key, value] : *object) {
    if (known.count(key) == 0) {
      return Fail(Failure::kBadData, fmt::format("{}.{}", place, Escaped(key)),
                  "a field that this build knows", "another");
    }
  }
  return record;
}

/// A JSON object of texts, and back.
///
/// Errors:  kBadData.
std::string TextsToJson(const std::map<std::string, std::string>& texts);
Result<std::map<std::string, std::string>> TextsFromJson(std::string_view text,
                                                         const std::string& place);

}  // namespace unroll
