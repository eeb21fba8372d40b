// What people give by mistake is told by its name.
#include "unroll/model/foreign.h"

#include <gtest/gtest.h>

#include "unroll/model/safetensors.h"

namespace unroll {
namespace {

using std::string_literals::operator""s;

struct Mistake {
  std::string start;
  std::string what;
};

class ForeignTest : public testing::TestWithParam<Mistake> {};

TEST_P(ForeignTest, IsRecognisedLongAndShort) {
  for (const std::string& content : {GetParam().start, GetParam().start + std::string(5000, 'x')}) {
    const auto file = ParseTensors(content, "m");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().expected, "a safetensors file");
    EXPECT_EQ(file.error().found, GetParam().what);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, ForeignTest,
    testing::Values(Mistake{"PK\x03\x04\0\0\0\0archive/data.pkl"s, "a PyTorch file (.pt)"},
                    Mistake{"PK\x03\x04\0\0\0\0arr_0.npy"s, "a NumPy archive (.npz)"},
                    Mistake{"PK\x03\x04\0\0\0\0metadata.json"s, "a Keras file (.keras)"},
                    Mistake{"PK\x03\x04\0\0\0\0x"s, "a zip archive"},
                    Mistake{"\x80\x02}q\0X\x03\0\0\0"s, "a Python pickle (.pkl, old .pt)"},
                    Mistake{"\x1f\x8b\x08\0\0\0\0\0\0\0"s, "a gzip file"},
                    Mistake{"\x89HDF\r\n\x1a\n\0\0\0\0"s, "an HDF5 file (.h5), as Keras writes"},
                    Mistake{"GGUF\x03\0\0\0\0\0\0\0"s, "a GGUF file"},
                    Mistake{"\x93NUMPY\x01\0v\0{'descr'"s, "a NumPy array (.npy)"},
                    Mistake{"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
                            "a Git-LFS pointer, not the file it points to"},
                    Mistake{"\n<!DOCTYPE html>\n<html>", "an HTML page"},
                    Mistake{"<HTML><head>", "an HTML page"},
                    Mistake{"\x08\x08\x12\x07pytorch\x1a\x05"s, "what looks like an ONNX model"},
                    Mistake{"{\"weights\": [1, 2]}", "JSON text"},
                    Mistake{"date,passengers\n1949-01,112\n", "text, like a CSV file"},
                    Mistake{"some words", "text"}));

TEST(ForeignTest, AnEmptyFileAndUnknownBytesAreNoneOfThese) {
  EXPECT_EQ(ParseTensors("", "m").error().Message(),
            "m: expected a safetensors file, found an empty file");
  EXPECT_EQ(RecogniseForeign("\x01\x02\x03\x04").what, "");
}

TEST(ForeignTest, APickleIsToldHowToBeSaved) {
  EXPECT_EQ(
      ParseTensors("\x80\x02}q", "m.pt").error().Message(),
      "m.pt: expected a safetensors file, found a Python pickle (.pkl, old .pt); save it from "
      "PyTorch with safetensors.torch.save_file, see docs/model-format.md");
}

}  // namespace
}  // namespace unroll
