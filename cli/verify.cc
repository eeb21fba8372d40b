// unroll verify: is this file sound, and what does it hold?
#include "unroll/model/verify.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/common_flags.h"
#include "cli/json.h"
#include "cli/output.h"
#include "unroll/base/files.h"

namespace unroll::cli {
namespace {

const char* NameOf(FileSummary::Kind kind) {
  switch (kind) {
    case FileSummary::kModel:
      return "model";
    case FileSummary::kCheckpoint:
      return "checkpoint";
    case FileSummary::kTensors:
      break;
  }
  return "tensors";
}

std::string Headline(const FileSummary& summary, const std::string& path) {
  const char* const checksums =
      summary.has_checksums ? "every checksum is right" : "it has no checksums";
  switch (summary.kind) {
    case FileSummary::kModel:
      return fmt::format("{}: a model, sound; {}\n", Escaped(path, 4096), checksums);
    case FileSummary::kCheckpoint:
      return fmt::format("{}: a checkpoint, sound; {}\n", Escaped(path, 4096), checksums);
    case FileSummary::kTensors:
      break;
  }
  return fmt::format("{}: tensors, sound; without what a model needs\n", Escaped(path, 4096));
}

std::string InWords(const FileSummary& summary, const std::string& path) {
  std::string text = Headline(summary, path);
  for (const auto& [name, value] : summary.facts) text += fmt::format("  {:<28} {}\n", name, value);
  for (const TensorSummary& tensor : summary.tensors) {
    text +=
        fmt::format("  {:<28} {} [{}]\n", tensor.name, tensor.dtype, fmt::join(tensor.dims, ", "));
  }
  return text;
}

Json InJson(const FileSummary& summary) {
  Json facts = Json::Object();
  for (const auto& [name, value] : summary.facts) facts.Add(name, value);
  Json tensors = Json::List();
  for (const TensorSummary& tensor : summary.tensors) {
    tensors.Add({{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.dims}});
  }
  return {{"kind", NameOf(summary.kind)},
          {"checksums", summary.has_checksums},
          {"facts", facts},
          {"tensors", tensors}};
}

}  // namespace

Result<void> RunVerify(Words words) {
  std::string path;
  bool json = false;
  std::optional<std::uint64_t> memory;
  Flags flags("unroll verify", "Check a model file and list what it holds.");
  flags.AddOperand("MODEL", "A model, a checkpoint, or any safetensors file", &path);
  AddMemory(flags, &memory);
  flags.AddSwitch("--json", "Print one JSON document", &json);
  if (auto read = flags.Read(words); !read) return read;
  if (flags.help_wanted()) return Print(flags.Help());

  const Result<FileSummary> summary = VerifyFile(RealFiles(), path, memory);
  if (!summary) return tl::unexpected(summary.error());
  return Print(json ? InJson(*summary).Text() : InWords(*summary, path));
}

}  // namespace unroll::cli
