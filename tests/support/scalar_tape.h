// Numbers that remember what they were made of, so that the gradient of one of them by all others
// follows: reverse differentiation, one scalar at a time. Slow, and short enough to be believed.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace unroll::test {

class ScalarTape;

/// A number on a tape, or a constant.
struct Var {
  Var(double constant = 0) : value(constant) {}  // NOLINT: numbers are constants
  Var(double v, ScalarTape* on, std::size_t n) : value(v), tape(on), node(n) {}

  double value;
  ScalarTape* tape = nullptr;
  std::size_t node = 0;
};

class ScalarTape {
 public:
  /// A number that the others are made of.
  Var Leaf(double value) { return Make(value, {}, 0, {}, 0); }
  std::vector<Var> Leaves(const std::vector<double>& values) {
    std::vector<Var> leaves;
    for (const double value : values) leaves.push_back(Leaf(value));
    return leaves;
  }

  /// A number made of a and b, and its slopes by them.
  Var Make(double value, const Var& a, double by_a, const Var& b, double by_b) {
    nodes_.push_back({Link(a), by_a, Link(b), by_b});
    return {value, this, nodes_.size() - 1};
  }

  /// The same numbers; on the way back `bend` is given the gradient that reached them from all that
  /// was made of them, and may change it before it goes on.
  std::vector<Var> Bent(const std::vector<Var>& v, std::function<void(std::span<double>)> bend) {
    std::vector<Var> copies;
    for (const Var& number : v) copies.push_back(Make(number.value, number, 1, {}, 0));
    bends_.push_back({nodes_.size() - v.size(), v.size(), std::move(bend)});
    return copies;
  }

  /// Finds the gradient of `error` by everything on the tape.
  void Backward(const Var& error) {
    gradient_.assign(nodes_.size(), 0);
    if (error.tape != nullptr) gradient_[error.node] = 1;
    std::size_t bends_left = bends_.size();
    for (std::size_t n = nodes_.size(); n-- > 0;) {
      // What is made of a node stands behind it: at the last of some copies all of them are ready.
      if (bends_left > 0 && bends_[bends_left - 1].first + bends_[bends_left - 1].count == n + 1) {
        const Bend& bend = bends_[--bends_left];
        bend.change(std::span(gradient_).subspan(bend.first, bend.count));
      }
      const Node& node = nodes_[n];
      if (node.a != kNone) gradient_[node.a] += gradient_[n] * node.by_a;
      if (node.b != kNone) gradient_[node.b] += gradient_[n] * node.by_b;
    }
  }

  double GradientOf(const Var& v) const { return v.tape == nullptr ? 0 : gradient_[v.node]; }
  std::vector<double> GradientsOf(const std::vector<Var>& v) const {
    std::vector<double> gradients;
    for (const Var& number : v) gradients.push_back(GradientOf(number));
    return gradients;
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  struct Node {
    std::size_t a;
    double by_a;
    std::size_t b;
    double by_b;
  };
  struct Bend {
    std::size_t first, count;
    std::function<void(std::span<double>)> change;
  };

  static std::size_t Link(const Var& v) { return v.tape == nullptr ? kNone : v.node; }

  std::vector<Node> nodes_;
  std::vector<Bend> bends_;
  std::vector<double> gradient_;
};

inline Var Combine(double value, const Var& a, double by_a, const Var& b, double by_b) {
  ScalarTape* const tape = a.tape != nullptr ? a.tape : b.tape;
  return tape == nullptr ? Var(value) : tape->Make(value, a, by_a, b, by_b);
}
inline Var operator+(const Var& a, const Var& b) { return Combine(a.value + b.value, a, 1, b, 1); }
inline Var operator-(const Var& a, const Var& b) { return Combine(a.value - b.value, a, 1, b, -1); }
inline Var operator*(const Var& a, const Var& b) {
  return Combine(a.value * b.value, a, b.value, b, a.value);
}
inline double ValueOf(const Var& v) { return v.value; }
/// f(v), where f has that value and that slope.
inline Var Chain(const Var& v, double value, double slope) {
  return Combine(value, v, slope, {}, 0);
}

}  // namespace unroll::test
