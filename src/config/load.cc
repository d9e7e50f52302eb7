#include "config/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/breaker_table.h"
#include "config/cache_table.h"
#include "config/checks.h"
#include "config/config_table.h"
#include "config/default_socket.h"
#include "config/otel/variables.h"
#include "config/pool_table.h"
#include "config/profile.h"
#include "config/redis_table.h"
#include "config/text/yaml.h"
#include "config/well_known.h"

namespace outrigger::config {
namespace {

// The file with the environment laid over it.
Node Tree(absl::string_view text, const Environment& environment,
          Problems& problems) {
  Node root = ParseYaml(text, problems);
  OverlayWellKnown(environment, root, problems);
  OverlayOtel(environment, root, problems);
  OverlayEnvironment(environment, Infos(ConfigTable()), root, problems);
  OverlayRedisSwitch(environment, root, problems);
  OverlayProfile(root);
  return root;
}

// What holds where nothing is said.
Config Defaults(const Node& root, const Environment& environment) {
  Config config;
  config.listen.unix_path = SocketToServe(UsualSockets(environment));
  ApplyProfile(ProfileOf(root), config);
  return config;
}

void Finish(const Node& root, const Environment& environment, Config& config,
            Problems& problems) {
  constexpr char kRedis[] = "store.redis";
  if (Find(root, kRedis) != nullptr) {
    if (!config.store.redis.has_value()) config.store.redis.emplace();
    // What follows from a mistake is not another one.
    if (!problems.HasErrorAt(kRedis)) {
      FinishRedis(root, kRedis, *config.store.redis, problems);
    }
  }
  FinishCache(root, "cache", config.cache, problems);
  CheckBreakers(root, "breakers", config.breakers, problems);
  FinishPools(root, "pools", config.server.zone, config.pools, problems);
  CheckListen(root, config.listen, problems);
  CheckTelemetry(root, config.telemetry, problems);
  config.otel = ReadOtel(config.telemetry, environment, problems);
}

absl::Status FileError(const std::string& path, int error) {
  const std::string what = absl::StrCat(path, ": ", std::strerror(error));
  return absl::Status(absl::ErrnoToStatusCode(error), what);
}

// Reads on to the end, or to more than kMaxYamlBytes.
absl::StatusOr<std::string> ReadAll(int file, const std::string& path) {
  std::string content;
  char block[16 * 1024];
  while (content.size() <= kMaxYamlBytes) {
    const ssize_t count = read(file, block, sizeof(block));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError(path, errno);
    if (count == 0) return content;
    content.append(block, static_cast<size_t>(count));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": has more than ", kMaxYamlBytes, " bytes"));
}

}  // namespace

Parsed Parse(absl::string_view text, absl::string_view filename,
             const Environment& environment) {
  Problems problems;
  const Node root = Tree(text, environment, problems);
  Config config = Defaults(root, environment);
  ReadTable(ConfigTable(), root, "", config, problems);
  Finish(root, environment, config, problems);
  Parsed parsed;
  const bool good = problems.errors() == 0;
  parsed.problems = std::move(problems).Take();
  if (!good) return parsed;
  for (const Problem& problem : parsed.problems) {
    config.warnings.push_back(Format(problem, filename));
  }
  parsed.config = std::move(config);
  return parsed;
}

std::vector<Problem> Check(absl::string_view text, absl::string_view filename,
                           const Environment& environment) {
  return Parse(text, filename, environment).problems;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return FileError(path, errno);
  absl::StatusOr<std::string> content = ReadAll(file, path);
  close(file);
  return content;
}

absl::StatusOr<Config> ParseText(absl::string_view text,
                                 absl::string_view filename,
                                 const Environment& environment) {
  Parsed parsed = Parse(text, filename, environment);
  if (parsed.config.has_value()) return *std::move(parsed.config);
  std::vector<std::string> lines;
  for (const Problem& problem : parsed.problems) {
    if (problem.severity != Problem::Severity::kError) continue;
    lines.push_back(Format(problem, filename));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

absl::StatusOr<Config> Load(const std::string& path,
                            const Environment& environment) {
  if (path.empty()) return ParseText("", path, environment);
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return ParseText(*text, path, environment);
}

}  // namespace outrigger::config
