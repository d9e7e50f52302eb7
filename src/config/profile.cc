#include "config/profile.h"

#include <chrono>

namespace outrigger::config {
namespace {

// An option of each entry of a list. prod's are the options' own defaults.
struct ItemDefault {
  const char* list;
  const char* option;
  const char* dev;
  const char* test;
};

constexpr ItemDefault kItemDefaults[] = {
    {"breakers", "open_for", "5s", "1s"},
    {"breakers", "recover_for", "2s", "0"},
    {"pools", "acquire_timeout", "5s", "1s"},
    {"pools", "health.every", "1s", "1s"},
    {"pools", "health.eject_for", "5s", "1s"},
};

}  // namespace

Codec<Profile> ProfileName() {
  return Choice<Profile>({{"prod", Profile::kProd},
                          {"dev", Profile::kDev},
                          {"test", Profile::kTest}});
}

Profile ProfileOf(const Node& root) {
  const Node* profile = Find(root, "profile");
  if (profile == nullptr) return Profile::kProd;
  return ProfileName().parse(profile->text).value_or(Profile::kProd);
}

void ApplyProfile(Profile profile, Config& config) {
  config.profile = profile;
  switch (profile) {
    case Profile::kProd:
      return;
    case Profile::kDev:
      config.server.drain_timeout = std::chrono::seconds(1);
      config.telemetry.traces_ratio = 1;
      config.telemetry.log_level = telemetry::LogLevel::kDebug;
      return;
    case Profile::kTest:
      config.listen.tcp->port = 0;
      config.listen.admin->port = 0;
      config.server.drain_timeout = std::chrono::seconds(1);
      config.telemetry.traces_ratio = 0;
      config.telemetry.log_level = telemetry::LogLevel::kWarning;
      return;
  }
}

void OverlayProfile(Node& root) {
  const Profile profile = ProfileOf(root);
  if (profile == Profile::kProd) return;
  for (const ItemDefault& each : kItemDefaults) {
    auto* list = const_cast<Node*>(Find(root, each.list));
    if (list == nullptr || list->kind != Node::Kind::kList) continue;
    for (Node& item : list->children) {
      if (Find(item, each.option) != nullptr) continue;
      Put(item, each.option,
          Node::Scalar(profile == Profile::kDev ? each.dev : each.test,
                       item.place));
    }
  }
}

}  // namespace outrigger::config
