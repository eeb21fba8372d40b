// One network that learns the adding problem, and how well it does on cases that it never saw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "recipes/adding_problem/cases.h"
#include "unroll/unroll.h"

namespace adding {

/// Cases that choose the best weights, and cases that judge them: the same for every training, and
/// in none of them, since trainings have seeds from 1 up.
struct JudgingCases {
  explicit JudgingCases(std::size_t T);

  Cases validation, test;
};

struct Job {
  std::string cell;
  std::size_t length;   ///< T
  std::uint64_t seed;   ///< from 1 up
  std::uint64_t steps;  ///< of the training
};

struct Learned {
  unroll::Model model;  ///< with the weights of the best validation
  double error;         ///< on the test cases, mean squared
  std::uint64_t best_step;
  double seconds;
};

/// Trains on one thread. The same bits for the same job, on one instruction set.
///
/// Errors:  those of Trainer::Step.
unroll::Result<Learned> Learn(const Job& job, const JudgingCases& judging);

/// Bytes that Learn allocates.
std::uint64_t LearnBytes(const Job& job);

/// The mean squared error of a model's outputs.
double ErrorOf(const unroll::Model& model, const Cases& cases);

}  // namespace adding
