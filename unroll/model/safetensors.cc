#include "unroll/model/safetensors.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "unroll/base/memory.h"
#include "unroll/model/fields.h"
#include "unroll/model/foreign.h"
#include "unroll/model/tensor_header.h"

namespace unroll {
namespace {

static_assert(std::endian::native == std::endian::little,
              "arrays are written as they lie in memory");

constexpr std::uint64_t kLengthBytes = 8;

tl::unexpected<Error> Bad(std::string place, std::string expected, std::string found,
                          std::string mend = "") {
  return Fail(Failure::kBadData, std::move(place), std::move(expected), std::move(found),
              std::move(mend));
}

/// The length of the header, once it is sure that the file holds it.
Result<std::uint64_t> HeaderLength(std::string_view content, const std::string& name) {
  const bool may_be = content.size() > kLengthBytes && content[kLengthBytes] == '{';
  if (!may_be) {
    if (Foreign foreign = RecogniseForeign(content); !foreign.what.empty()) {
      return Bad(name, "a safetensors file", std::move(foreign.what), std::move(foreign.mend));
    }
  }
  if (content.size() < kLengthBytes) {
    return Bad(name, "a safetensors file, which begins with 8 bytes of length",
               fmt::format("{} bytes in all", content.size()));
  }
  std::uint64_t length;
  std::memcpy(&length, content.data(), kLengthBytes);
  if (length > kMostHeaderBytes) {
    return Bad(name + ":byte 0", fmt::format("a header of at most {} bytes", kMostHeaderBytes),
               fmt::format("{}", length), "is it a safetensors file?");
  }
  if (length > content.size() - kLengthBytes) {
    return Bad(name + ":byte 0", fmt::format("a header of {} bytes, as it says itself", length),
               fmt::format("{} bytes in the file after its length", content.size() - kLengthBytes),
               "copy the file again, it is cut short");
  }
  return length;
}

/// Bytes of a tensor by its shape and dtype.
Result<std::uint64_t> SizeOf(const TensorEntry& tensor, const std::string& place) {
  std::uint64_t bytes = DtypeBytes(tensor.dtype);
  for (const std::uint64_t dim : tensor.dims) {
    if (__builtin_mul_overflow(bytes, dim, &bytes)) {
      return Bad(place, "a shape that memory can hold", "one of more than 2^64 bytes");
    }
  }
  return bytes;
}

/// Whether the tensors, sorted by their bytes, cover the data exactly.
Result<void> CheckCover(const TensorFile& file) {
  std::uint64_t at = 0;
  for (const TensorEntry& tensor : file.tensors) {
    const std::string place = fmt::format("{}: {}", file.name, Escaped(tensor.name));
    const std::string offsets = fmt::format("data_offsets [{}, {}]", tensor.begin, tensor.end);
    if (tensor.end < tensor.begin) return Bad(place, "data_offsets in rising order", offsets);
    if (tensor.begin != at) {
      return Bad(place, fmt::format("data from byte {} on, where the tensor before it ends", at),
                 offsets);
    }
    const auto bytes = SizeOf(tensor, place);
    if (!bytes) return tl::unexpected<Error>(bytes.error());
    if (tensor.end - tensor.begin != *bytes) {
      return Bad(place, fmt::format("{} bytes of data for its shape and dtype", *bytes),
                 fmt::format("{}", tensor.end - tensor.begin));
    }
    at = tensor.end;
  }
  const std::uint64_t held = file.content.size() - file.data_start;
  if (at == held) return {};
  return Bad(
      file.name, fmt::format("{} bytes of data after the header", at), fmt::format("{}", held),
      at > held ? "copy the file again, it is cut short" : "something was added to the file");
}

}  // namespace

Result<TensorFile> ParseTensors(std::string content, const std::string& name) {
  const auto length = HeaderLength(content, name);
  if (!length) return tl::unexpected<Error>(length.error());
  const std::string_view text = std::string_view(content).substr(kLengthBytes, *length);
  auto header = ParseHeader(text, name, kLengthBytes);
  if (!header) return tl::unexpected<Error>(std::move(header).error());
  TensorFile file{name, std::move(content), kLengthBytes + *length, std::move(header->tensors),
                  std::move(header->metadata)};
  std::stable_sort(file.tensors.begin(), file.tensors.end(),
                   [](const TensorEntry& a, const TensorEntry& b) {
                     return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                   });
  if (auto checked = CheckCover(file); !checked) {
    return tl::unexpected<Error>(std::move(checked).error());
  }
  return file;
}

Result<TensorFile> ReadTensors(FileSystem& files, const std::string& path,
                               std::optional<std::uint64_t> memory) {
  auto content = files.Read(path, MemoryLimit(memory) / 2);
  if (!content) return tl::unexpected<Error>(std::move(content).error());
  return ParseTensors(std::move(*content), path);
}

std::string TensorHeader(std::span<const TensorView> tensors, const Metadata& metadata) {
  std::vector<std::string> entries;
  if (!metadata.empty()) entries.push_back("\"__metadata__\":" + TextsToJson(metadata));
  std::uint64_t at = 0;
  for (const TensorView& tensor : tensors) {
    const std::uint64_t end = at + tensor.bytes.size();
    entries.push_back(fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                                  WriteJson(ToJson(tensor.name)), tensor.dtype,
                                  fmt::join(tensor.dims, ","), at, end));
    at = end;
  }
  std::string text = fmt::format("{{{}}}", fmt::join(entries, ","));
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  return bytes + text;
}

Result<void> WriteTensors(FileSystem& files, const std::string& path,
                          std::vector<TensorView> tensors, const Metadata& metadata) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const TensorView& a, const TensorView& b) {
    return DtypeBytes(a.dtype) > DtypeBytes(b.dtype);
  });
  const std::string header = TensorHeader(tensors, metadata);
  if (header.size() - kLengthBytes > kMostHeaderBytes || tensors.size() > kMostTensors) {
    return Fail(
        Failure::kCannotCreate, path,
        fmt::format("a header of at most {} bytes and {} tensors", kMostHeaderBytes, kMostTensors),
        fmt::format("{} and {}", header.size() - kLengthBytes, tensors.size()));
  }
  std::vector<std::string_view> pieces = {header};
  for (const TensorView& tensor : tensors) pieces.push_back(tensor.bytes);
  return WriteFile(files, path, pieces);
}

std::string Checksum(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  std::string hex;
  for (const unsigned char byte : canonical.digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace unroll
