// The JSON documents that the program prints. Not nlohmann's trees: where memory ends, those end
// the process.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unroll/model/fields.h"

namespace unroll::cli {

/// A value: a scalar, a list, or an object whose members stay in the order they came in.
class Json {
 public:
  using Member = std::pair<std::string_view, Json>;

  Json(const std::string& text) : scalar_(ToJson(text)) {}  // NOLINT: as a text is written there
  Json(std::string_view text) : Json(std::string(text)) {}  // NOLINT: likewise
  Json(const char* text) : Json(std::string(text)) {}       // NOLINT: likewise
  Json(bool value) : scalar_(ToJson(value)) {}              // NOLINT: likewise
  Json(double number) : scalar_(ToJson(number)) {}          // NOLINT: likewise
  template <std::unsigned_integral Whole>
  Json(Whole number) : scalar_(ToJson(std::uint64_t{number})) {}  // NOLINT: likewise
  template <class Item>
  Json(const std::vector<Item>& items)  // NOLINT: likewise
      : kind_(kList), values_(items.begin(), items.end()) {}
  Json(std::initializer_list<Member> members);

  static Json List() { return Json(kList); }
  static Json Object() { return Json(kObject); }

  /// Adds to a list.
  void Add(Json value) { values_.push_back(std::move(value)); }
  /// Adds to an object, which has no such key yet.
  void Add(std::string_view key, Json value);
  void AddAll(const Json& object);

  /// With two spaces a level and a line end.
  std::string Text() const { return Lines("") + '\n'; }

 private:
  enum Kind { kScalar, kList, kObject };

  explicit Json(Kind kind) : kind_(kind) {}
  std::string Lines(const std::string& indent) const;

  Kind kind_ = kScalar;
  JsonScalar scalar_ = ToJson(false);
  std::vector<std::string> keys_;  // of an object, one to each value
  std::vector<Json> values_;
};

}  // namespace unroll::cli
