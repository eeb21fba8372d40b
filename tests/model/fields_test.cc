// Structs go through JSON and come back to the bit; what does not belong is refused by its name.
#include "unroll/model/fields.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "unroll/base/random.h"
#include "unroll/network/specification.h"

namespace unroll {
namespace {

struct Sample {
  std::string text;
  std::uint64_t whole = 0;
  bool yes = false;
  double real = 0;
  std::vector<double> list;
  std::vector<std::string> names;
  Precision precision = Precision::kFp32;

  template <class Self, class Visit>
  static void ForEachField(Self& self, Visit&& visit) {
    visit("text", self.text);
    visit("whole", self.whole);
    visit("yes", self.yes);
    visit("real", self.real);
    visit("list", self.list);
    visit("names", self.names);
    visit("precision", self.precision);
  }
  friend bool operator==(const Sample&, const Sample&) = default;
};

constexpr char kGood[] =
    R"({"text":"a","whole":1,"yes":true,"real":1,"list":[],"names":[],"precision":"fp64"})";

std::string RefusalOf(const std::string& json) {
  const auto read = RecordFromJson<Sample>(json, "m: sample");
  return read ? "read" : read.error().Message();
}

/// kGood with `part` replaced.
std::string With(const std::string& part, const std::string& other) {
  std::string json = kGood;
  return json.replace(json.find(part), part.size(), other);
}

TEST(FieldsTest, ComeBackToTheBit) {
  Sample sample;
  sample.text = "\"q\" \\ é \x01 \n";
  sample.whole = std::numeric_limits<std::uint64_t>::max();
  sample.yes = true;
  sample.real = -0.0;
  sample.names = {"", "b"};
  sample.precision = Precision::kFp64;
  sample.list = {5e-324,
                 std::numeric_limits<double>::max(),
                 std::numeric_limits<double>::min(),
                 0.1,
                 1.0 / 3,
                 9007199254740993.0,
                 1e23,
                 -2.2250738585072011e-308};
  Random random(1, Purpose::kTest);
  while (sample.list.size() < 20000) {
    const double value = std::bit_cast<double>(std::uint64_t{random.Bits()} << 32 | random.Bits());
    if (std::isfinite(value)) sample.list.push_back(value);
  }
  const auto json = RecordToJson(sample, "sample");
  ASSERT_TRUE(json);
  const auto read = RecordFromJson<Sample>(*json, "m");
  ASSERT_TRUE(read) << read.error().Message();
  EXPECT_EQ(*read, sample);
  EXPECT_TRUE(std::signbit(read->real));
  for (std::size_t i = 0; i < sample.list.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read->list[i]),
              std::bit_cast<std::uint64_t>(sample.list[i]));
  }
}

TEST(FieldsTest, AWholeNumberIsAReal) {
  EXPECT_EQ(RefusalOf(kGood), "read");
  const auto read = RecordFromJson<Sample>(With(R"("real":1)", R"("real":-3)"), "m");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->real, -3);
  const auto zero = RecordFromJson<Sample>(With(R"("real":1)", R"("real":-0)"), "m");
  ASSERT_TRUE(zero);
  EXPECT_TRUE(std::signbit(zero->real));
}

TEST(FieldsTest, WrongTypesAreToldByFieldAndValue) {
  EXPECT_EQ(RefusalOf(With(R"("a")", "1")), "m: sample.text: expected a text, found 1");
  EXPECT_EQ(RefusalOf(With(R"("whole":1)", R"("whole":1.0)")),
            "m: sample.whole: expected a whole number from 0 up, found 1.0");
  EXPECT_EQ(RefusalOf(With(R"("whole":1)", R"("whole":-1)")),
            "m: sample.whole: expected a whole number from 0 up, found -1");
  EXPECT_EQ(RefusalOf(With("true", "1")), "m: sample.yes: expected true or false, found 1");
  EXPECT_EQ(RefusalOf(With(R"("real":1)", R"("real":null)")),
            "m: sample.real: expected a number, found null");
  EXPECT_EQ(RefusalOf(With(R"("real":1)", R"("real":[1])")),
            "m: sample.real: expected one value, found a list");
  EXPECT_EQ(RefusalOf(With(R"("list":[])", R"("list":1)")),
            "m: sample.list: expected a list, found 1");
  EXPECT_EQ(RefusalOf(With(R"("list":[])", R"("list":[1,"b"])")),
            "m: sample.list: expected a list, each a number, found a list");
  EXPECT_EQ(RefusalOf(With("fp64", "fp65")),
            R"(m: sample.precision: expected one of fp32, fp64, found "fp65")");
}

