#include "cli/json.h"

#include <cstddef>

namespace unroll::cli {

Json::Json(std::initializer_list<Member> members) : kind_(kObject) {
  for (const auto& [key, value] : members) Add(key, value);
}

void Json::Add(std::string_view key, Json value) {
  keys_.emplace_back(key);
  values_.push_back(std::move(value));
}

void Json::AddAll(const Json& object) {
  for (std::size_t i = 0; i < object.keys_.size(); ++i) Add(object.keys_[i], object.values_[i]);
}

std::string Json::Lines(const std::string& indent) const {
  if (kind_ == kScalar) return WriteJson(scalar_);
  const bool list = kind_ == kList;
  if (values_.empty()) return list ? "[]" : "{}";
  const std::string inner = indent + "  ";
  std::string text(1, list ? '[' : '{');
  for (std::size_t i = 0; i < values_.size(); ++i) {
    text += (i == 0 ? "\n" : ",\n") + inner;
    if (!list) text += WriteJson(ToJson(keys_[i])) + ": ";
    text += values_[i].Lines(inner);
  }
  return text + '\n' + indent + (list ? ']' : '}');
}

}  // namespace unroll::cli
