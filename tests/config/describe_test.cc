// The configuration in force, printed.
#include "config/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_testing.h"

namespace outrigger::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Describe, IsReadBackToTheSame) {
  for (const char* text : {
           "",
           "profile: dev",
           "profile: test\nlisten: {unix: off, admin: off}",
           "listen: {tcp: '[::1]:5', tls: {cert_file: /c, key_file: /k}}",
           "store: {redis: {}}",
           "store: {redis: {url: 'rediss://h:1/3', tls: {ca_file: '/a b'}}}",
           "store: {redis: {url: 'unix:///a%25b%3Fc%40d?db=2'}}",
           "store: {redis: {cluster: ['a:1', '[::1]:2'], timeout: 1.5s}}",
           "store: {redis: {sentinel: {master: m, addresses: [a]}, database: 4,"
           " username: u, password_file: /p}}",
           "limits: [{name: a, key: [x, 'y: z'], match: {'null': '~', b: ''},"
           " rate: 0.3/1h30m, burst: 1.25, shadow: true, coordination: local,"
           " on_store_loss: allow, overrides: [{match: {c: '*'}, rate: 0.1/s},"
           " {match: {d: e}, unlimited: true}, {match: {f: g}, burst: 3}]}]",
           "limits: [{name: a, rate: 5/1m, algorithm: fixed_window},"
           " {name: b, rate: 7/7ms, algorithm: sliding_window},"
           " {name: c, algorithm: adaptive, burst: 3, adaptive: {floor: 1/1m,"
           " initial: 33/7s, decrease: 0.5, every: 1us}}]",
           "telemetry: {service_name: 'null', traces_ratio: 0.125}",
       }) {
    const Config config = Good(text);
    EXPECT_EQ(Good(Describe(config)), config) << text << "\n"
                                              << Describe(config);
  }
}

TEST(Describe, KeepsPasswords) {
  const std::string text =
      Describe(Good("store: {redis: {url: 'redis://app:sesame@h:1/2'}}"));
  EXPECT_THAT(text, HasSubstr("url: redis://h:1"));
  EXPECT_THAT(text, HasSubstr("username: app"));
  EXPECT_THAT(text, Not(HasSubstr("sesame")));
  EXPECT_THAT(
      Describe(Good("store: {redis: {sentinel: {master: m, addresses: [a], "
                    "password: sesame}, password: sesame}}")),
      Not(HasSubstr("sesame")));
}

TEST(Describe, AsJsonItIsTheSame) {
  const std::string json =
      DescribeAsJson(Good("store: {redis: {password: sesame}}\n"
                          "telemetry: {service_name: 'a\"b'}\n"
                          "limits: [{name: c, key: [x, y], rate: 1/s}]"));
  EXPECT_THAT(json, HasSubstr("\"admin\": \"127.0.0.1:7421\""));
  EXPECT_THAT(json, HasSubstr("\"service_name\": \"a\\\"b\""));
  EXPECT_THAT(json, HasSubstr("\"limits\": [{\"name\": \"c\", "
                              "\"key\": [\"x\", \"y\"]"));
  EXPECT_THAT(json, Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace outrigger::config
