// Good files made bad, each in one way that its number decides: the same mutants in every test.
#pragma once

#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "unroll/base/random.h"
#include "unroll/model/safetensors.h"

namespace unroll::test {

struct Mutant {
  std::string bytes;
  std::string what;             ///< "shape [3, 2] as -1", for messages
  bool only_data_bits = false;  ///< bits of the tensors' data alone were flipped
};

/// Makes mutants of one safetensors file that has our checksums.
class MutantMaker {
 public:
  explicit MutantMaker(std::string good) : good_(std::move(good)) {
    std::memcpy(&length_, good_.data(), sizeof(length_));
    header_ = Json::parse(Header());
    for (const auto& [name, entry] : header_.items()) {
      if (name != "__metadata__") names_.push_back(name);
    }
  }

  Mutant Make(std::uint64_t number) const {
    Random random(2024, Purpose::kTest, number);
    switch (number % 6) {
      case 0:
        return FlippedData(random);
      case 1:
        return random.Below(2) == 0 ? Cut(random) : Flipped(random);
      case 2:
        return WrongLength(random);
      case 3:
        return WrongEntry(random);
      case 4:
        return WrongMetadata(random);
      default:
        return random.Below(2) == 0 ? WrongSyntax(random) : Resealed(random);
    }
  }

 private:
  using Json = nlohmann::ordered_json;

  std::string Header() const { return good_.substr(sizeof(length_), length_); }
  std::string Data() const { return good_.substr(sizeof(length_) + length_); }

  static std::string File(const std::string& header, const std::string& data) {
    const std::uint64_t length = header.size();
    std::string bytes(sizeof(length), '\0');
    std::memcpy(bytes.data(), &length, sizeof(length));
    return bytes + header + data;
  }
  template <std::size_t kCount>
  static const char* OneOf(const char* const (&choices)[kCount], Random& random) {
    return choices[random.Below(kCount)];
  }
  std::string AName(Random& random) const { return names_[random.Below(names_.size())]; }

  Mutant Flip(Random& random, std::uint64_t first, const char* what) const {
    Mutant mutant{good_, what};
    for (std::uint64_t i = 0, count = 1 + random.Below(4); i < count; ++i) {
      const std::uint64_t at = first + random.Below(good_.size() - first);
      const char flipped = static_cast<char>(1 << random.Below(8));
      // Never the same bit twice: it would be good again.
      if (mutant.bytes[at] == good_[at]) {
        mutant.bytes[at] = static_cast<char>(mutant.bytes[at] ^ flipped);
      }
    }
    return mutant;
  }
  Mutant Flipped(Random& random) const { return Flip(random, 0, "flipped bits"); }
  Mutant FlippedData(Random& random) const {
    Mutant mutant = Flip(random, sizeof(length_) + length_, "flipped bits of the data");
    mutant.only_data_bits = true;
    return mutant;
  }

  /// Shorter or longer, mostly at the end.
  Mutant Cut(Random& random) const {
    const std::uint64_t at = random.Below(good_.size()), size = 1 + random.Below(99);
    std::string bytes = good_;
    switch (random.Below(8)) {
      case 0:
        return {bytes + std::string(size, '\0'), "longer"};
      case 1:
        return {bytes.erase(at, size), "bytes missing"};
      case 2:
        return {bytes.insert(at, good_, at, size), "bytes twice"};
      default:
        return {bytes.substr(0, at), "truncated"};
    }
  }

  Mutant WrongLength(Random& random) const {
    const std::uint64_t wrong[] = {0,
                                   1,
                                   length_ - 1,
                                   length_ + 1,
                                   length_ - 8,
                                   length_ + 8,
                                   good_.size() - 8,
                                   good_.size(),
                                   std::uint64_t{100000001},
                                   kMostHeaderBytes,
                                   kMostHeaderBytes + 1,
                                   std::uint64_t{1} << 32,
                                   std::uint64_t{1} << 63,
                                   std::numeric_limits<std::uint64_t>::max() - 7,
                                   std::numeric_limits<std::uint64_t>::max()};
    std::uint64_t length = wrong[random.Below(std::size(wrong))];
    if (random.Below(3) == 0) length = random.Below(length_);
    Mutant mutant{good_, "length " + std::to_string(length)};
    std::memcpy(mutant.bytes.data(), &length, sizeof(length));
    return mutant;
  }

