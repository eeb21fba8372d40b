#include "unroll/network/specification.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "unroll/cells/cells.h"

namespace unroll {
namespace {

constexpr std::uint64_t kMostUnits = 65536;
constexpr std::uint64_t kMostLayers = 64;
constexpr std::uint64_t kMostEntities = std::uint64_t{1} << 24;
constexpr double kMostForgetBias = 1e6;

/// The name of an enumeration's value, "" behind the last: so its readers learn them all.
template <class Enum, std::size_t n>
std::string_view NameIn(const std::array<std::string_view, n>& names, Enum value) {
  const auto i = static_cast<std::size_t>(value);
  return i < n ? names[i] : "";
}

tl::unexpected<Error> Refuse(std::string_view field, std::string expected, std::string found) {
  return Fail(Failure::kUsage, std::string(field), std::move(expected), std::move(found));
}

Result<void> CheckRange(std::string_view name, std::uint64_t value, std::uint64_t most) {
  if (value >= 1 && value <= most) return {};
  return Refuse(name, fmt::format("1 to {}", most), fmt::format("{}", value));
}

/// A number that belongs to a choice, and must be 0 without it.
Result<void> CheckBelongs(std::string_view name, std::uint64_t value, std::uint64_t most,
                          bool chosen, std::string_view choice) {
  if (chosen) return CheckRange(name, value, most);
  if (value == 0) return {};
  return Refuse(name, fmt::format("0 without {}", choice), fmt::format("{}", value));
}

Result<void> CheckShare(std::string_view name, double share) {
  if (share >= 0 && share < 1) return {};  // not NaN
  return Refuse(name, "a share from 0 up, below 1", fmt::format("{}", share));
}

Result<void> CheckSizes(const Specification& s) {
  if (auto r = CheckRange("inputs", s.inputs, kMostUnits); !r) return r;
  if (auto r = CheckRange("layers", s.layers, kMostLayers); !r) return r;
  const std::size_t sizes = s.hidden.numbers.size();
  if (sizes != 1 && sizes != s.layers) {
    return Refuse("hidden", fmt::format("one size, or one for each of {} layers", s.layers),
                  fmt::format("{} sizes", sizes));
  }
  for (const std::uint64_t size : s.hidden.numbers) {
    if (auto r = CheckRange("hidden", size, kMostUnits); !r) return r;
  }
  return CheckRange("outputs", s.outputs, kMostUnits);
}

/// Each option of the cell alone, so that the one which it does not take is named.
Result<void> CheckOptions(const Specification& s, const CellFacts& cell) {
  const CellOptions plain, wanted = s.options();
  const auto check = [&](std::string_view name, const auto field, std::string found) {
    CellOptions one = plain;
    one.*field = wanted.*field;
    if (Takes(cell, one)) return Result<void>();
    return Result<void>(Refuse(name, fmt::format("the default, for {} takes no other", cell.name),
                               std::move(found)));
  };
  const auto name = [](Activation activation) { return std::string(NameOf(activation)); };
  if (!(s.clip >= 0 && std::isfinite(s.clip))) {
    return Refuse("clip", "a number from 0 up", fmt::format("{}", s.clip));
  }
  if (auto r = check("activation", &CellOptions::activation, name(s.activation)); !r) return r;
  if (auto r = check("gate_activation", &CellOptions::gate_activation, name(s.gate_activation));
      !r) {
    return r;
  }
  if (auto r =
          check("output_activation", &CellOptions::output_activation, name(s.output_activation));
      !r) {
    return r;
  }
  if (auto r = check("clip", &CellOptions::clip, fmt::format("{}", s.clip)); !r) return r;
  if (auto r = check("input_forget", &CellOptions::input_forget, "true"); !r) return r;
  if (s.recurrent_dropout > 0 && cell.recurrent_sums == 0) {
    return Refuse("recurrent_dropout", fmt::format("0, for {} has no recurrent product", cell.name),
                  fmt::format("{}", s.recurrent_dropout));
  }
  return {};
}

/// What one layer hands to the next must fit it.
Result<void> CheckStack(const Specification& s, const CellFacts& cell) {
  for (std::size_t k = 0; k < s.layers; ++k) {
    if (cell.reads_input && s.InputsOf(k) != s.hidden[k]) {
      return Refuse(
          k == 0 ? "inputs" : "hidden",
          fmt::format("as many inputs as units in every layer, for {} reads one a unit", cell.name),
          fmt::format("{} inputs and {} units in layer {}", s.InputsOf(k), s.hidden[k], k));
    }
    if (s.residual && k > 0 && s.OutputsOf(k) != s.InputsOf(k)) {
      return Refuse("residual", "layers of equal width",
                    fmt::format("{} numbers into layer {} and {} out of it", s.InputsOf(k), k,
                                s.OutputsOf(k)));
    }
  }
  if (s.residual && s.layers == 1) {
    return Refuse("residual", "at least 2 layers, for the first adds nothing", "1");
  }
  return {};
}

Result<void> CheckSymbols(const Specification& s) {
  if (s.vocabulary != 0) {
    if (auto r = CheckRange("vocabulary", s.vocabulary, kMostUnits); !r) return r;
  }
  if (!s.tied) return {};
  if (s.vocabulary == 0) return Refuse("tied", "a vocabulary, whose embedding is shared", "none");
  if (s.outputs != s.vocabulary) {
    return Refuse("tied", fmt::format("an output for each of {} symbols", s.vocabulary),
                  fmt::format("{} outputs", s.outputs));
  }
  const std::uint64_t last = s.OutputsOf(s.layers - 1);
  if (last == s.inputs) return {};
  return Refuse("tied",
                fmt::format("{} numbers out of the last layer, as wide as the embedding", s.inputs),
                fmt::format("{}", last));
}

}  // namespace

std::string_view NameOf(Precision precision) {
  static constexpr std::array<std::string_view, 2> kNames = {"fp32", "fp64"};
  return NameIn(kNames, precision);
}

std::string_view NameOf(Direction direction) {
  static constexpr std::array<std::string_view, 3> kNames = {"forward", "reverse", "bidirectional"};
  return NameIn(kNames, direction);
}

std::string PerLayer::InWords() const { return fmt::format("{}", fmt::join(numbers, ",")); }

Result<void> CheckSpecification(const Specification& specification) {
  const CellFacts* cell = FindCell(specification.cell);
  if (cell == nullptr) {
    return Refuse("cell", "one of " + CellNames(), '"' + Escaped(specification.cell) + '"');
  }
  if (auto r = CheckSizes(specification); !r) return r;
  if (!(std::abs(specification.forget_bias) <= kMostForgetBias)) {  // NaN too
    return Refuse("forget_bias", fmt::format("a number from -{0} to {0}", kMostForgetBias),
                  fmt::format("{}", specification.forget_bias));
  }
  if (auto r = CheckShare("dropout", specification.dropout); !r) return r;
  if (specification.variational && specification.dropout == 0) {
    return Refuse("variational", "a dropout, whose masks it makes the same at every step", "0");
  }
  if (auto r = CheckShare("recurrent_dropout", specification.recurrent_dropout); !r) return r;
  if (auto r = CheckOptions(specification, *cell); !r) return r;
  if (auto r = CheckStack(specification, *cell); !r) return r;
  if (auto r = CheckBelongs("entities", specification.entities, kMostEntities,
                            specification.initial == Initial::kEntity, "initial entity");
      !r) {
    return r;
  }
  if (auto r = CheckBelongs("static_inputs", specification.static_inputs, kMostUnits,
                            specification.initial == Initial::kStatic, "initial static");
      !r) {
    return r;
  }
  return CheckSymbols(specification);
}

}  // namespace unroll
