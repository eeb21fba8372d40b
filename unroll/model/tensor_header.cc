#include "unroll/model/tensor_header.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "unroll/model/json.h"

namespace unroll {
namespace {

struct Dtype {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr Dtype kDtypes[] = {{"F64", 8}, {"F32", 4}, {"F16", 2},  {"BF16", 2},    {"I64", 8},
                             {"I32", 4}, {"I16", 2}, {"I8", 1},   {"U64", 8},     {"U32", 4},
                             {"U16", 2}, {"U8", 1},  {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};

constexpr std::string_view kMetadata = "__metadata__";

/// Follows the header through its three levels: the file, a tensor (or the metadata), a list.
class HeaderEvents : public JsonEvents {
 public:
  explicit HeaderEvents(const std::string& name) : name_(name) {}

  bool Open(char bracket) override {
    ++depth_;
    if (depth_ == 1) return true;  // ReadJson has seen the first bracket
    if (depth_ == 2 && bracket == '{') {
      found_ = 0;
      return true;
    }
    if (depth_ == 3 && bracket == '[' && !in_metadata_ && inner_ != kDtypeKey) return true;
    return Refuse(Place(), Wanted(), bracket == '[' ? "a list" : "an object");
  }

  bool Key(std::string key) override {
    if (depth_ == 1) return BeginEntry(std::move(key));
    if (in_metadata_) return BeginMetadata(std::move(key));
    for (int i = 0; i < kInnerKeys; ++i) {
      if (key != kInnerNames[i]) continue;
      if ((found_ & 1 << i) != 0) return Refuse(Place(), "every key once", Quoted(key) + " twice");
      found_ |= 1 << i;
      inner_ = i;
      return true;
    }
    return Refuse(Place(), "the keys dtype, shape and data_offsets", Quoted(key));
  }

  bool Scalar(const JsonScalar& value) override {
    if (depth_ == 2 && in_metadata_ && value.kind == JsonScalar::kString) {
      header.metadata[metadata_key_] = value.text;
      return true;
    }
    if (depth_ == 2 && !in_metadata_ && inner_ == kDtypeKey && value.kind == JsonScalar::kString) {
      header.tensors.back().dtype = value.text;
      if (DtypeBytes(value.text) != 0) return true;
      return Refuse(Place(), "a dtype like F32 or F64", value.InWords());
    }
    if (depth_ == 3 && value.kind == JsonScalar::kWhole) return Number(value.whole);
    return Refuse(Place(), Wanted(), value.InWords());
  }

  bool Close(char bracket) override {
    const int closed = depth_--;
    if (closed == 3 && inner_ == kOffsetsKey && offsets_ != 2) {
      return Refuse(Place(), Wanted(), fmt::format("{} numbers", offsets_));
    }
    if (closed == 2 && bracket == '}' && !in_metadata_ && found_ != (1 << kInnerKeys) - 1) {
      return Refuse(Place(), "the keys dtype, shape and data_offsets", "not all of them");
    }
    return true;
  }

  ParsedHeader header;

 private:
  enum Inner { kDtypeKey, kShapeKey, kOffsetsKey, kInnerKeys };
  static constexpr std::string_view kInnerNames[] = {"dtype", "shape", "data_offsets"};

  static std::string Quoted(std::string_view text) { return '"' + Escaped(text) + '"'; }

  std::string Place() const {
    if (depth_ <= 1 && entry_.empty()) return name_ + ": header";
    if (in_metadata_) return fmt::format("{}: {}", name_, kMetadata);
    return fmt::format("{}: {}", name_, Escaped(entry_));
  }

  std::string Wanted() const {
    if (in_metadata_) return "metadata of texts, {\"key\": \"text\"}";
    if (depth_ == 1 || (depth_ == 2 && found_ == 0))
      return "an object with dtype, shape, data_offsets";
    if (inner_ == kDtypeKey) return "a dtype like F32 or F64";
    if (inner_ == kShapeKey) return "a shape of whole numbers from 0 up";
    return "data_offsets of two whole numbers";
  }

  bool BeginEntry(std::string key) {
    entry_ = key;
    in_metadata_ = key == kMetadata;
    if (!names_.insert(key).second) return Refuse(Place(), "every name once", "it twice");
    if (in_metadata_) return true;
    if (header.tensors.size() == kMostTensors) {
      return Refuse(name_ + ": header", fmt::format("at most {} tensors", kMostTensors), "more");
    }
    inner_ = kDtypeKey;
    offsets_ = 0;
    found_ = 0;
    header.tensors.push_back({std::move(key), "", {}, 0, 0});
    return true;
  }

  bool BeginMetadata(std::string key) {
    if (header.metadata.size() == kMostMetadataKeys) {
      return Refuse(Place(), fmt::format("at most {} keys", kMostMetadataKeys), "more");
    }
    if (!header.metadata.try_emplace(key).second) {
      return Refuse(Place(), "every key once", Quoted(key) + " twice");
    }
    metadata_key_ = std::move(key);
    return true;
  }

  bool Number(std::uint64_t number) {
    TensorEntry& tensor = header.tensors.back();
    if (inner_ == kShapeKey) {
      if (tensor.dims.size() == kMostDims) {
        return Refuse(Place(), fmt::format("at most {} dimensions", kMostDims), "more");
      }
      tensor.dims.push_back(number);
      return true;
    }
    if (offsets_ == 2) return Refuse(Place(), Wanted(), "a third");
    (offsets_++ == 0 ? tensor.begin : tensor.end) = number;
    return true;
  }

  const std::string& name_;
  std::set<std::string, std::less<>> names_;
  std::string entry_, metadata_key_;
  bool in_metadata_ = false;
  int depth_ = 0, inner_ = kDtypeKey, found_ = 0, offsets_ = 0;
};

}  // namespace

std::uint64_t DtypeBytes(std::string_view dtype) {
  for (const Dtype& known : kDtypes) {
    if (known.name == dtype) return known.bytes;
  }
  return 0;
}

Result<ParsedHeader> ParseHeader(std::string_view text, const std::string& name,
                                 std::uint64_t offset) {
  HeaderEvents events(name);
  if (auto read = ReadJson(text, name, offset, events); !read) {
    return tl::unexpected<Error>(std::move(read).error());
  }
  return std::move(events.header);
}

}  // namespace unroll