  /// One part of one tensor's entry as it must not be.
  Mutant WrongEntry(Random& random) const {
    static constexpr const char* kDtypes[] = {
        R"("F16")",   R"("I32")", R"("f32")", R"("")",          "null",      "4",
        R"(["F32"])", "{}",       R"("F33")", R"("\u0000F32")", R"("F32 ")", R"("é")"};
    static constexpr const char* kShapes[] = {"[]",
                                              "[0]",
                                              "[-1]",
                                              "[1.0]",
                                              "[1e1]",
                                              "[1e999]",
                                              R"(["3"])",
                                              "[[3]]",
                                              "null",
                                              "3",
                                              "{}",
                                              "[true]",
                                              "[18446744073709551615]",
                                              "[18446744073709551616]",
                                              "[4294967296,4294967296]",
                                              "[4194305,4194305,211106198978564]",
                                              "[1,1,1,1,1,1,1,1,1]",
                                              "[9007199254740993]"};
    static constexpr const char* kOffsets[] = {"[]",
                                               "[0]",
                                               "[0,0,0]",
                                               "[-4,4]",
                                               "[4,0]",
                                               "[0.0,4.0]",
                                               "[0,18446744073709551615]",
                                               "[0,18446744073709551616]",
                                               R"(["0","4"])",
                                               "null",
                                               "[[0,4]]",
                                               "{}",
                                               "[9223372036854775807,9223372036854775808]"};
    Json header = header_;
    const std::string name = AName(random);
    Json& entry = header[name];
    const auto shift = [&](int by_begin, int by_end) {
      entry["data_offsets"][0] = entry["data_offsets"][0].get<int>() + by_begin;
      entry["data_offsets"][1] = entry["data_offsets"][1].get<int>() + by_end;
      return Mutant{File(header.dump(), Data()), name + " moved"};
    };
    const auto replace = [&](const char* key, const char* text) {
      entry[key] = "@@@";
      std::string dumped = header.dump();
      dumped.replace(dumped.find("\"@@@\""), 5, text);
      return Mutant{File(dumped, Data()), name + ": " + key + " as " + text};
    };
    switch (random.Below(10)) {
      case 0:
        return replace("dtype", OneOf(kDtypes, random));
      case 1:
      case 2:
        return replace("shape", OneOf(kShapes, random));
      case 3:
        return replace("data_offsets", OneOf(kOffsets, random));
      case 4:
        return random.Below(2) == 0 ? shift(4, 4) : shift(-4, -4);  // overlap and gap
      case 5:
        return random.Below(2) == 0 ? shift(0, 4) : shift(4, 0);
      case 6:
        entry["shape"].push_back(1);  // as many numbers, but not as the specification says
        return {File(header.dump(), Data()), name + " of one more extent"};
      case 7:
        entry.erase(std::next(entry.begin(), static_cast<int>(random.Below(3))));
        return {File(header.dump(), Data()), name + " with a key less"};
      case 8:
        header.erase(name);
        return {File(header.dump(), Data()), name + " missing"};
      default: {
        const Json moved = entry;
        static constexpr const char* kAdded[] = {" ", "\xcc\x81", ".", "\u202e", "0"};
        header.erase(name);
        header[name + OneOf(kAdded, random)] = moved;
        return {File(header.dump(), Data()), name + " renamed"};
      }
    }
  }