TEST(FieldsTest, KeysMustBeThoseOfTheList) {
  EXPECT_EQ(RefusalOf(With(R"("whole":1,)", "")), "m: sample.whole: expected a value, found none");
  EXPECT_EQ(RefusalOf(With(R"("whole":1)", R"("whole":1,"more":2)")),
            "m: sample.more: expected a field that this build knows, found another");
  EXPECT_EQ(RefusalOf(With(R"("whole":1)", R"("whole":1,"whole":1)")),
            R"(m: sample: expected every key once, found "whole" twice)");
  EXPECT_EQ(RefusalOf(With(R"("list":[])", R"("list":[[]])")),
            "m: sample: expected an object of plain values, found one with deeper brackets");
  EXPECT_EQ(RefusalOf(With(R"("whole":1)", R"("whole":{})")),
            "m: sample: expected an object of plain values, found one with deeper brackets");
  EXPECT_EQ(RefusalOf("{"), "m: sample:byte 1: expected JSON in UTF-8, found its end");
}

TEST(FieldsTest, NoMoreIsBuiltThanAFileOfOursHolds) {
  const auto list = [](std::size_t size) {
    std::string json = With(R"("real":1)", R"("real":"1")");  // refused for this alone
    std::string items = "1";
    for (std::size_t i = 1; i < size; ++i) items += ",1";
    return json.replace(json.find("[]"), 2, '[' + items + ']');
  };
  EXPECT_EQ(RefusalOf(list(kMostJsonItems)), R"(m: sample.real: expected a number, found "1")");
  EXPECT_EQ(RefusalOf(list(kMostJsonItems + 1)),
            "m: sample: expected at most 262144 numbers in lists, found more");
  const auto keys = [](std::size_t count) {
    std::string json = "{";
    for (std::size_t i = 0; i < count; ++i) {
      json += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
    }
    return TextsFromJson(json + "}", "m");
  };
  EXPECT_TRUE(keys(kMostJsonKeys));
  EXPECT_EQ(keys(kMostJsonKeys + 1).error().Message(),
            "m: expected at most 65537 keys, found more");
}

TEST(FieldsTest, NoNumberThatIsNotFiniteIsWritten) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
    Sample sample;
    sample.list = {1, bad};
    auto json = RecordToJson(sample, "sample");
    ASSERT_FALSE(json);
    EXPECT_EQ(json.error().kind, Failure::kDiverged);
    EXPECT_EQ(json.error().Message(),
              "sample.list: expected a finite number, found NaN or infinity");
    sample.list.clear();
    sample.real = bad;
    EXPECT_FALSE(RecordToJson(sample, "sample"));
  }
}

TEST(FieldsTest, TextsThatAreNoUtf8AreStillWrittenAsUtf8) {
  const std::string json = TextsToJson({{"data", "caf\xe9.csv"}});
  const auto texts = TextsFromJson(json, "m");
  ASSERT_TRUE(texts) << texts.error().Message();
  EXPECT_EQ(texts->at("data"), "caf\xef\xbf\xbd.csv");
  EXPECT_EQ(TextsFromJson(R"({"a":1})", "m").error().Message(), "m.a: expected a text, found 1");
}

}  // namespace
}  // namespace unroll
