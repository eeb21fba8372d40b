#include "recipes/adding_problem/learn.h"

#include <chrono>
#include <utility>

namespace adding {
namespace {

// Found by trying; recipes/README.md has what came out.
constexpr std::size_t kUnits = 32;
constexpr std::size_t kRows = 64;
constexpr double kRate = 0.003;
constexpr double kClip = 1;
constexpr std::uint64_t kValidateEvery = 100;
constexpr std::size_t kJudgingRows = 1000;
constexpr std::uint64_t kJudgingSeed = 0;

unroll::Specification SpecificationOf(const std::string& cell) {
  unroll::Specification specification;
  specification.cell = cell;
  specification.inputs = kInputs;
  specification.hidden = kUnits;
  return specification;
}

/// Walks the same cases again and again, as the network changes.
class Judge {
 public:
  Judge(const unroll::Network<float>& network, const Cases& cases, unroll::ThreadPool& pool)
      : cases_(&cases), pass_(network, cases.T, cases.B, unroll::PassKind::kInference, pool) {}

  double Error() {
    const unroll::Stretch<float> stretch = cases_->View();
    pass_.Reset();
    const unroll::Tensor<const float> y = pass_.Forward(stretch.x);
    return unroll::SquaredError<float>().Evaluate({y, stretch.target, stretch.mask},
                                                  unroll::Reduction::kMean, {nullptr, y.shape});
  }

 private:
  const Cases* cases_;
  unroll::Pass<float> pass_;
};

}  // namespace

JudgingCases::JudgingCases(std::size_t T) : validation(T, kJudgingRows), test(T, kJudgingRows) {
  validation.Draw(kJudgingSeed, 0);
  test.Draw(kJudgingSeed, 1);
}

unroll::Result<Learned> Learn(const Job& job, const JudgingCases& judging) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  unroll::ThreadPool pool(1);
  unroll::Network<float> network(SpecificationOf(job.cell));
  network.Initialise(job.seed);
  const FreshCases source(job.length, kRows, job.seed);
  const unroll::SquaredError<float> loss;
  Judge judge(network, judging.validation, pool);
  unroll::TrainerOptions options{job.steps, kRate, kClip};
  options.validate_every = kValidateEvery;
  unroll::Trainer<float> trainer(
      network, source, loss, [&](const unroll::Network<float>&) { return judge.Error(); }, options,
      pool);
  unroll::Observer nobody;
  while (!trainer.done()) {
    if (auto step = trainer.Step(nobody); !step) return tl::unexpected(step.error());
  }
  const std::uint64_t best_step = trainer.state().best_step;
  unroll::Model model{network.specification(),
                      /*scaling=*/std::nullopt,
                      {{"version", unroll::kVersion},
                       {"data", "adding problem, " + std::to_string(job.length) + " steps"},
                       {"simd", std::string(unroll::CurrentInstructionSet())},
                       {"precision", "fp32"},
                       {"seed", std::to_string(job.seed)},
                       {"steps", std::to_string(job.steps)},
                       {"best_step", std::to_string(best_step)}},
                      network.Unpack(trainer.best())};
  const double error = ErrorOf(model, judging.test);
  const std::chrono::duration<double> took = Clock::now() - begin;
  return Learned{std::move(model), error, best_step, took.count()};
}

std::uint64_t LearnBytes(const Job& job) {
  const unroll::Specification specification = SpecificationOf(job.cell);
  return unroll::TrainerBytes(specification, {}, job.length, kRows, /*threads=*/1) +
         2 * unroll::PassBytes(specification, job.length, kJudgingRows,
                               unroll::PassKind::kInference, /*threads=*/1) +
         CasesBytes(job.length, kRows);
}

double ErrorOf(const unroll::Model& model, const Cases& cases) {
  unroll::ThreadPool pool(1);
  unroll::Network<float> network(model.specification);
  network.Pack(model.weights, network.weights());
  return Judge(network, cases, pool).Error();
}

}  // namespace adding