  /// The metadata changed, whose checksum so is wrong.
  Mutant WrongMetadata(Random& random) const {
    static constexpr const char* kKeys[] = {"format",     "specification", "scaling",
                                            "provenance", "checksums",     "__metadata__"};
    static constexpr const char* kPieces[] = {"{",   "}",    "[",       "]",  "\"",
                                              ",",   ":",    "0",       "-1", "1e999",
                                              "NaN", "null", "\\u0000", "é",  "\n"};
    Json header = header_;
    const std::string key = OneOf(kKeys, random);
    if (key == "__metadata__") {
      static constexpr const char* kWrong[] = {"[]",
                                               "null",
                                               "3",
                                               R"("")",
                                               R"({"format":1})",
                                               R"({"format":{}})",
                                               R"({"format":"unroll 2"})"};
      const char* const text = OneOf(kWrong, random);
      header[key] = "@@@";
      std::string dumped = header.dump();
      dumped.replace(dumped.find("\"@@@\""), 5, text);
      return {File(dumped, Data()), key + " as " + text};
    }
    Json& metadata = header["__metadata__"];
    if (random.Below(5) == 0 && key != "checksums") {
      metadata.erase(key);
      return {File(header.dump(), Data()), key + " missing"};
    }
    auto text = metadata[key].get<std::string>();
    const std::string before = text;
    if (random.Below(2) == 0) {
      text.insert(random.Below(text.size()), OneOf(kPieces, random));
    } else {
      text[random.Below(text.size())] = static_cast<char>('0' + random.Below(10));
    }
    // A space of the checksums, or the same digit again, is no change of meaning.
    if (text == before) text += "}";
    if (key == "checksums" && random.Below(4) == 0) text = "{}";
    if (key == "checksums" && text.find('\n') != text.npos) text = "";
    metadata[key] = text;
    return {File(header.dump(), Data()), key + " changed"};
  }

  /// A header that is no JSON, or more than JSON, or has a key twice.
  Mutant WrongSyntax(Random& random) const {
    std::string header = header_.dump();
    const std::string first = "{\"" + names_.front() + "\":0,";
    switch (random.Below(12)) {
      case 0:
        return {File(header + "x", Data()), "text behind the header"};
      case 1:
        return {File(" " + header, Data()), "a space before the header"};
      case 2:
        return {File("\xef\xbb\xbf" + header, Data()), "a byte-order mark"};
      case 3:
        header.pop_back();
        return {File(header, Data()), "no closing bracket"};
      case 4:
        header.insert(header.size() - 1, ",");
        return {File(header, Data()), "a comma too many"};
      case 5:
        return {File("{/**/" + header.substr(1), Data()), "a comment"};
      case 6:
        return {File(first + header.substr(1), Data()), "a tensor twice"};
      case 7:
        return {File(R"({"__metadata__":{},)" + header.substr(1), Data()), "metadata twice"};
      case 8:
        return {File("{\"a\":" + std::string(1 + random.Below(100000), '[') + header, Data()),
                "deep brackets"};
      case 9:
        header.replace(header.find("\"dtype\""), 7, R"("dtype":"F32","dtype")");
        return {File(header, Data()), "a key of an entry twice"};
      case 10:
        header[random.Below(header.size())] = static_cast<char>(0x80 + random.Below(128));
        return {File(header, Data()), "a byte that is no UTF-8"};
      default:
        header.insert(1 + random.Below(header.size() - 1), 1, '\0');
        return {File(header, Data()), "a NUL byte"};
    }
  }

  /// Wrong under right checksums of the tensors: only the other rules can find it.
  Mutant Resealed(Random& random) const {
    Json header = header_;
    std::string data = Data();
    Json& metadata = header["__metadata__"];
    Json sums = Json::parse(metadata["checksums"].get<std::string>());
    const std::string name = AName(random);
    const Json& entry = header[name];
    const auto begin = entry["data_offsets"][0].get<std::size_t>(),
               end = entry["data_offsets"][1].get<std::size_t>();
    if (random.Below(2) == 0) {
      const bool is_double = entry["dtype"] == "F64";
      const std::size_t size = is_double ? sizeof(double) : sizeof(float);
      const std::size_t at = begin + random.Below((end - begin) / size) * size;
      const bool nan = random.Below(2) == 0;
      const double wide =
          nan ? std::numeric_limits<double>::quiet_NaN() : -std::numeric_limits<double>::infinity();
      const float narrow = static_cast<float>(wide);
      if (is_double) {
        std::memcpy(data.data() + at, &wide, size);
      } else {
        std::memcpy(data.data() + at, &narrow, size);
      }
      sums[name] = Checksum(std::string_view(data).substr(begin, end - begin));
      metadata["checksums"] = sums.dump();
      return {File(header.dump(), data), name + (nan ? " with a NaN" : " with an infinity")};
    }
    sums.erase(random.Below(2) == 0 ? name : "__metadata__");
    metadata["checksums"] = sums.dump();
    return {File(header.dump(), data), "a checksum missing"};
  }

  const std::string good_;
  std::uint64_t length_ = 0;
  Json header_;
  std::vector<std::string> names_;
};

}  // namespace unroll::test
