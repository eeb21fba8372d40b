// Memory for numbers: one block, many views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace unroll {

/// Rows, panels and views start at multiples of this: one vector of the widest instruction set.
inline constexpr std::size_t kAlignment = 64;

/// Row length rounded up to whole vectors of the widest instruction set.
template <class Real>
constexpr std::size_t Padded(std::size_t n) {
  constexpr std::size_t kLanes = kAlignment / sizeof(Real);
  return (n + kLanes - 1) / kLanes * kLanes;
}

/// Zeroed bytes, aligned to kAlignment, with kAlignment bytes of slack behind them that may be read
/// (whole vectors at the end of a row). From 1 MiB on in huge pages where the system has them.
///
/// Errors:  null where the system refuses; see Buffer.
void* AllocateAligned(std::size_t bytes) noexcept;
void FreeAligned(void* block) noexcept;

/// Owns `size` numbers, zero at the start.
///
/// Errors:  std::bad_alloc.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>, "a Buffer is zeroed and freed as plain bytes");

 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) : size_(size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_alloc();
    data_ = static_cast<T*>(AllocateAligned(size * sizeof(T)));
    if (data_ == nullptr) throw std::bad_alloc();
  }
  ~Buffer() { FreeAligned(data_); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }
  void Zero() {
    if (size_ > 0) std::memset(static_cast<void*>(data_), 0, size_ * sizeof(T));
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Plans views into one Buffer: every part says how much it needs and keeps the offset it is given,
/// which then holds in each buffer of total() numbers: weights, gradients, moments.
template <class Real>
class Layout {
 public:
  /// Offset of a new view of `count` numbers; aligned.
  std::size_t Reserve(std::size_t count) {
    return std::exchange(total_, total_ + Padded<Real>(count));
  }
  std::size_t total() const { return total_; }

 private:
  std::size_t total_ = 0;
};

}  // namespace unroll
