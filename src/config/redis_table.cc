#include "config/redis_table.h"

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/text/codec.h"
#include "redis/url.h"

namespace outrigger::config {
namespace {

using redis::Mode;
using redis::Options;

constexpr size_t kLongestText = 1024;
constexpr char kOneOf[] = "only one of url, cluster and sentinel may be there";

void ReadUrl(const Node& node, const std::string& path, Options& options,
             Problems& problems) {
  const std::string* text = ScalarText(node, path, problems);
  if (text == nullptr) return;
  absl::StatusOr<Options> from_url = redis::ParseUrl(*text);
  if (!from_url.ok()) {
    problems.Error(node.place, path, from_url.status().message());
    return;
  }
  options = *std::move(from_url);
}

// Without the password: that is an option of its own.
Node WriteUrl(const Options& options) {
  if (options.mode != Mode::kStandalone || options.addresses.empty()) {
    return Node{};
  }
  const redis::Address& address = options.addresses.front();
  if (address.unix_path.empty()) {
    return Node::Scalar(absl::StrCat(options.tls.enabled ? "rediss" : "redis",
                                     "://", redis::ToString(address)));
  }
  return Node::Scalar(absl::StrCat(
      "unix://",
      absl::StrReplaceAll(address.unix_path,
                          {{"%", "%25"}, {"?", "%3F"}, {"@", "%40"}})));
}

void ReadAddresses(Mode mode, const Node& node, const std::string& path,
                   Options& options, Problems& problems) {
  if (!options.addresses.empty()) {
    problems.Error(node.place, path, kOneOf);
    return;
  }
  options.mode = mode;
  std::vector<std::string> texts;
  if (!ListTexts(node, path, texts, problems)) return;
  for (size_t i = 0; i < texts.size(); ++i) {
    absl::StatusOr<redis::Address> address = redis::ParseAddress(texts[i]);
    if (address.ok()) {
      options.addresses.push_back(*std::move(address));
    } else {
      problems.Error(node.children[i].place, absl::StrCat(path, "[", i, "]"),
                     absl::StrCat(Quote(texts[i]), " is not host:port"));
    }
  }
}

Node WriteAddresses(Mode mode, const Options& options) {
  if (options.mode != mode) return Node{};
  std::vector<std::string> texts;
  for (const redis::Address& address : options.addresses) {
    texts.push_back(redis::ToString(address));
  }
  return Node::List(texts);
}

Field<Options> UrlField() {
  Field<Options> field;
  field.info.path = "url";
  field.read = ReadUrl;
  field.write = WriteUrl;
  return field;
}

Field<Options> AddressesField(const std::string& path, Mode mode) {
  Field<Options> field;
  field.info = {.path = path, .form = FieldInfo::Form::kList};
  field.read = [mode](const Node& node, const std::string& full,
                      Options& options, Problems& problems) {
    ReadAddresses(mode, node, full, options, problems);
  };
  field.write = [mode](const Options& options) {
    return WriteAddresses(mode, options);
  };
  return field;
}

template <typename Access>
Field<Options> TextField(const std::string& path, Access at) {
  return Scalar<Options, std::string>(path, at, Text(kLongestText));
}

template <typename Access>
Field<Options> Secret(const std::string& path, Access at) {
  Field<Options> field = TextField(path, at);
  field.info.secret = true;
  return field;
}

// `field`, which also turns TLS on.
Field<Options> TurnsOnTls(Field<Options> field) {
  field.read = [read = field.read](const Node& node, const std::string& path,
                                   Options& options, Problems& problems) {
    options.tls.enabled = true;
    read(node, path, options, problems);
  };
  return field;
}

Table<Options> TlsFields() {
  return {
      TurnsOnTls(TextField(
          "tls.ca_file", [](auto& o) -> auto& { return o.tls.ca_file; })),
      TurnsOnTls(TextField(
          "tls.cert_file", [](auto& o) -> auto& { return o.tls.cert_file; })),
      TurnsOnTls(TextField(
          "tls.key_file", [](auto& o) -> auto& { return o.tls.key_file; })),
      TurnsOnTls(TextField(
          "tls.server_name",
          [](auto& o) -> auto& { return o.tls.server_name; })),
      TurnsOnTls(Scalar<Options, bool>(
          "tls.insecure_skip_verify",
          [](auto& o) -> auto& { return o.tls.insecure_skip_verify; }, Flag())),
      // Last, so that it has the last word.
      Scalar<Options, bool>(
          "tls.enabled", [](auto& o) -> auto& { return o.tls.enabled; },
          Flag()),
  };
}

Table<Options> MakeRedisTable() {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  Table<Options> table = {
      // First: it sets what the others override.
      UrlField(),
      AddressesField("cluster", Mode::kCluster),
      AddressesField("sentinel.addresses", Mode::kSentinel),
      TextField(
          "sentinel.master",
          [](auto& o) -> auto& { return o.sentinel.master; }),
      TextField(
          "sentinel.username",
          [](auto& o) -> auto& { return o.sentinel.username; }),
      Secret(
          "sentinel.password",
          [](auto& o) -> auto& { return o.sentinel.password; }),
      TextField(
          "username", [](auto& o) -> auto& { return o.username; }),
      Secret(
          "password", [](auto& o) -> auto& { return o.password; }),
      TextField(
          "password_file", [](auto& o) -> auto& { return o.password_file; }),
      Scalar<Options, int>(
          "database", [](auto& o) -> auto& { return o.database; },
          Cast<int>(Whole(0, 1'000'000))),
      TextField(
          "prefix", [](auto& o) -> auto& { return o.prefix; }),
      Scalar<Options, Duration>(
          "timeout", [](auto& o) -> auto& { return o.timeout; },
          Time(milliseconds(1), seconds(10))),
      Scalar<Options, Duration>(
          "connect_timeout", [](auto& o) -> auto& { return o.connect_timeout; },
          Time(milliseconds(10), seconds(60))),
      Scalar<Options, int>(
          "max_in_flight", [](auto& o) -> auto& { return o.max_in_flight; },
          Cast<int>(Whole(1, 1'000'000))),
  };
  for (Field<Options>& field : TlsFields()) table.push_back(std::move(field));
  return table;
}

// The option that redis::Options' "addresses" came from.
std::string WhereOption(Mode mode) {
  switch (mode) {
    case Mode::kStandalone:
      return "url";
    case Mode::kSentinel:
      return "sentinel.addresses";
    case Mode::kCluster:
      return "cluster";
  }
  return "";
}

}  // namespace

const Table<Options>& RedisTable() {
  static const auto* const table = new Table<Options>(MakeRedisTable());
  return *table;
}

void FinishRedis(const Node& root, const std::string& path, Options& options,
                 Problems& problems) {
  const auto error = [&](const std::string& option, absl::string_view message) {
    const std::string full = JoinPath(path, option);
    problems.Error(NearestPlace(root, full), full, message);
  };
  const bool has_sentinel = Find(root, JoinPath(path, "sentinel")) != nullptr;
  if (has_sentinel && options.mode != Mode::kSentinel) {
    error("sentinel", options.addresses.empty()
                          ? "needs addresses, e.g. [\"10.0.0.1:26379\"]"
                          : kOneOf);
    return;
  }
  if (options.addresses.empty() && options.mode == Mode::kStandalone) {
    options.addresses.push_back(redis::Address{"127.0.0.1", 6379, ""});
  }
  const absl::Status status = redis::Validate(options);
  if (status.ok()) return;
  const absl::string_view complaint = status.message();
  const size_t colon = complaint.find(": ");
  std::string option(complaint.substr(0, colon));
  if (absl::StartsWith(option, "addresses")) option = WhereOption(options.mode);
  error(option, complaint.substr(colon + 2));
}

}  // namespace outrigger::config
