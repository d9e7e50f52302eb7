#include "config/config_table.h"

#include <charconv>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "config/analyser_table.h"
#include "config/breaker_table.h"
#include "config/cache_table.h"
#include "config/limits.h"
#include "config/named_items.h"
#include "config/pool_table.h"
#include "config/profile.h"
#include "config/redis_table.h"
#include "config/telemetry_table.h"
#include "config/text/codec.h"

namespace outrigger::config {
namespace {

constexpr size_t kLongestText = 1024;
// sockaddr_un holds 108 bytes with the final zero.
constexpr size_t kLongestSocketPath = 107;

Codec<std::string> SocketPath() {
  return {
      .parse = [](absl::string_view text) -> absl::StatusOr<std::string> {
        if (!absl::StartsWith(text, "/") || text.size() > kLongestSocketPath) {
          return absl::InvalidArgumentError(
              absl::StrCat(Quote(text), " is not an absolute path of at most ",
                           kLongestSocketPath, " bytes, nor off"));
        }
        return std::string(text);
      },
      .format = [](const std::string& value) { return value; }};
}

// Permissions: octal digits, as chmod takes them.
Codec<int> Permissions() {
  return {
      .parse = [](absl::string_view text) -> absl::StatusOr<int> {
        int mode = 0;
        const char* const end = text.data() + text.size();
        const auto [stopped, error] =
            std::from_chars(text.data(), end, mode, 8);
        if (error != std::errc() || stopped != end || text.size() < 3 ||
            mode < 0 || mode > 0777) {
          return absl::InvalidArgumentError(absl::StrCat(
              Quote(text), " is not a mode from 000 to 0777, e.g. 0660"));
        }
        return mode;
      },
      .format = [](const int& mode) { return absl::StrFormat("0%03o", mode); }};
}

// host:port, or off.
Codec<std::optional<Address>> AddressOrOff() {
  return {
      .parse =
          [](absl::string_view text) -> absl::StatusOr<std::optional<Address>> {
        if (text == "off") return std::nullopt;
        absl::StatusOr<Address> address = ParseAddress(text);
        if (!address.ok()) return address.status();
        return *std::move(address);
      },
      .format =
          [](const std::optional<Address>& address) {
            return address.has_value() ? ToString(*address) : "off";
          }};
}

Table<Listen> ListenTable() {
  const auto file = [](std::string path, auto at) {
    return Scalar<Listen, std::string>(std::move(path), at, Text(kLongestText));
  };
  return {
      Scalar<Listen, std::string>(
          "unix", [](auto& l) -> auto& { return l.unix_path; },
          OrOff(SocketPath())),
      Scalar<Listen, int>(
          "unix_mode", [](auto& l) -> auto& { return l.unix_mode; },
          Permissions()),
      Scalar<Listen, std::string>(
          "unix_owner", [](auto& l) -> auto& { return l.unix_owner; },
          Text(255)),
      Scalar<Listen, std::optional<Address>>(
          "tcp", [](auto& l) -> auto& { return l.tcp; }, AddressOrOff()),
      Scalar<Listen, std::optional<Address>>(
          "admin", [](auto& l) -> auto& { return l.admin; }, AddressOrOff()),
      Scalar<Listen, bool>(
          "admin_tls", [](auto& l) -> auto& { return l.admin_tls; }, Flag()),
      file(
          "admin_token_file",
          [](auto& l) -> auto& { return l.admin_token_file; }),
      file(
          "tls.cert_file", [](auto& l) -> auto& { return l.tls.cert_file; }),
      file(
          "tls.key_file", [](auto& l) -> auto& { return l.tls.key_file; }),
      file(
          "tls.client_ca_file",
          [](auto& l) -> auto& { return l.tls.client_ca_file; }),
      Scalar<Listen, bool>(
          "tls.require_client_cert",
          [](auto& l) -> auto& { return l.tls.require_client_cert; }, Flag()),
      Scalar<Listen, bool>(
          "insecure", [](auto& l) -> auto& { return l.insecure; }, Flag()),
  };
}

Table<Server> ServerTable() {
  return {
      Scalar<Server, int>(
          "threads", [](auto& s) -> auto& { return s.threads; },
          Cast<int>(Whole(1, 64))),
      Scalar<Server, int64_t>(
          "max_message", [](auto& s) -> auto& { return s.max_message_bytes; },
          Size(1 << 10, 64 << 20)),
      Scalar<Server, int>(
          "max_streams", [](auto& s) -> auto& { return s.max_streams; },
          Cast<int>(Whole(1, 100'000))),
      Scalar<Server, int64_t>(
          "max_parked", [](auto& s) -> auto& { return s.max_parked; },
          Whole(0, 1'000'000)),
      Scalar<Server, int64_t>(
          "max_keys", [](auto& s) -> auto& { return s.max_keys; },
          Whole(1, 100'000'000)),
      Scalar<Server, Duration>(
          "drain_timeout", [](auto& s) -> auto& { return s.drain_timeout; },
          Time(Duration::zero(), std::chrono::hours(1))),
      Scalar<Server, std::string>(
          "zone", [](auto& s) -> auto& { return s.zone; }, Text(64)),
  };
}

Field<Config> LimitsField() {
  Field<Config> field;
  field.info = {.path = "limits", .form = FieldInfo::Form::kOther};
  field.read = [](const Node& node, const std::string& path, Config& config,
                  Problems& problems) {
    ReadLimits(node, path, config.limits, problems);
  };
  field.write = [](const Config& config) { return WriteLimits(config.limits); };
  return field;
}

// Adds the fields of a section that every Config has.
template <typename Part, typename Access>
void AddSection(const std::string& name, const Table<Part>& part, Access at,
                Table<Config>& table) {
  for (const Field<Part>& field : part) {
    table.push_back(Within<Config>(
        name, field, at, [at](const Config& config) { return &at(config); }));
  }
}

void AddRedis(Table<Config>& table) {
  for (const Field<redis::Options>& field : RedisTable()) {
    table.push_back(Within<Config>(
        "store.redis", field,
        [](Config& config) -> redis::Options& {
          if (!config.store.redis.has_value()) config.store.redis.emplace();
          return *config.store.redis;
        },
        [](const Config& config) {
          return config.store.redis.has_value() ? &*config.store.redis
                                                : nullptr;
        }));
  }
}

Table<Config> MakeConfigTable() {
  Table<Config> table;
  table.push_back(Scalar<Config, Profile>(
      "profile", [](auto& c) -> auto& { return c.profile; }, ProfileName()));
  AddSection(
      "listen", ListenTable(), [](auto& c) -> auto& { return c.listen; },
      table);
  AddSection(
      "server", ServerTable(), [](auto& c) -> auto& { return c.server; },
      table);
  AddRedis(table);
  AddSection(
      "telemetry", TelemetryTable(),
      [](auto& c) -> auto& { return c.telemetry; }, table);
  AddSection(
      "cache", CacheTable(), [](auto& c) -> auto& { return c.cache; }, table);
  // All that is built once, at the start. The limits, the breakers, the pools,
  // the analyser's thresholds and the log's level follow the file.
  for (Field<Config>& field : table) {
    field.info.needs_restart = field.info.path != "profile" &&
                               field.info.path != "telemetry.log_level";
  }
  AddSection(
      "analyser", AnalyserTable(), [](auto& c) -> auto& { return c.analyser; },
      table);
  table.push_back(LimitsField());
  table.push_back(NamedItemsField("breakers", breaker::kMaxBreakers,
                                  BreakerTable(), &Config::breakers));
  table.push_back(
      NamedItemsField("pools", pool::kMaxPools, PoolTable(), &Config::pools));
  return table;
}

}  // namespace

const Table<Config>& ConfigTable() {
  static const auto* const table = new Table<Config>(MakeConfigTable());
  return *table;
}

}  // namespace outrigger::config
