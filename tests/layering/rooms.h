// Which room may include which: the table of the architecture, as data.
#ifndef OUTRIGGER_TESTS_LAYERING_ROOMS_H_
#define OUTRIGGER_TESTS_LAYERING_ROOMS_H_

#include <set>
#include <string>
#include <vector>

namespace outrigger {

struct Room {
  std::string folder;
  std::set<std::string> may_include;
  // Prefixes of third-party headers, besides Abseil, which all may use.
  std::vector<std::string> third_party;
};

inline const std::vector<Room>& Rooms() {
  static const std::set<std::string> all = {
      "base",   "loop",      "limit",    "cache", "breaker", "pool",
      "store",  "telemetry", "analyser", "coord", "redis",   "otlp",
      "health", "config",    "rpc",      "admin", "server",  "cli"};
  static const std::vector<Room> rooms = {
      {"base", {}, {}},
      {"loop", {"base"}, {"event2/"}},
      {"limit", {"base"}, {}},
      {"cache", {"base"}, {"xxhash.h", "zstd.h"}},
      {"breaker", {"base"}, {}},
      {"pool", {"base"}, {"xxhash.h"}},
      {"store", {"base", "limit", "cache"}, {}},
      {"telemetry", {"base"}, {}},
      {"analyser", {"base", "telemetry"}, {}},
      {"coord",
       {"base", "limit", "cache", "breaker", "pool", "store", "telemetry"},
       {"xxhash.h"}},
      {"redis",
       {"base", "loop", "limit", "cache", "store", "telemetry"},
       {"hiredis/", "event2/", "openssl/"}},
      {"otlp",
       {"base", "loop", "telemetry"},
       {"grpc/", "grpcpp/", "google/", "opentelemetry/", "event2/", "openssl/",
        "zlib.h"}},
      {"health",
       {"base", "loop", "pool", "telemetry"},
       {"event2/", "grpc/", "grpcpp/", "google/protobuf/", "outrigger/"}},
      {"config",
       {"base", "limit", "cache", "breaker", "pool", "store", "telemetry",
        "analyser", "coord", "redis", "otlp"},
       {"yaml-cpp/"}},
      {"rpc",
       {"base", "limit", "cache", "breaker", "pool", "coord", "telemetry"},
       {"grpc/", "grpcpp/", "google/protobuf/", "outrigger/", "openssl/"}},
      {"admin",
       {"base", "loop", "telemetry", "coord", "config"},
       {"event2/", "openssl/", "zlib.h"}},
      {"server", all, {"grpc/", "grpcpp/", "google/protobuf/", "outrigger/"}},
      {"cli", all, {"grpc/", "grpcpp/", "google/protobuf/", "outrigger/"}},
  };
  return rooms;
}

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_LAYERING_ROOMS_H_
