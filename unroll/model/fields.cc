#include "unroll/model/fields.h"

namespace unroll {
namespace {

/// nlohmann writes NaN and infinity as null.
bool IsFinite(const JsonScalar& value) {
  return value.kind != JsonScalar::kReal || std::isfinite(value.real);
}

}  // namespace

std::string FromJson(const JsonScalar& value, std::string& field) {
  if (value.kind != JsonScalar::kString) return "a text";
  field = value.text;
  return "";
}

std::string FromJson(const JsonScalar& value, std::uint64_t& field) {
  if (value.kind != JsonScalar::kWhole) return "a whole number from 0 up";
  field = value.whole;
  return "";
}

std::string FromJson(const JsonScalar& value, bool& field) {
  if (value.kind != JsonScalar::kBool) return "true or false";
  field = value.whole != 0;
  return "";
}

std::string FromJson(const JsonScalar& value, double& field) {
  if (value.kind != JsonScalar::kReal && value.kind != JsonScalar::kWhole) return "a number";
  field = value.real;
  return "";
}

JsonValue ToJson(const PerLayer& numbers) {
  if (numbers.numbers.size() == 1) return ToJson(numbers.numbers[0]);
  return ToJson(numbers.numbers);
}

std::string FromJson(const JsonValue& value, PerLayer& field) {
  const auto* scalar = std::get_if<JsonScalar>(&value);
  if (scalar == nullptr) return FromJson(value, field.numbers);
  field.numbers.resize(1);
  return FromJson(*scalar, field.numbers[0]);
}

std::string InWords(const JsonValue& value) {
  const auto* scalar = std::get_if<JsonScalar>(&value);
  return scalar != nullptr ? scalar->InWords() : "a list";
}

Result<std::string> CheckedJson(const JsonObject& object, const std::string& place) {
  for (const auto& [key, value] : object) {
    bool finite = true;
    if (const auto* scalar = std::get_if<JsonScalar>(&value)) {
      finite = IsFinite(*scalar);
    } else {
      for (const JsonScalar& item : std::get<std::vector<JsonScalar>>(value)) {
        finite &= IsFinite(item);
      }
    }
    if (!finite) {
      return Fail(Failure::kDiverged, fmt::format("{}.{}", place, key), "a finite number",
                  "NaN or infinity");
    }
  }
  return WriteJsonObject(object);
}

std::string TextsToJson(const std::map<std::string, std::string>& texts) {
  JsonObject object;
  for (const auto& [key, text] : texts) object.emplace_back(key, ToJson(text));
  return WriteJsonObject(object);
}

Result<std::map<std::string, std::string>> TextsFromJson(std::string_view text,
                                                         const std::string& place) {
  auto object = ReadJsonObject(text, place);
  if (!object) return tl::unexpected<Error>(std::move(object).error());
  std::map<std::string, std::string> texts;
  for (auto& [key, value] : *object) {
    if (std::string expected = FromJson(value, texts[key]); !expected.empty()) {
      return Fail(Failure::kBadData, fmt::format("{}.{}", place, Escaped(key)), std::move(expected),
                  InWords(value));
    }
  }
  return texts;
}

}  // namespace unroll
