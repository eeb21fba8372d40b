// What the forecaster does unless it is told otherwise: all of it stands here.
//
// Found on seven classic series (air passengers, CO2, lynx, Nile, sunspots by year and month, daily
// temperatures), three ends of each held out, 3 to 40 seeds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace unroll::defaults {

inline constexpr std::uint64_t kHidden = 64;
inline constexpr std::uint64_t kLayers = 1;
inline constexpr std::uint64_t kSteps = 1000;
inline constexpr double kRate = 0.005;
inline constexpr double kClip = 1;
inline constexpr double kSaveEvery = 60;  ///< seconds
inline constexpr std::uint64_t kHorizonWithoutSeason = 12;

/// Steps ahead where none are asked for: a season.
constexpr std::uint64_t Horizon(std::uint64_t season) {
  return season > 1 ? season : kHorizonWithoutSeason;
}

/// Values at the end that validate instead of training.
constexpr std::size_t ValidationValues(std::size_t values, std::size_t horizon) {
  return std::min(horizon, values / 3);
}

/// Steps of a stretch: longer ones make fewer updates of a short series, shorter ones forget.
constexpr std::size_t StretchSteps(std::size_t training_values) {
  return std::clamp<std::size_t>(training_values / 6, 24, 48);
}

}  // namespace unroll::defaults
