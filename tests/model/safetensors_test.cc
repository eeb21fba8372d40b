// The container refuses everything that is not exactly right, in one clear line.
#include "unroll/model/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/support/fake_files.h"
#include "unroll/base/memory.h"
#include "unroll/model/json.h"

namespace unroll {
namespace {

using test::FakeFiles;

/// A file of this header, of `data` zero bytes.
std::string FileOf(const std::string& header, std::size_t data = 0) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data, '\0');
}

std::string RefusalOf(const std::string& content) {
  const auto file = ParseTensors(content, "m");
  if (file) return "read";
  EXPECT_EQ(file.error().kind, Failure::kBadData);
  const std::string message = file.error().Message();
  EXPECT_EQ(message.find('\n'), message.npos);
  return message;
}

TEST(SafetensorsTest, ReadsTensorsInTheOrderOfTheirBytes) {
  const auto file =
      ParseTensors(FileOf(R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},)"
                          R"("__metadata__":{"k":"v","\u00e9":""},)"
                          R"( "a":{"data_offsets":[0,8],"shape":[],"dtype":"F64"},)"
                          R"("none":{"dtype":"I8","shape":[3,0],"data_offsets":[16,16]}}   )",
                          16),
                   "m");
  ASSERT_TRUE(file) << file.error().Message();
  ASSERT_EQ(file->tensors.size(), 3u);
  EXPECT_EQ(file->tensors[0].name, "a");
  EXPECT_EQ(file->tensors[0].dtype, "F64");
  EXPECT_TRUE(file->tensors[0].dims.empty());
  EXPECT_EQ(file->tensors[1].name, "b");
  EXPECT_EQ(file->tensors[1].dims, std::vector<std::uint64_t>{2});
  EXPECT_EQ(file->Bytes(file->tensors[1]).size(), 8u);
  EXPECT_EQ(file->tensors[2].name, "none");
  EXPECT_EQ(file->metadata, (Metadata{{"k", "v"}, {"é", ""}}));
}

TEST(SafetensorsTest, ReadsAFileThatHoldsNothing) {
  EXPECT_EQ(RefusalOf(FileOf("{}")), "read");
  EXPECT_EQ(RefusalOf(FileOf(R"({"__metadata__":{}})")), "read");
}

struct HeaderCase {
  const char* header;
  std::size_t data;
  const char* refusal;
};

class RefusedHeaderTest : public testing::TestWithParam<HeaderCase> {};

