#include "cli/network_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/common_flags.h"
#include "cli/numbers.h"

namespace unroll::cli {
namespace {

constexpr WholeRange kExtent{1, 65536};
constexpr RealRange kShare{0, 0.99};
constexpr RealRange kForgetBias{0, 1e6, /*from=*/true};
constexpr RealRange kLimit{0, 1e15};
constexpr const char* kThresholds = "value:NUMBER or norm:NUMBER";

/// The names of an enumeration whose values begin at 0.
template <class Enum>
std::vector<std::string> NamesOf() {
  std::vector<std::string> names;
  for (int i = 0; !NameOf(static_cast<Enum>(i)).empty(); ++i) {
    names.emplace_back(NameOf(static_cast<Enum>(i)));
  }
  return names;
}

/// The value of that name, which a flag has checked.
template <class Enum>
Enum Named(const std::string& name) {
  const std::vector<std::string> names = NamesOf<Enum>();
  return static_cast<Enum>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// "64", "64,32"
Result<PerLayer> ParseHidden(const std::string& text) {
  std::vector<std::uint64_t> sizes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto size = ParseWhole(text.substr(begin, end - begin), "--hidden", kExtent);
    if (!size) return tl::unexpected(size.error());
    sizes.push_back(*size);
    begin = end + 1;
  }
  return PerLayer(std::move(sizes));
}

/// "value:0.5", "norm:1"
Result<Threshold> ParseThreshold(const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view kind = std::string_view(text).substr(0, colon);
  Threshold threshold;
  if (kind == "value") threshold.kind = Threshold::Kind::kValue;
  if (kind == "norm") threshold.kind = Threshold::Kind::kNorm;
  if (threshold.kind == Threshold::Kind::kNone || colon == text.size()) {
    return Fail(Failure::kUsage, "--threshold", kThresholds, fmt::format("\"{}\"", Escaped(text)),
                "such as --threshold norm:1");
  }
  const auto limit = ParseReal(text.substr(colon + 1), "--threshold", kLimit);
  if (!limit) return tl::unexpected(limit.error());
  threshold.limit = *limit;
  return threshold;
}

}  // namespace

void NetworkFlags::AddTo(Flags& flags) {
  flags.AddChoice("--cell", CellChoices(), "Cell: " + CellNames() + " (default lstm)", &cell);
  flags.AddSwitch("--peepholes", "The gates of an LSTM see its cell state", &peepholes);
  flags.AddText("--hidden", "N,N",
                fmt::format("Units a layer, or of each layer (default {})", defaults::kHidden),
                &hidden);
  flags.AddWhole("--layers", {1, 64},
                 fmt::format("Layers (default {}, or as many as --hidden says)", defaults::kLayers),
                 &layers);
  flags.AddChoice("--activation", NamesOf<Activation>(),
                  fmt::format("{} (default tanh)", ActivationNames()), &activation);
  flags.AddReal("--forget-bias", kForgetBias, "Of an LSTM's forget gate at the start (default 1)",
                &forget_bias);
  flags.AddSwitch("--residual", "Layers of equal width add what they read to what they give",
                  &residual);
  flags.AddReal("--dropout", kShare, "Share of each layer's outputs to drop (default: none)",
                &dropout);
  flags.AddReal("--recurrent-dropout", kShare,
                "Share of h to drop, the same at every step (default: none)", &recurrent_dropout);
  flags.AddChoice("--initial", {"zeros", "learned"},
                  "State in which the series begins: zeros (default) or learned", &initial);
  flags.AddChoice("--direction", NamesOf<Direction>(),
                  "forward (default); a forecaster takes no other", &direction);
  flags.AddText("--threshold", "KIND:NUMBER",
                fmt::format("On the gradient passed back in time: {} (default: none)", kThresholds),
                &threshold);
}

std::string NetworkFlags::FirstGiven() const {
  const std::pair<const char*, bool> given[] = {
      {"--cell", !cell.empty()},
      {"--peepholes", peepholes},
      {"--hidden", !hidden.empty()},
      {"--layers", layers.has_value()},
      {"--activation", !activation.empty()},
      {"--forget-bias", forget_bias.has_value()},
      {"--residual", residual},
      {"--dropout", dropout.has_value()},
      {"--recurrent-dropout", recurrent_dropout.has_value()},
      {"--initial", !initial.empty()},
      {"--direction", !direction.empty()},
      {"--threshold", !threshold.empty()},
  };
  for (const auto& [name, is_given] : given) {
    if (is_given) return name;
  }
  return "";
}

Result<void> NetworkFlags::ApplyTo(ForecastingOptions& options) const {
  if (!cell.empty()) options.cell = cell;
  if (peepholes) {
    if (options.cell.rfind("lstm", 0) != 0) {
      return Fail(Failure::kUsage, "--peepholes", "--cell lstm", options.cell);
    }
    options.cell = "lstm_peephole";
  }
  if (!hidden.empty()) {
    const Result<PerLayer> sizes = ParseHidden(hidden);
    if (!sizes) return tl::unexpected(sizes.error());
    options.hidden = *sizes;
    options.layers = std::max<std::uint64_t>(options.layers, sizes->numbers.size());
  }
  options.layers = layers.value_or(options.layers);
  if (!activation.empty()) options.activation = Named<Activation>(activation);
  if (!initial.empty()) options.initial = Named<Initial>(initial);
  if (!direction.empty()) options.direction = Named<Direction>(direction);
  options.residual = residual;
  options.forget_bias = forget_bias.value_or(options.forget_bias);
  options.dropout = dropout.value_or(options.dropout);
  options.recurrent_dropout = recurrent_dropout.value_or(options.recurrent_dropout);
  if (threshold.empty()) return {};
  const Result<Threshold> bound = ParseThreshold(threshold);
  if (!bound) return tl::unexpected(bound.error());
  options.threshold = *bound;
  return {};
}

}  // namespace unroll::cli
