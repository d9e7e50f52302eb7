// Reads requests, one a line, begins each at once, and writes each answer when
// it is there.
#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "agent.h"

namespace {

using agent::Struct;

std::string CodeOf(const absl::Status& status) {
  if (status.GetPayload(agent::kLoader)) return "LOADER";
  if (absl::IsCancelled(status)) return "CLOSED";
  return absl::StatusCodeToString(status.code());
}

void Print(const Struct& line) {
  static auto* const mutex = new absl::Mutex();
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(line, &json);
  absl::MutexLock lock(mutex);
  std::cout << json << std::endl;
}

void Answer(agent::Agent& agent, const Struct& request) {
  const agent::Arguments arguments(request);
  const agent::Agent::Answer answer =
      agent.Do(arguments.Text("op"), arguments.Object("args"));
  Struct line;
  auto& fields = *line.mutable_fields();
  fields["id"] = agent::Number(arguments.Number("id", 0));
  if (answer.ok()) {
    fields["ok"] = agent::Object(*answer);
  } else {
    Struct error;
    (*error.mutable_fields())["code"] = agent::Text(CodeOf(answer.status()));
    (*error.mutable_fields())["message"] =
        agent::Text(std::string(answer.status().message()));
    fields["error"] = agent::Object(error);
  }
  Print(line);
}

}  // namespace

int main() {
  agent::Agent agent;
  absl::Mutex mutex;
  int running = 0;
  std::cout << R"({"ready": true})" << std::endl;
  for (std::string text; std::getline(std::cin, text);) {
    Struct request;
    if (!google::protobuf::util::JsonStringToMessage(text, &request).ok()) {
      std::cerr << "not a request: " << text << "\n";
      continue;
    }
    {
      absl::MutexLock lock(&mutex);
      ++running;
    }
    std::thread([&, request = std::move(request)] {
      Answer(agent, request);
      absl::MutexLock lock(&mutex);
      --running;
    }).detach();
  }
  agent.End();
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(
      +[](int* left) { return *left == 0; }, &running));
  return 0;
}
