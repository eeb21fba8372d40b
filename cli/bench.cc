// unroll bench: how fast does a cell walk on this machine?
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/common_flags.h"
#include "cli/json.h"
#include "cli/measure.h"
#include "cli/output.h"
#include "unroll/base/threads.h"
#include "unroll/kernels/instruction_sets.h"

namespace unroll::cli {
namespace {

struct BenchOptions {
  std::string cell = "lstm";
  std::string shape_text;
  std::string precision = "fp32";
  std::optional<std::uint64_t> threads, memory;
  bool json = false;
};

const char* NameOf(Split split) {
  switch (split) {
    case Split::kRows:
      return "rows";
    case Split::kUnits:
      return "units";
    case Split::kAlone:
      break;
  }
  return "alone";
}

/// "64,32,128,256" as T, B, I, H.
Result<WalkShape> ParseShape(const std::string& text) {
  constexpr WholeRange kExtent{1, 1'000'000};
  std::array<std::uint64_t, 4> extents{};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::size_t end = text.find(',', begin);
    if ((end == std::string::npos) != (i + 1 == extents.size())) {
      return Fail(Failure::kUsage, "--shape", "four whole numbers T,B,I,H",
                  fmt::format("\"{}\"", Escaped(text)), "such as --shape 64,32,128,256");
    }
    const auto extent =
        ParseWhole(text.substr(begin, end - begin), fmt::format("--shape, {}", "TBIH"[i]), kExtent);
    if (!extent) return tl::unexpected(extent.error());
    extents[i] = *extent;
    begin = end + 1;
  }
  return WalkShape{extents[0], extents[1], extents[2], extents[3]};
}

std::string Row(const char* what, const Times& times, double flops) {
  return fmt::format("{:<10} {:>10.4g} {:>10.4g} {:>10.4g}\n", what, times.min * 1e3,
                     times.median * 1e3, flops / times.min * 1e-9);
}

std::string InWords(const BenchOptions& options, const Measurement& found) {
  return fmt::format("{} {} {}, {} thread{}, split {}, {}\n", options.cell, options.shape_text,
                     options.precision, found.threads, found.threads == 1 ? "" : "s",
                     NameOf(found.split), CurrentInstructionSet()) +
         fmt::format("{:<10} {:>10} {:>10} {:>10}\n", "", "min ms", "median ms", "GFLOP/s") +
         Row("inference", found.inference, found.flops) +
         Row("training", found.training, 3 * found.flops);
}

Json InJson(const Times& times) {
  return {{"min", times.min * 1e3}, {"median", times.median * 1e3}};
}

Json InJson(const BenchOptions& options, const WalkShape& shape, const Measurement& found) {
  return {{"cell", options.cell},
          {"shape", std::vector{shape.T, shape.B, shape.I, shape.H}},
          {"precision", options.precision},
          {"threads", static_cast<unsigned>(found.threads)},
          {"split", NameOf(found.split)},
          {"instruction_set", CurrentInstructionSet()},
          {"inference_ms", InJson(found.inference)},
          {"training_ms", InJson(found.training)},
          {"inference_gflops", found.flops / found.inference.min * 1e-9},
          {"training_gflops", 3 * found.flops / found.training.min * 1e-9}};
}

}  // namespace

Result<void> RunBench(Words words) {
  BenchOptions options;
  Flags flags("unroll bench",
              "Measure how fast a cell walks on this machine, forward (inference) "
              "and forward and back (training).");
  flags.AddChoice("--cell", CellChoices(), "Cell: " + CellNames() + " (default lstm)",
                  &options.cell);
  flags.AddText("--shape", "T,B,I,H", "Steps, rows, inputs, units", &options.shape_text);
  flags.AddWhole("--threads", kThreadRange, "Threads (default: all processors)", &options.threads);
  flags.AddChoice("--precision", kPrecisions, "fp32 (default) or fp64", &options.precision);
  AddMemory(flags, &options.memory);
  flags.AddSwitch("--json", "Print one JSON document", &options.json);
  if (auto read = flags.Read(words); !read) return read;
  if (flags.help_wanted()) return Print(flags.Help());
  if (options.shape_text.empty()) {
    return Fail(Failure::kUsage, "--shape", "four whole numbers T,B,I,H", "none",
                "such as --shape 64,32,128,256");
  }
  const Result<WalkShape> shape = ParseShape(options.shape_text);
  if (!shape) return tl::unexpected(shape.error());

  const CellFacts& cell = *FindCell(options.cell);
  const int threads = options.threads ? static_cast<int>(*options.threads) : AvailableProcessors();
  const Result<Measurement> found =
      options.precision == "fp64" ? MeasureWalks<double>(cell, *shape, threads, options.memory)
                                  : MeasureWalks<float>(cell, *shape, threads, options.memory);
  if (!found) return tl::unexpected(found.error());
  return Print(options.json ? InJson(options, *shape, *found).Text() : InWords(options, *found));
}

}  // namespace unroll::cli
