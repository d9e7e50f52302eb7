#include "config/cache_table.h"

#include <utility>

#include "config/named_items.h"
#include "config/text/byte_size.h"
#include "config/text/member.h"

namespace outrigger::config {
namespace {

using cache::NamespaceOptions;
using cache::Options;
using cache::Policy;

constexpr int64_t kLargestSize = 1LL << 50;

Field<NamespaceOptions> SizeMember(const char* path,
                                   int64_t NamespaceOptions::*member) {
  return Member(path, member, Size(0, kLargestSize));
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

const Table<NamespaceOptions>& NamespaceTable() {
  using N = NamespaceOptions;
  static const auto* const table = new Table<N>{
      Member("name", &N::name, Text(64)),
      TimeMember("ttl", &N::ttl),
      NumberMember("ttl_jitter", &N::ttl_jitter),
      TimeMember("stale_for", &N::stale_for),
      TimeMember("absent_ttl", &N::absent_ttl),
      TimeMember("fill_timeout", &N::fill_timeout),
      Member(
          "policy", &N::policy,
          Named(cache::PolicyName, {Policy::kS3Fifo, Policy::kTinyLfu,
                                    Policy::kLru, Policy::kLfu, Policy::kTtl})),
      SizeMember("memory", &N::memory_bytes),
      CountMember("max_entries", &N::max_entries),
      SizeMember("max_value", &N::max_value_bytes),
      Member("compress_over", &N::compress_over, SizeOrOff()),
      NumberMember("early_refresh", &N::early_refresh),
      FlagMember("refresh_ahead", &N::refresh_ahead),
      CountMember("refresh_ahead_per_second", &N::refresh_ahead_per_second),
      CountMember("warm", &N::warm),
      FlagMember("write_behind", &N::write_behind),
      CountMember("max_pending_writes", &N::max_pending_writes),
  };
  return *table;
}

}  // namespace

const Table<Options>& CacheTable() {
  static const auto* const table = new Table<Options>{
      Member("memory", &Options::memory_bytes, Size(0, kLargestSize)),
      NamedItemsField("namespaces", cache::kMaxNamespaces, NamespaceTable(),
                      &Options::namespaces),
  };
  return *table;
}

void FinishCache(const Node& root, const std::string& path, Options& options,
                 Problems& problems) {
  CheckNamedItems(root, JoinPath(path, "namespaces"), options.namespaces,
                  cache::Validate, problems);
  if (problems.HasErrorAt(path)) return;
  if (options.namespaces.empty()) {
    options.namespaces.push_back({.name = "default"});
  }
  const absl::Status status = cache::ShareMemory(options);
  if (!status.ok()) {
    ReportComplaint(root, path, status.message(), problems);
  }
}

}  // namespace outrigger::config
