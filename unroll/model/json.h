// JSON from outside, event by event and with limits; nothing is built before it has been checked.
//
// nlohmann's reader is iterative, but on its own it takes the last of two equal keys, a NUL as the
// end, and any depth. Here text that is not exactly one object of plain UTF-8 JSON is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "unroll/base/status.h"

namespace unroll {

/// Limits of what is read: with them, what is built of a text is not much larger than the text.
inline constexpr std::size_t kLongestJsonText = std::size_t{8} << 20;  ///< bytes, with its escapes
inline constexpr std::size_t kLongestJsonNumber = 400;  ///< more than the largest double has digits
inline constexpr std::size_t kMostJsonKeys = 65537;  ///< a checksum of every tensor, and one more
inline constexpr std::size_t kMostJsonItems =
    std::size_t{4} * 65536;  ///< the means and deviations of a scaling

/// A number, string, truth value or null.
struct JsonScalar {
  enum Kind { kNull, kBool, kWhole, kReal, kString };
  Kind kind;
  std::uint64_t whole = 0;  ///< kWhole: a number written without sign, point and exponent; kBool
  double real = 0;          ///< kWhole, kReal
  std::string text;         ///< kString: its content; kReal: as it was written

  /// "3", "-1.5", "\"abc\"", "null": for error messages.
  std::string InWords() const;
};

/// Takes the events. Each returns false to stop the reading, after setting `error`.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual bool Scalar(const JsonScalar& value) = 0;
  virtual bool Key(std::string key) = 0;
  virtual bool Open(char bracket) = 0;   ///< '{' or '['
  virtual bool Close(char bracket) = 0;  ///< '}' or ']'

  std::optional<Error> error;

 protected:
  /// Sets `error` (kBadData) and returns false.
  bool Refuse(std::string place, std::string expected, std::string found, std::string mend = "");
};

/// Reads `text`, one object with nothing but spaces after it. `name` and `offset` say where the
/// text stands in which file: places are "name:byte N". A text longer than kLongestJsonText and a
/// number longer than kLongestJsonNumber are refused.
///
/// Errors:  kBadData.
Result<void> ReadJson(std::string_view text, const std::string& name, std::uint64_t offset,
                      JsonEvents& events);

/// The values that our flat objects hold.
using JsonValue = std::variant<JsonScalar, std::vector<JsonScalar>>;
using JsonObject = std::vector<std::pair<std::string, JsonValue>>;

/// An object whose values are scalars or arrays of scalars, no key twice; at most kMostJsonKeys,
/// and kMostJsonItems in all arrays.
///
/// Errors:  kBadData, `place` in front.
Result<JsonObject> ReadJsonObject(std::string_view text, const std::string& place);

/// The value as JSON text. A number, which must be finite, is written with the digits that give it
/// back to the bit; bytes of a text that are no UTF-8 become U+FFFD.
std::string WriteJson(const JsonScalar& value);

/// Likewise.
std::string WriteJsonObject(const JsonObject& object);

}  // namespace unroll
