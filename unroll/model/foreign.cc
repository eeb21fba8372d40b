#include "unroll/model/foreign.h"

#include <algorithm>
#include <cctype>

namespace unroll {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kFromPyTorch =
    "save it from PyTorch with safetensors.torch.save_file, see docs/model-format.md";

bool StartsWithIgnoringCase(std::string_view text, std::string_view lower_start) {
  if (text.size() < lower_start.size()) return false;
  for (std::size_t i = 0; i < lower_start.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower_start[i]) return false;
  }
  return true;
}

/// Zip is what torch.save, numpy.savez and Keras 3 write; the names inside tell them apart.
Foreign RecogniseZip(std::string_view start) {
  const auto holds = [&](std::string_view name) { return start.find(name) != start.npos; };
  if (holds(".pkl")) return {"a PyTorch file (.pt)", std::string(kFromPyTorch)};
  if (holds(".npy")) return {"a NumPy archive (.npz)", ""};
  if (holds("metadata.json") || holds("config.json")) return {"a Keras file (.keras)", ""};
  return {"a zip archive", ""};
}

/// ONNX is a protobuf without a signature: it begins with the fields ir_version (a small number)
/// and producer_name, or another of the model's fields.
bool LooksLikeOnnx(std::string_view start) {
  return start.size() > 4 && start[0] == 0x08 && start[1] > 0 && start[1] < 32 &&
         (start[2] == 0x12 || start[2] == 0x1a || start[2] == 0x3a || start[2] == 0x42);
}

bool IsText(std::string_view start) {
  return std::all_of(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
}

}  // namespace

Foreign RecogniseForeign(std::string_view bytes) {
  if (bytes.empty()) return {"an empty file", ""};
  const std::string_view start = bytes.substr(0, 512);
  const auto begins = [&](std::string_view sign) { return start.substr(0, sign.size()) == sign; };
  if (begins("PK\x03\x04")) return RecogniseZip(start);
  if (start.size() >= 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5) {
    return {"a Python pickle (.pkl, old .pt)", std::string(kFromPyTorch)};
  }
  if (begins("\x1f\x8b")) return {"a gzip file", "unpack it with gunzip first"};
  if (begins("\x89HDF\r\n\x1a\n")) return {"an HDF5 file (.h5), as Keras writes", ""};
  if (begins("GGUF")) return {"a GGUF file", ""};
  if (begins("\x93NUMPY")) return {"a NumPy array (.npy)", ""};
  if (begins("version https://git-lfs")) {
    return {"a Git-LFS pointer, not the file it points to", "fetch the file with git lfs pull"};
  }
  std::string_view text = start.substr(std::min(start.find_first_not_of(" \t\r\n"), start.size()));
  if (StartsWithIgnoringCase(text, "<!doctype html") || StartsWithIgnoringCase(text, "<html")) {
    return {"an HTML page", "download the file itself"};
  }
  if (LooksLikeOnnx(start)) return {"what looks like an ONNX model", ""};
  if (IsText(start)) {
    if (!text.empty() && (text[0] == '{' || text[0] == '[')) return {"JSON text", ""};
    if (text.find(',') != text.npos) return {"text, like a CSV file", ""};
    return {"text", ""};
  }
  return {};
}

}  // namespace unroll
