// The documents that --json prints.
#include "cli/json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace unroll::cli {
namespace {

TEST(JsonTest, MembersStayInOrderAndEachLevelIsTwoSpacesIn) {
  Json rows = Json::List();
  rows.Add({{"b", 1u}, {"a", true}});
  Json document = {{"rows", rows}, {"shape", std::vector<std::uint64_t>{3, 0}}};
  document.Add("half", 0.5);
  document.AddAll({{"name", "x"}});
  EXPECT_EQ(document.Text(),
            "{\n"
            "  \"rows\": [\n"
            "    {\n"
            "      \"b\": 1,\n"
            "      \"a\": true\n"
            "    }\n"
            "  ],\n"
            "  \"shape\": [\n"
            "    3,\n"
            "    0\n"
            "  ],\n"
            "  \"half\": 0.5,\n"
            "  \"name\": \"x\"\n"
            "}\n");
}

TEST(JsonTest, WithoutValuesTheBracketsCloseAtOnce) {
  EXPECT_EQ(Json::List().Text(), "[]\n");
  EXPECT_EQ(Json::Object().Text(), "{}\n");
}

TEST(JsonTest, TextsAndKeysAreEscapedAndMadeUtf8) {
  EXPECT_EQ(Json("a\"\n\xff").Text(), "\"a\\\"\\n\xEF\xBF\xBD\"\n");
  EXPECT_EQ(Json({{"\t", 1.0}}).Text(), "{\n  \"\\t\": 1.0\n}\n");
}

TEST(JsonTest, NumbersHaveAllTheirDigits) {
  EXPECT_EQ(Json(0.1 + 0.2).Text(), "0.30000000000000004\n");
  EXPECT_EQ(Json(~std::uint64_t{0}).Text(), "18446744073709551615\n");
}

}  // namespace
}  // namespace unroll::cli
