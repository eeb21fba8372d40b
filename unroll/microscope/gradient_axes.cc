// The axes of the gradient check, what each choice means, and what cannot go together.
#include <algorithm>

#include "unroll/cells/cells.h"
#include "unroll/microscope/gradient_cases.h"

namespace unroll {
namespace {

constexpr std::uint64_t kUnits = 5, kOtherUnits = 3, kOutputs = 6;

std::vector<GradientAxis> MakeAxes() {
  GradientAxis cells{"cell", {}};
  for (const CellFacts& cell : Cells()) cells.values.push_back(cell.name);
  GradientAxis losses{"loss", {}};
  for (const LossFacts& loss : Losses()) losses.values.push_back(loss.name);
  return {
      cells,
      {"option", {"none", "relu", "hard_sigmoid", "identity_output", "clip", "input_forget"}},
      {"initial", {"zeros", "given", "learned", "entity", "static", "warm_up"}},
      {"rows", {"whole", "end_to_end", "idle", "zero_length", "carried"}},
      {"mask", {"all", "some", "last_step"}},
      {"direction", {"forward", "reverse", "bidirectional"}},
      {"sizes", {"one_layer", "equal", "different"}},
      {"residual", {"no", "yes"}},
      {"dropout", {"none", "fresh", "variational", "recurrent"}},
      {"input", {"numbers", "symbols", "tied"}},
      losses,
      {"reduction", {"sum", "mean"}},
      {"split", {"alone", "rows", "units"}},
  };
}

void SetOption(const GradientCase& one, Specification& s) {
  if (one.Is("option", "relu")) s.activation = Activation::kRelu;
  if (one.Is("option", "hard_sigmoid")) s.gate_activation = Activation::kHardSigmoid;
  if (one.Is("option", "identity_output")) s.output_activation = Activation::kIdentity;
  if (one.Is("option", "clip")) s.clip = 0.6;
  s.input_forget = one.Is("option", "input_forget");
}

void SetInitial(const GradientCase& one, Specification& s) {
  for (const Initial initial : {Initial::kZeros, Initial::kGiven, Initial::kLearned,
                                Initial::kEntity, Initial::kStatic, Initial::kWarmUp}) {
    if (one.Is("initial", NameOf(initial))) s.initial = initial;
  }
  if (s.initial == Initial::kEntity) s.entities = 3;
  if (s.initial == Initial::kStatic) s.static_inputs = 2;
}

void SetDropout(const GradientCase& one, Specification& s) {
  if (one.Is("dropout", "recurrent")) {
    s.recurrent_dropout = 0.3;
  } else if (!one.Is("dropout", "none")) {
    s.dropout = 0.3, s.variational = one.Is("dropout", "variational");
  }
}

Specification SpecificationOf(const GradientCase& one) {
  Specification s;
  s.precision = Precision::kFp64;
  s.cell = one["cell"], s.outputs = kOutputs;
  for (const Direction direction :
       {Direction::kForward, Direction::kReverse, Direction::kBidirectional}) {
    if (one.Is("direction", NameOf(direction))) s.direction = direction;
  }
  s.layers = one.Is("sizes", "one_layer") ? 1 : 2;
  s.hidden = kUnits;
  if (one.Is("sizes", "different")) s.hidden = PerLayer{kUnits, kOtherUnits};
  s.inputs = kUnits;
  s.residual = one.Is("residual", "yes");
  SetOption(one, s), SetInitial(one, s), SetDropout(one, s);
  if (!one.Is("input", "numbers")) s.vocabulary = kOutputs;
  s.tied = one.Is("input", "tied");
  if (s.tied) s.inputs = s.OutputsOf(s.layers - 1);
  return s;
}

LossOptions LossOf(const GradientCase& one) {
  LossOptions loss;
  loss.name = one["loss"];
  if (loss.name == "huber") loss.delta = 0.7;
  if (loss.name == "softmax") loss.classes = 3;
  return loss;
}

}  // namespace

std::span<const GradientAxis> GradientAxes() {
  static const std::vector<GradientAxis> kAxes = MakeAxes();
  return kAxes;
}

std::span<const RefusedPair> RefusedPairs() {
  constexpr std::string_view kNoGate = "it has no gate";
  constexpr std::string_view kNoCell = "it has no cell state";
  constexpr std::string_view kNoForget = "it has no forget gate apart";
  constexpr std::string_view kNoProduct = "h has no way to U";
  constexpr std::string_view kCarries = "a walk in reverse carries no state";
  constexpr std::string_view kWidths = "it adds what a layer reads to what it gives";
  constexpr std::string_view kOneAUnit = "it reads one number a unit";
  static constexpr RefusedPair kPairs[] = {
      {"cell", "elementwise", "option", "hard_sigmoid", kNoGate},
      {"cell", "elementwise", "option", "identity_output", kNoCell},
      {"cell", "elementwise", "option", "input_forget", kNoForget},
      {"cell", "elementwise", "dropout", "recurrent", kNoProduct},
      {"cell", "elementwise_input", "option", "hard_sigmoid", kNoGate},
      {"cell", "elementwise_input", "option", "identity_output", kNoCell},
      {"cell", "elementwise_input", "option", "input_forget", kNoForget},
      {"cell", "elementwise_input", "dropout", "recurrent", kNoProduct},
      {"cell", "elementwise_input", "sizes", "different", kOneAUnit},
      {"cell", "elman", "option", "hard_sigmoid", kNoGate},
      {"cell", "elman", "option", "identity_output", kNoCell},
      {"cell", "elman", "option", "input_forget", kNoForget},
      {"cell", "gru", "option", "identity_output", kNoCell},
      {"cell", "gru", "option", "input_forget", kNoForget},
      {"cell", "gru_reset_before", "option", "identity_output", kNoCell},
      {"cell", "gru_reset_before", "option", "input_forget", kNoForget},
      {"cell", "mingru", "option", "relu", "its candidate is linear"},
      {"cell", "mingru", "option", "identity_output", kNoCell},
      {"cell", "mingru", "option", "input_forget", kNoForget},
      {"cell", "mingru", "dropout", "recurrent", kNoProduct},
      {"rows", "carried", "direction", "reverse", kCarries},
      {"rows", "carried", "direction", "bidirectional", kCarries},
      {"residual", "yes", "sizes", "one_layer", kWidths},
      {"residual", "yes", "sizes", "different", kWidths},
  };
  return kPairs;
}

Result<GradientSubject> SubjectOf(const GradientCase& one) {
  GradientSubject subject{SpecificationOf(one), LossOf(one), Reduction::kSum, Split::kAlone, 1};
  if (one.Is("reduction", "mean")) subject.reduction = Reduction::kMean;
  if (one.Is("split", "rows")) subject.split = Split::kRows, subject.threads = 2;
  if (one.Is("split", "units")) subject.split = Split::kUnits, subject.threads = 2;
  if (auto sound = CheckSpecification(subject.specification); !sound) {
    return tl::unexpected(sound.error());
  }
  if (one.Is("rows", "carried") && !one.Is("direction", "forward")) {
    return Fail(Failure::kUsage, "rows", "rows that carry no state, for a walk in reverse has none",
                "carried");
  }
  return subject;
}

}  // namespace unroll
