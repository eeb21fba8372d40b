// The adding problem with several cells, lengths and seeds: trains a network for each, prints how
// well they add beside the error of always saying 1, and keeps models and cases.
//
// Flags and errors are told as the program tells them; all else is the library's.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <map>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/common_flags.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "recipes/adding_problem/learn.h"

namespace adding {
namespace {

using unroll::Failure;
using unroll::Result;

constexpr int kFailed = 1;  // the exit code where a network has not learned it, or by our fault

struct Options {
  std::string cell, folder = ".";
  std::optional<std::uint64_t> length, seeds, first_seed, steps, threads;
  std::optional<double> target;
  bool help_wanted = false;
};

Result<Options> Read(unroll::cli::Words words) {
  Options options;
  unroll::cli::Flags flags("adding_problem",
                           "Train networks to add the two marked numbers of a case, and print "
                           "their mean squared errors on new cases.");
  flags.AddChoice("--cell", unroll::cli::CellChoices(), "The cell (default: lstm, gru and elman)",
                  &options.cell);
  flags.AddWhole("--length", {kLeastSteps, 10000},
                 "Steps of a case (default: 30 and 100, elman 30)", &options.length);
  flags.AddWhole("--seeds", {1, 1000}, "Networks of each, of which the mean is taken (default: 3)",
                 &options.seeds);
  flags.AddWhole("--first-seed", {1, 1000000}, "Seed of the first (default: 1)",
                 &options.first_seed);
  flags.AddWhole("--steps", {1, 1000000000}, "Steps of a training (default: 8000)", &options.steps);
  flags.AddReal("--target", {0, 10}, "Mean error to stay below, else the code is 1 (default: 0.01)",
                &options.target);
  flags.AddWhole("--threads", unroll::cli::kThreadRange,
                 "Trainings side by side (default: all processors)", &options.threads);
  flags.AddText("-o,--output", "FOLDER", "Where models and cases go (default: here)",
                &options.folder);
  if (auto read = flags.Read(words); !read) return tl::unexpected(read.error());
  options.help_wanted = flags.help_wanted();
  if (!options.help_wanted) return options;
  if (auto printed = unroll::cli::Print(flags.Help()); !printed) {
    return tl::unexpected(printed.error());
  }
  return options;
}

/// A cell at a length: a row of the table.
struct Setting {
  std::string cell;
  std::size_t length;
};

std::vector<Setting> SettingsOf(const Options& options) {
  std::vector<std::string> cells = {"lstm", "gru", "elman"};
  if (!options.cell.empty()) cells = {options.cell};
  std::vector<Setting> settings;
  for (const std::string& cell : cells) {
    if (options.length) {
      settings.push_back({cell, *options.length});
      continue;
    }
    settings.push_back({cell, 30});
    if (cell != "elman") settings.push_back({cell, 100});  // too long for it
  }
  return settings;
}

std::string ModelPath(const Options& options, const Setting& setting) {
  return fmt::format("{}/adding_{}_{}.safetensors", options.folder, setting.cell, setting.length);
}

std::string CasesPath(const Options& options, std::size_t length) {
  return fmt::format("{}/adding_{}.csv", options.folder, length);
}

std::vector<Job> JobsOf(const Options& options, const std::vector<Setting>& settings) {
  std::vector<Job> jobs;
  for (const Setting& setting : settings) {
    for (std::uint64_t i = 0; i < options.seeds.value_or(3); ++i) {
      jobs.push_back({setting.cell, setting.length, options.first_seed.value_or(1) + i,
                      options.steps.value_or(8000)});
    }
  }
  return jobs;
}

using Judging = std::map<std::size_t, JudgingCases>;  // by length

/// What can be refused before any work.
Result<void> Check(const Options& options, const std::vector<Setting>& settings,
                   const std::vector<Job>& jobs, std::size_t threads) {
  for (const Setting& setting : settings) {
    for (const std::string& path :
         {ModelPath(options, setting), CasesPath(options, setting.length)}) {
      if (auto can = unroll::CheckWritable(path); !can) return can;
    }
  }
  std::uint64_t most = 0;
  for (const Job& job : jobs) most = std::max(most, LearnBytes(job));
  return unroll::CheckMemory("adding_problem", threads * most, unroll::AvailableMemory(),
                             "take a shorter --length or fewer --threads");
}

/// Learns all jobs, `threads` at a time; in their order.
Result<std::vector<Learned>> LearnAll(const std::vector<Job>& jobs, const Judging& judging,
                                      std::size_t threads) {
  std::vector<std::optional<Result<Learned>>> results(jobs.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      const Job& job = jobs[i];
      results[i] = Learn(job, judging.at(job.length));
      if (!*results[i]) continue;
      const Learned& learned = **results[i];
      unroll::cli::Say(fmt::format("{}, {} steps, seed {}: {:.5f}, best at {} of {}, {:.1f} s\n",
                                   job.cell, job.length, job.seed, learned.error, learned.best_step,
                                   job.steps, learned.seconds));
    }
  };
  std::vector<std::future<void>> workers;
  try {
    while (workers.size() + 1 < threads) {
      workers.push_back(std::async(std::launch::async, work));
    }
  } catch (const std::system_error&) {
    // Where the system gives fewer threads, fewer work.
  }
  work();
  for (std::future<void>& worker : workers) worker.get();
  std::vector<Learned> learned;
  for (std::optional<Result<Learned>>& result : results) {
    if (!*result) return tl::unexpected(result->error());
    learned.push_back(std::move(**result));
  }
  return learned;
}

/// The row of one setting, and whether it stays below the target.
struct Row {
  std::string text;
  bool reached;
};

Row RowOf(const Setting& setting, std::span<const Learned> learned, const Cases& test,
          double target) {
  double sum = 0;
  std::string each;
  for (const Learned& one : learned) {
    sum += one.error;
    each += fmt::format(" {:.5f}", one.error);
  }
  const double mean = sum / static_cast<double>(learned.size());
  return {fmt::format("{:<18}{:>6}  {:<8.5f}  {:<8.5f} {}\n", setting.cell, setting.length, mean,
                      ErrorOfAlwaysOne(test), each),
          mean < target};
}

/// The model of each setting's first seed, and the cases by which all of its length were judged.
Result<void> Keep(const Options& options, const Setting& setting, const Learned& first,
                  const Cases& test) {
  unroll::FileSystem& files = unroll::RealFiles();
  if (auto kept = WriteModel(files, ModelPath(options, setting), first.model); !kept) return kept;
  const std::string csv = InCsv(test);
  const std::string_view pieces[] = {csv};
  return WriteFile(files, CasesPath(options, setting.length), pieces);
}

/// The exit code.
Result<int> Run(unroll::cli::Words words) {
  const Result<Options> options = Read(words);
  if (!options) return tl::unexpected(options.error());
  if (options->help_wanted) return 0;
  const std::vector<Setting> settings = SettingsOf(*options);
  const std::vector<Job> jobs = JobsOf(*options, settings);
  const auto processors = static_cast<std::uint64_t>(unroll::AvailableProcessors());
  const std::size_t threads =
      std::min<std::size_t>(options->threads.value_or(processors), jobs.size());
  if (auto can = Check(*options, settings, jobs, threads); !can) return tl::unexpected(can.error());

  Judging judging;
  for (const Setting& setting : settings) judging.try_emplace(setting.length, setting.length);
  const Result<std::vector<Learned>> learned = LearnAll(jobs, judging, threads);
  if (!learned) return tl::unexpected(learned.error());

  const std::size_t seeds = jobs.size() / settings.size();
  std::string table = fmt::format("{:<18}{:>6}  {:<8}  {:<8}  {}\n", "cell", "steps", "mean",
                                  "always 1", "each seed");
  bool reached = true;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto own = std::span(*learned).subspan(i * seeds, seeds);
    const Cases& test = judging.at(settings[i].length).test;
    if (auto kept = Keep(*options, settings[i], own.front(), test); !kept) {
      return tl::unexpected(kept.error());
    }
    const Row row = RowOf(settings[i], own, test, options->target.value_or(0.01));
    table += row.text;
    reached = reached && row.reached;
  }
  if (auto printed = unroll::cli::Print(table); !printed) return tl::unexpected(printed.error());
  return reached ? 0 : kFailed;
}

int Main(unroll::cli::Words words) {
  const Result<int> code = Run(words);
  if (code) return *code;
  unroll::cli::Say(fmt::format("adding_problem: {}\n", code.error().Message()));
  return static_cast<int>(code.error().kind);
}

}  // namespace
}  // namespace adding

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    return adding::Main(words);
  } catch (const std::bad_alloc&) {
    unroll::cli::Say("adding_problem: memory: expected enough of it, found none left\n");
    return static_cast<int>(unroll::Failure::kSystem);
  } catch (const std::exception& error) {
    unroll::cli::Say(
        fmt::format("adding_problem: a bug of ours: {}\n", unroll::Escaped(error.what(), 500)));
    return adding::kFailed;
  }
}
