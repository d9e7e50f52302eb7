#include "server/pod_name.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace outrigger::server {
namespace {

constexpr size_t kLongestHost = 47;  // and '-', and 16 digits

}  // namespace

std::string MakePodName(RandomSource& random) {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  std::string name = std::string(host).substr(0, kLongestHost);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) {
        return !absl::ascii_isalnum(c) && c != '_' && c != '.' && c != '-';
      },
      '_');
  return absl::StrCat(name, "-", absl::Hex(random.Next(), absl::kZeroPad16));
}

}  // namespace outrigger::server