TEST_P(RefusedHeaderTest, IsToldInOneLine) {
  EXPECT_EQ(RefusalOf(FileOf(GetParam().header, GetParam().data)), GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    Json, RefusedHeaderTest,
    testing::Values(
        HeaderCase{"", 0, R"(m:byte 8: expected "{", the start of a JSON object, found nothing)"},
        HeaderCase{"[]", 0, R"(m:byte 8: expected "{", the start of a JSON object, found "[")"},
        HeaderCase{" {}", 0, R"(m:byte 8: expected "{", the start of a JSON object, found " ")"},
        HeaderCase{"\xef\xbb\xbf{}", 0,
                   R"(m:byte 8: expected "{", the start of a JSON object, found "\xEF")"},
        HeaderCase{"{}x", 0, R"(m:byte 10: expected JSON in UTF-8, found "x")"},
        HeaderCase{"{} {}", 0, R"(m:byte 11: expected JSON in UTF-8, found "{")"},
        HeaderCase{"{\"a\":", 0, "m:byte 13: expected JSON in UTF-8, found its end"},
        HeaderCase{"{/**/}", 0, R"(m:byte 9: expected JSON in UTF-8, found "/")"},
        HeaderCase{"{\"\xff\":0}", 0, R"(m:byte 10: expected JSON in UTF-8, found "\xFF")"},
        HeaderCase{"{\"a\x01\":0}", 0, "m:byte 11: expected JSON text, found a control byte 0x01"},
        HeaderCase{R"({"a":1e999})", 0,
                   R"(m:byte 17: expected a number below 1.8e308, found 1e999)"}));

INSTANTIATE_TEST_SUITE_P(
    Keys, RefusedHeaderTest,
    testing::Values(
        HeaderCase{R"({"a":{"dtype":"I8","shape":[],"data_offsets":[0,1]},)"
                   R"("a":{"dtype":"I8","shape":[],"data_offsets":[0,1]}})",
                   1, "m: a: expected every name once, found it twice"},
        HeaderCase{R"({"__metadata__":{},"__metadata__":{}})", 0,
                   "m: __metadata__: expected every name once, found it twice"},
        HeaderCase{R"({"__metadata__":{"k":"","k":""}})", 0,
                   R"(m: __metadata__: expected every key once, found "k" twice)"},
        HeaderCase{R"({"a":{"dtype":"I8","shape":[1],"shape":[1],"data_offsets":[0,1]}})", 1,
                   R"(m: a: expected every key once, found "shape" twice)"},
        HeaderCase{R"({"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1],"x":1}})", 1,
                   R"(m: a: expected the keys dtype, shape and data_offsets, found "x")"},
        HeaderCase{R"({"a":{"dtype":"I8","shape":[1]}})", 0,
                   "m: a: expected the keys dtype, shape and data_offsets, found not all of them"},
        HeaderCase{
            R"({"a":{}})", 0,
            "m: a: expected the keys dtype, shape and data_offsets, found not all of them"}));

INSTANTIATE_TEST_SUITE_P(
    Types, RefusedHeaderTest,
    testing::Values(
        HeaderCase{R"({"a":3})", 0,
                   "m: a: expected an object with dtype, shape, data_offsets, found 3"},
        HeaderCase{R"({"a":[]})", 0,
                   "m: a: expected an object with dtype, shape, data_offsets, found a list"},
        HeaderCase{R"({"__metadata__":[]})", 0,
                   R"(m: __metadata__: expected metadata of texts, {"key": "text"}, found a list)"},
        HeaderCase{R"({"__metadata__":{"k":1}})", 0,
                   R"(m: __metadata__: expected metadata of texts, {"key": "text"}, found 1)"},
        HeaderCase{
            R"({"__metadata__":{"k":{}}})", 0,
            R"(m: __metadata__: expected metadata of texts, {"key": "text"}, found an object)"},
        HeaderCase{R"({"__metadata__":{"k":["v"]}})", 0,
                   R"(m: __metadata__: expected metadata of texts, {"key": "text"}, found a list)"},
        HeaderCase{R"({"a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}})", 4,
                   R"(m: a: expected a dtype like F32 or F64, found "F31")"},
        HeaderCase{R"({"a":{"dtype":["F32"],"shape":[],"data_offsets":[0,4]}})", 4,
                   "m: a: expected a dtype like F32 or F64, found a list"},
        HeaderCase{R"({"a":{"dtype":null,"shape":[],"data_offsets":[0,4]}})", 4,
                   "m: a: expected a dtype like F32 or F64, found null"},
        HeaderCase{R"({"a":{"shape":[-1]}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found -1"},
        HeaderCase{R"({"a":{"shape":[-0]}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found -0"},
        HeaderCase{R"({"a":{"shape":[1.0]}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found 1.0"},
        HeaderCase{R"({"a":{"shape":[1e3]}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found 1e3"},
        HeaderCase{R"({"a":{"shape":[18446744073709551616]}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found 18446744073709551616"},
        HeaderCase{R"({"a":{"shape":["1"]}})", 4,
                   R"(m: a: expected a shape of whole numbers from 0 up, found "1")"},
        HeaderCase{R"({"a":{"shape":[true]}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found true"},
        HeaderCase{R"({"a":{"shape":[[1]]}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found a list"},
        HeaderCase{R"({"a":{"shape":4}})", 4,
                   "m: a: expected a shape of whole numbers from 0 up, found 4"},
        HeaderCase{R"({"a":{"shape":[1,1,1,1,1,1,1,1,1]}})", 4,
                   "m: a: expected at most 8 dimensions, found more"},
        HeaderCase{R"({"a":{"data_offsets":[0]}})", 4,
                   "m: a: expected data_offsets of two whole numbers, found 1 numbers"},
        HeaderCase{R"({"a":{"data_offsets":[0,4,4]}})", 4,
                   "m: a: expected data_offsets of two whole numbers, found a third"},
        HeaderCase{R"({"a":{"data_offsets":{"0":4}}})", 4,
                   "m: a: expected data_offsets of two whole numbers, found an object"},
        HeaderCase{
            R"({"a\n\u0007":3})", 0,
            R"(m: a\x0A\x07: expected an object with dtype, shape, data_offsets, found 3)"}));

#define TENSOR(name, shape, from, to) \
  "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}"

