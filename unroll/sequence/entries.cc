#include "unroll/sequence/entries.h"

#include <stdexcept>
#include <string>

namespace unroll {
namespace {

[[noreturn]] void Refuse(std::size_t t, std::size_t b, std::int32_t id, const std::string& why) {
  throw std::logic_error("sequence[" + std::to_string(t) + ", " + std::to_string(b) +
                         "] = " + std::to_string(id) + ": " + why);
}

}  // namespace

template <class Real>
void FindEntries(const Batch<Real>& batch, std::vector<std::int32_t>& entries) {
  entries.clear();
  if (batch.reverse && batch.before != nullptr) {
    throw std::logic_error("before: a walk in reverse carries on no sequence, expected null");
  }
  if (batch.sequence == nullptr) return;
  entries.assign(batch.T * batch.B, kGoesOn);
  std::vector<bool> begun(batch.N, false);
  for (std::size_t b = 0; b < batch.B; ++b) {
    std::int32_t current = batch.before != nullptr ? batch.before[b] : kIdle;
    for (std::size_t i = 0; i < batch.T; ++i) {
      const std::size_t t = batch.reverse ? batch.T - 1 - i : i;
      const std::size_t k = t * batch.B + b;
      const std::int32_t id = batch.sequence[k];
      if (id == kIdle) {
        entries[k] = kIdles;
        continue;
      }
      if (id < 0 || static_cast<std::size_t>(id) >= batch.N) {
        Refuse(t, b, id, "expected -1 .. N - 1, N being " + std::to_string(batch.N));
      }
      if (id == current) continue;
      if (begun[static_cast<std::size_t>(id)]) Refuse(t, b, id, "this sequence began before");
      begun[static_cast<std::size_t>(id)] = true;
      entries[k] = current = id;
    }
  }
}

template void FindEntries(const Batch<float>&, std::vector<std::int32_t>&);
template void FindEntries(const Batch<double>&, std::vector<std::int32_t>&);

}  // namespace unroll
