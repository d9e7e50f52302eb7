#include "config/cache_table.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "config/text/byte_size.h"
#include "config/text/codec.h"

namespace outrigger::config {
namespace {

using cache::NamespaceOptions;
using cache::Options;
using cache::Policy;

// What cache::Validate allows is checked there; here only what a text can hold.
constexpr int64_t kLargest = 1'000'000'000;
constexpr Duration kLongest = std::chrono::hours(36'500 * 24);
constexpr int64_t kLargestSize = 1LL << 50;

Field<NamespaceOptions> TimeField(const char* path,
                                  Duration NamespaceOptions::*field) {
  return Scalar<NamespaceOptions, Duration>(
      path, [field](auto& o) -> auto& { return o.*field; },
      Time(Duration::zero(), kLongest));
}

Field<NamespaceOptions> SizeField(const char* path,
                                  int64_t NamespaceOptions::*field) {
  return Scalar<NamespaceOptions, int64_t>(
      path, [field](auto& o) -> auto& { return o.*field; },
      Size(0, kLargestSize));
}

Field<NamespaceOptions> CountField(const char* path,
                                   int64_t NamespaceOptions::*field) {
  return Scalar<NamespaceOptions, int64_t>(
      path, [field](auto& o) -> auto& { return o.*field; }, Whole(0, kLargest));
}

Field<NamespaceOptions> NumberField(const char* path,
                                    double NamespaceOptions::*field) {
  return Scalar<NamespaceOptions, double>(
      path, [field](auto& o) -> auto& { return o.*field; }, Number(0, 1e15));
}

Field<NamespaceOptions> FlagField(const char* path,
                                  bool NamespaceOptions::*field) {
  return Scalar<NamespaceOptions, bool>(
      path, [field](auto& o) -> auto& { return o.*field; }, Flag());
}

Codec<Policy> PolicyWord() {
  std::vector<std::pair<std::string, Policy>> words;
  for (const Policy policy : {Policy::kS3Fifo, Policy::kTinyLfu, Policy::kLru,
                              Policy::kLfu, Policy::kTtl}) {
    words.emplace_back(std::string(cache::PolicyName(policy)), policy);
  }
  return Choice<Policy>(std::move(words));
}

// A size, or "off", which is -1.
Codec<int64_t> SizeOrOff() {
  return {.parse = [](absl::string_view text) -> absl::StatusOr<int64_t> {
            if (text == "off") return -1;
            return ParseByteSize(text);
          },
          .format =
              [](const int64_t& value) {
                return value < 0 ? "off" : FormatByteSize(value);
              }};
}

Table<NamespaceOptions> MakeNamespaceTable() {
  using N = NamespaceOptions;
  return {
      Scalar<N, std::string>(
          "name", [](auto& o) -> auto& { return o.name; }, Text(64)),
      TimeField("ttl", &N::ttl),
      NumberField("ttl_jitter", &N::ttl_jitter),
      TimeField("stale_for", &N::stale_for),
      TimeField("absent_ttl", &N::absent_ttl),
      TimeField("fill_timeout", &N::fill_timeout),
      Scalar<N, Policy>(
          "policy", [](auto& o) -> auto& { return o.policy; }, PolicyWord()),
      SizeField("memory", &N::memory_bytes),
      CountField("max_entries", &N::max_entries),
      SizeField("max_value", &N::max_value_bytes),
      Scalar<N, int64_t>(
          "compress_over", [](auto& o) -> auto& { return o.compress_over; },
          SizeOrOff()),
      NumberField("early_refresh", &N::early_refresh),
      FlagField("refresh_ahead", &N::refresh_ahead),
      CountField("refresh_ahead_per_second", &N::refresh_ahead_per_second),
      CountField("warm", &N::warm),
      FlagField("write_behind", &N::write_behind),
      CountField("max_pending_writes", &N::max_pending_writes),
  };
}

const Table<NamespaceOptions>& NamespaceTable() {
  static const auto* const table =
      new Table<NamespaceOptions>(MakeNamespaceTable());
  return *table;
}

Field<Options> NamespacesField() {
  Field<Options> field;
  field.info = {.path = "namespaces", .form = FieldInfo::Form::kOther};
  field.read = [](const Node& node, const std::string& path, Options& options,
                  Problems& problems) {
    if (node.children.size() > cache::kMaxNamespaces) {
      problems.Error(node.place, path,
                     absl::StrCat("has more than ", cache::kMaxNamespaces));
      return;
    }
    ReadItems(node, path, NamespaceTable(), options.namespaces, problems);
  };
  field.write = [](const Options& options) {
    return WriteItems(NamespaceTable(), options.namespaces);
  };
  return field;
}

// Reports the complaint "ttl: must be …" at that option's place below `path`.
void Report(const Node& root, const std::string& path,
            absl::string_view complaint, Problems& problems) {
  const size_t colon = complaint.find(": ");
  const std::string full = JoinPath(path, complaint.substr(0, colon));
  problems.Error(NearestPlace(root, full), full, complaint.substr(colon + 2));
}

void CheckNamespaces(const Node& root, const std::string& path,
                     const std::vector<NamespaceOptions>& spaces,
                     Problems& problems) {
  absl::flat_hash_map<std::string, size_t> seen;
  for (size_t i = 0; i < spaces.size(); ++i) {
    const std::string at = absl::StrCat(path, "[", i, "]");
    const auto report = [&](absl::string_view complaint) {
      Report(root, at, complaint, problems);
    };
    // What follows from a mistake is not another one.
    if (problems.HasErrorAt(at)) continue;
    if (Find(root, JoinPath(at, "name")) == nullptr) {
      report("name: is missing");
      continue;
    }
    const absl::Status status = cache::Validate(spaces[i]);
    if (!status.ok()) report(status.message());
    const auto [first, is_new] = seen.try_emplace(spaces[i].name, i);
    if (!is_new) {
      report(absl::StrCat("name: ", Quote(spaces[i].name),
                          " is there twice; first as ", path, "[",
                          first->second, "]"));
    }
  }
}

}  // namespace

const Table<Options>& CacheTable() {
  static const auto* const table = new Table<Options>{
      Scalar<Options, int64_t>(
          "memory", [](auto& o) -> auto& { return o.memory_bytes; },
          Size(0, kLargestSize)),
      NamespacesField(),
  };
  return *table;
}

void FinishCache(const Node& root, const std::string& path, Options& options,
                 Problems& problems) {
  CheckNamespaces(root, JoinPath(path, "namespaces"), options.namespaces,
                  problems);
  if (problems.HasErrorAt(path)) return;
  if (options.namespaces.empty()) {
    options.namespaces.push_back({.name = "default"});
  }
  const absl::Status status = cache::ShareMemory(options);
  if (!status.ok()) Report(root, path, status.message(), problems);
}

}  // namespace outrigger::config