INSTANTIATE_TEST_SUITE_P(
    Data, RefusedHeaderTest,
    testing::Values(
        HeaderCase{"{" TENSOR("a", "[1]", "4", "0") "}", 4,
                   "m: a: expected data_offsets in rising order, found data_offsets [4, 0]"},
        HeaderCase{"{" TENSOR("a", "[1]", "4", "8") "}", 8,
                   "m: a: expected data from byte 0 on, where the tensor before it ends, found "
                   "data_offsets [4, 8]"},
        HeaderCase{"{" TENSOR("a", "[1]", "0", "4") "," TENSOR("b", "[1]", "8", "12") "}", 12,
                   "m: b: expected data from byte 4 on, where the tensor before it ends, found "
                   "data_offsets [8, 12]"},
        HeaderCase{"{" TENSOR("a", "[2]", "0", "8") "," TENSOR("b", "[2]", "4", "12") "}", 12,
                   "m: b: expected data from byte 8 on, where the tensor before it ends, found "
                   "data_offsets [4, 12]"},
        HeaderCase{"{" TENSOR("a", "[1]", "0", "4") "," TENSOR("b", "[1]", "0", "4") "}", 4,
                   "m: b: expected data from byte 4 on, where the tensor before it ends, found "
                   "data_offsets [0, 4]"},
        HeaderCase{"{" TENSOR("a", "[2]", "0", "4") "}", 4,
                   "m: a: expected 8 bytes of data for its shape and dtype, found 4"},
        HeaderCase{"{" TENSOR("a", "[]", "0", "8") "}", 8,
                   "m: a: expected 4 bytes of data for its shape and dtype, found 8"},
        HeaderCase{
            "{" TENSOR("a", "[4194305,4194305,211106198978564]", "0", "4") "}", 4,
            "m: a: expected a shape that memory can hold, found one of more than 2^64 bytes"},
        HeaderCase{"{" TENSOR("a", "[1]", "0", "4") "}", 5,
                   "m: expected 4 bytes of data after the header, found 5; something was added to "
                   "the file"},
        HeaderCase{"{" TENSOR("a", "[1]", "0", "4") "}", 3,
                   "m: expected 4 bytes of data after the header, found 3; copy the file again, it "
                   "is cut short"},
        HeaderCase{"{" TENSOR("a", "[4611686018427387903]", "0", "18446744073709551612") "}", 4,
                   "m: expected 18446744073709551612 bytes of data after the header, found 4; copy "
                   "the file again, it is cut short"}));

