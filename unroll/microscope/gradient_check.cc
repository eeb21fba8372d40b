#include "unroll/microscope/gradient_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <variant>

#include "unroll/base/random.h"
#include "unroll/network/pass.h"

namespace unroll {
namespace {

constexpr std::size_t kSteps = 6, kRows = 3, kSequences = 6, kWarmUpSteps = 2;

std::vector<double> Normals(std::size_t count, Random& random) {
  std::vector<double> numbers(count);
  for (double& number : numbers) number = random.Normal();
  return numbers;
}

/// The ids of a batch; empty where each row is a sequence.
std::vector<std::int32_t> IdsOf(const GradientCase& one) {
  if (one.Is("rows", "whole")) return {};
  if (one.Is("rows", "end_to_end")) return {0, 1, 4, 0, 1, 4, 2, 1, 4, 2, 3, 4, 2, 3, 5, 2, 3, 5};
  if (one.Is("rows", "idle")) return {0, -1, 4, 0, 1, -1, -1, 1, -1, 2, -1, 4, 2, 3, 5, -1, 3, 5};
  // Sequence 1 has no step at all; where rows are carried, row 1 goes on with 4 and row 2 with 3.
  return {0, 4, 3, 0, 4, -1, 2, 4, 3, 2, 5, 3, 2, 5, 3, -1, 5, 3};
}

/// A network, a batch and a loss, and what the loss depends on.
class Subject {
 public:
  Subject(const GradientCase& one, const GradientSubject& subject, const Loss<double>& loss,
          std::uint64_t seed)
      : specification_(subject.specification),
        reduction_(subject.reduction),
        split_(subject.split),
        loss_(&loss),
        random_(seed, Purpose::kTest),
        pool_(subject.threads),
        network_(specification_),
        pass_(network_, kSteps, kRows, PassOptions(PassKind::kTraining, kSequences), pool_),
        gradients_(network_.weights().size()),
        ids_(IdsOf(one)) {
    network_.Initialise(seed);
    weights_ = network_.Unpack(network_.weights());
    for (NamedTensor& tensor : weights_) {  // initial states begin at zero: stir them
      for (double& weight : std::get<std::vector<double>>(tensor.values)) {
        weight += 0.3 * random_.Normal();
      }
    }
    x_ = Normals(kSteps * kRows * specification_.inputs, random_);
    for (std::size_t k = 0; k < kSteps * kRows; ++k) {
      symbols_.push_back(static_cast<std::int32_t>(random_.Below(specification_.outputs)));
    }
    features_ =
        Normals(kSequences * std::max<std::size_t>(1, specification_.static_inputs), random_);
    std::size_t given = 0;
    for (const TensorName& state : StatesOf(specification_)) given += state.dims[0] * N();
    given_ = Normals(given, random_);
    if (one.Is("rows", "carried")) {
      before_ = {kIdle, 4, 3};
      carried_ = Normals(pass_.SaveState().size(), random_);
    }
    MakeTargets(one);
  }

  /// By one thread.
  double Error() {
    Forward(Split::kAlone);
    return Judge({nullptr, outputs_.shape});
  }

  /// One parameter after another, with its gradient: visit(name, numbers, gradients). Returns the
  /// error by the walk of the case.
  template <class Visit>
  double ForEachParameter(const Visit& visit) {
    Forward(split_);
    std::vector<double> d_outputs(outputs_.size()), d_x(x_.size()), d_given(given_.size());
    const double error = Judge({d_outputs.data(), outputs_.shape});
    PassGradients<double> wanted{gradients_.span()};
    const bool numbers = specification_.vocabulary == 0;
    const bool given = specification_.initial == Initial::kGiven;
    if (numbers) wanted.d_x = d_x.data();
    if (given) wanted.d_given = d_given.data();
    pass_.Backward({d_outputs.data(), outputs_.shape}, wanted);
    const std::vector<NamedTensor> gradients = network_.Unpack(gradients_.span());
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      // The second bias is folded into the first, where both belong to one sum.
      if (weights_[i].name.find("bias_hh") != std::string::npos) continue;
      visit(weights_[i].name, std::span(std::get<std::vector<double>>(weights_[i].values)),
            gradients[i].As<double>());
    }
    if (numbers) visit("x", std::span(x_), std::span<const double>(d_x));
    if (given) visit("initial states", std::span(given_), std::span<const double>(d_given));
    return error;
  }

 private:
  std::size_t N() const { return ids_.empty() ? kRows : kSequences; }

  PassInput<double> Input() const {
    PassInput<double> input(Tensor<const double>{
        x_.data(), {{'T', kSteps}, {'B', kRows}, {'I', specification_.inputs}}});
    if (specification_.vocabulary > 0) {
      input = PassInput<double>(
          Tensor<const std::int32_t>{symbols_.data(), {{'T', kSteps}, {'B', kRows}}});
    }
    if (!ids_.empty()) input.sequence = ids_.data(), input.N = N();
    if (!before_.empty()) input.before = before_.data();
    input.entity = kEntity, input.features = features_.data(), input.given = given_.data();
    if (specification_.dropout > 0 || specification_.recurrent_dropout > 0) {
      input.dropout = DropoutKey{7, 3};
    }
    return input;
  }