TEST(SafetensorsTest, RefusesALengthThatTheFileCannotHave) {
  const auto with_length = [](std::uint64_t length) {
    std::string bytes = FileOf("{}");
    std::memcpy(bytes.data(), &length, 8);
    return bytes;
  };
  EXPECT_EQ(RefusalOf(with_length(3)),
            "m:byte 0: expected a header of 3 bytes, as it says itself, found 2 bytes in the file "
            "after its length; copy the file again, it is cut short");
  for (const std::uint64_t length :
       {kMostHeaderBytes + 1, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    EXPECT_EQ(RefusalOf(with_length(length)),
              "m:byte 0: expected a header of at most 16777216 bytes, found " +
                  std::to_string(length) + "; is it a safetensors file?");
  }
  EXPECT_EQ(RefusalOf(std::string("\x02\x00\x00", 3)),
            "m: expected a safetensors file, which begins with 8 bytes of length, found 3 bytes in "
            "all");
  EXPECT_NE(RefusalOf(with_length(0)), "read");
}

TEST(SafetensorsTest, RefusesANulThatWouldEndTheText) {
  EXPECT_EQ(RefusalOf(FileOf(std::string("{}\0}", 4))),
            "m:byte 10: expected JSON text, found a control byte 0x00");
}

TEST(SafetensorsTest, LimitsHoldOnBothSides) {
  const auto tensors = [](std::size_t count) {
    std::string header = "{";
    for (std::size_t i = 0; i < count; ++i) {
      header += (i == 0 ? "\"" : ",\"") + std::to_string(i) +
                R"(":{"dtype":"I8","shape":[0],"data_offsets":[0,0]})";
    }
    return FileOf(header + "}");
  };
  EXPECT_EQ(RefusalOf(tensors(kMostTensors)), "read");
  EXPECT_EQ(RefusalOf(tensors(kMostTensors + 1)),
            "m: header: expected at most 65536 tensors, found more");
  const auto keys = [](std::size_t count) {
    std::string header = R"({"__metadata__":{)";
    for (std::size_t i = 0; i < count; ++i) {
      header += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":"")";
    }
    return FileOf(header + "}}");
  };
  EXPECT_EQ(RefusalOf(keys(kMostMetadataKeys)), "read");
  EXPECT_EQ(RefusalOf(keys(kMostMetadataKeys + 1)),
            "m: __metadata__: expected at most 1024 keys, found more");
  EXPECT_EQ(RefusalOf(FileOf(
                R"({"a":{"dtype":"I8","shape":[1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1)),
            "read");
  EXPECT_EQ(RefusalOf(FileOf("{}" + std::string(kMostHeaderBytes - 2, ' '))), "read");
}

TEST(SafetensorsTest, DepthIsRefusedBeforeItCosts) {
  EXPECT_EQ(RefusalOf(FileOf("{\"a\":" + std::string(1000000, '['))),
            "m: a: expected an object with dtype, shape, data_offsets, found a list");
}

TEST(SafetensorsTest, TokensThatWouldCostMoreThanTheFileAreRefused) {
  const auto header = [](const std::string& name, const std::string& shape) {
    return FileOf("{\"" + name + R"(":{"dtype":"I8","shape":[)" + shape +
                  R"(],"data_offsets":[0,0]}})");
  };
  // With its first quote.
  EXPECT_EQ(RefusalOf(header(std::string(kLongestJsonText - 1, 'a'), "0")), "read");
  EXPECT_EQ(RefusalOf(header(std::string(kLongestJsonText, 'a'), "0")),
            "m:byte 9: expected a text of at most 8388608 bytes, found a longer one");
  EXPECT_EQ(RefusalOf(header(R"(a\"b\\)", std::string(kLongestJsonNumber + 1, '1'))),
            "m:byte 41: expected a number of at most 400 bytes, found a longer one");
  EXPECT_EQ(RefusalOf(header(std::string(kLongestJsonNumber + 1, '1'), "0")), "read");
  const std::string longest = "1." + std::string(kLongestJsonNumber - 2, '0');
  EXPECT_EQ(
      RefusalOf(header("a", longest)),
      "m: a: expected a shape of whole numbers from 0 up, found " + longest.substr(0, 40) + "...");
}

/// Notes how much a reader is ready to hold.
class NotingFiles : public FakeFiles {
 public:
  Result<std::string> Read(const std::string& path, std::uint64_t most) override {
    limit = most;
    return FakeFiles::Read(path, most);
  }
  std::uint64_t limit = 0;
};

TEST(SafetensorsTest, NeverHoldsMoreThanAShareOfTheMemory) {
  NotingFiles files;
  files.Put("m", FileOf("{}"));
  ASSERT_TRUE(ReadTensors(files, "m"));
  EXPECT_LE(files.limit, AvailableMemory() / 4 * 3);  // half, but it changes all the time
  EXPECT_GT(files.limit, std::uint64_t{1} << 20);
  ASSERT_TRUE(ReadTensors(files, "m", 1000));
  EXPECT_EQ(files.limit, 500u);
}

TEST(SafetensorsTest, WritesEveryTensorAtAMultipleOfItsNumbers) {
  const std::string three(12, 'f'), two(16, 'd');
  FakeFiles files;
  ASSERT_TRUE(WriteTensors(files, "m", {{"f", "F32", {3}, three}, {"d", "F64", {2, 1}, two}},
                           {{"k", "v"}}));
  const auto file = ReadTensors(files, "m");
  ASSERT_TRUE(file) << file.error().Message();
  EXPECT_EQ(file->data_start % 8, 0u);
  ASSERT_EQ(file->tensors.size(), 2u);
  EXPECT_EQ(file->tensors[0].name, "d");  // the wider numbers first
  EXPECT_EQ(file->Bytes(file->tensors[0]), two);
  EXPECT_EQ(file->Bytes(file->tensors[1]), three);
  EXPECT_EQ(file->metadata.at("k"), "v");
}

TEST(SafetensorsTest, ReallyWritesTheBytesOfTheFormat) {
  EXPECT_EQ(
      TensorHeader(std::vector<TensorView>{{"a", "F32", {1, 2}, "12345678"}}, {{"k", "v"}}),
      std::string("\x58\0\0\0\0\0\0\0", 8) +
          R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})" +
          "       ");
}

TEST(SafetensorsTest, AHeaderThatCouldNotBeReadIsNotWritten) {
  FakeFiles files;
  const auto written = WriteTensors(files, "m", {}, {{"k", std::string(kMostHeaderBytes, 'x')}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, Failure::kCannotCreate);
  EXPECT_TRUE(files.Now().empty());
}

TEST(SafetensorsTest, ChecksumIsThatOfXxhsum) {
  // printf '' | xxhsum -H2; printf abc | xxhsum -H2
  EXPECT_EQ(Checksum(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(Checksum("abc"), "06b05ab6733a618578af5f94892f3950");
}

}  // namespace
}  // namespace unroll