  void Forward(Split split) {
    pass_.ForceSplit(split);
    network_.Pack(weights_, network_.weights());
    pass_.Reset();
    if (!carried_.empty()) pass_.LoadState(carried_);
    outputs_ = pass_.Forward(Input());
  }

  double Judge(Tensor<double> d_outputs) const {
    return loss_->Evaluate(
        {outputs_, {target_.data(), TargetShape()}, {mask_.data(), TargetShape()}}, reduction_,
        d_outputs);
  }
  Shape TargetShape() const { return {{'T', kSteps}, {'B', kRows}, {'O', targets_}}; }

  void MakeTargets(const GradientCase& one) {
    targets_ = specification_.outputs / loss_->outputs_per_target();
    const std::size_t count = kSteps * kRows * targets_;
    for (std::size_t i = 0; i < count; ++i) {
      double target = random_.Normal();
      if (one.Is("loss", "softmax")) target = static_cast<double>(random_.Below(3));
      if (one.Is("loss", "binary")) target = random_.Uniform(0, 1);
      target_.push_back(target);
      const std::size_t k = i / targets_;
      bool counts = true;
      if (one.Is("mask", "some")) counts = random_.Below(3) > 0;
      if (one.Is("mask", "last_step"))
        counts = k / kRows + 2 >= kSteps;  // one may idle at the last
      if (!ids_.empty() && ids_[k] == kIdle) counts = false;
      mask_.push_back(counts ? 1 : 0);
    }
    if (specification_.initial != Initial::kWarmUp) return;
    MaskWarmUp<double>(kWarmUpSteps, kSteps, kRows, ids_.empty() ? nullptr : ids_.data(),
                       before_.empty() ? nullptr : before_.data(), /*begins=*/true, targets_,
                       mask_.data());
  }

  static constexpr std::int32_t kEntity[kSequences] = {2, 0, 2, 1, 0, 2};

  Specification specification_;
  Reduction reduction_;
  Split split_;
  const Loss<double>* loss_;
  Random random_;
  ThreadPool pool_;
  Network<double> network_;
  Pass<double> pass_;
  Buffer<double> gradients_;
  std::vector<NamedTensor> weights_;
  std::vector<std::int32_t> ids_, before_, symbols_;
  std::vector<double> x_, features_, given_, carried_, target_, mask_;
  std::size_t targets_ = 0;
  Tensor<const double> outputs_{nullptr, {}};
};

/// The slope of error() along `number`, by five points `step` apart.
template <class Error>
double SlopeAlong(double& number, double step, const Error& error) {
  const double kept = number;
  const auto at = [&](double steps) {
    number = kept + steps * step;
    return error();
  };
  const double slope = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * step);
  number = kept;
  return slope;
}

struct Looked {
  std::string name;
  std::span<double> numbers;
  std::vector<double> gradients;
};

GradientResult Measure(Subject& subject, std::size_t most) {
  constexpr double kStep = 2e-4, kAlike = 2e-8;
  std::vector<Looked> all;
  double largest = 0;
  const double by_split = subject.ForEachParameter(
      [&](const std::string& name, std::span<double> numbers, std::span<const double> gradients) {
        all.push_back({name, numbers, {gradients.begin(), gradients.end()}});
        for (const double gradient : gradients) largest = std::max(largest, std::abs(gradient));
      });
  if (by_split != subject.Error()) {
    return {std::numeric_limits<double>::infinity(), "split", 1, 0};
  }
  if (largest == 0) largest = 1;
  GradientResult result;
  const auto error = [&] { return subject.Error(); };
  for (Looked& looked : all) {
    const std::size_t stride = std::max<std::size_t>(1, looked.numbers.size() / most) | 1;
    for (std::size_t i = 0; i < looked.numbers.size(); i += stride) {
      const double wide = SlopeAlong(looked.numbers[i], kStep, error);
      const double narrow = SlopeAlong(looked.numbers[i], kStep / 2, error);
      if (!(std::abs(wide - narrow) <= kAlike * largest)) {
        ++result.kinks;
        continue;
      }
      ++result.looked;
      const double off = std::abs(narrow - looked.gradients[i]) / largest;
      if (!(off <= result.worst)) result.worst = off, result.where = looked.name;
    }
  }
  return result;
}

}  // namespace

Result<GradientResult> CheckGradients(const GradientCase& one, std::size_t most) {
  constexpr std::uint64_t kFirstSeed = 3, kSeeds = 8;
  const Result<GradientSubject> sound = SubjectOf(one);
  if (!sound) return tl::unexpected(sound.error());
  const Result<std::unique_ptr<Loss<double>>> loss = MakeLoss<double>(sound->loss);
  if (!loss) return tl::unexpected(loss.error());
  GradientResult result;
  for (std::uint64_t n = 0; n < kSeeds; ++n) {
    Subject subject(one, *sound, **loss, kFirstSeed + n);
    result = Measure(subject, most);
    if (result.looked > 9 * result.kinks) break;
  }
  return result;
}

}  // namespace unroll
