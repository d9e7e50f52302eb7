#include "redis/net/login.h"

#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "redis/wire/server_error.h"

namespace outrigger::redis {
namespace {

absl::Status StatusOf(const std::string& error) {
  const std::string text = absl::StrCat("Redis says: ", error);
  switch (ClassifyError(error)) {
    case ServerError::kNoAuth:
    case ServerError::kNoPermission:
    case ServerError::kOther:
      return absl::PermissionDeniedError(text);
    case ServerError::kTooMany:
      return absl::ResourceExhaustedError(text);
    default:
      return absl::UnavailableError(text);
  }
}

absl::StatusOr<std::string> Password(const LoginPlan& plan) {
  if (plan.password_file.empty()) return plan.password;
  std::ifstream file(plan.password_file);
  std::string line;
  if (!std::getline(file, line) && line.empty()) {
    return absl::PermissionDeniedError(absl::StrCat(
        "password_file ", plan.password_file, " cannot be read or is empty"));
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

// "run_id:…" in the lines of INFO.
std::string RunIdOf(absl::string_view info) {
  constexpr absl::string_view kName = "run_id:";
  const size_t begin = info.find(kName);
  if (begin == absl::string_view::npos) return "";
  const absl::string_view rest = info.substr(begin + kName.size());
  return std::string(rest.substr(0, rest.find('\r')));
}

// Gathers the answers; the first error counts.
struct Login {
  ServerInfo info;
  absl::Status status;
  std::function<void(absl::StatusOr<ServerInfo>)> done;

  bool Failed(const Reply& reply) {
    if (reply.IsError() && status.ok()) {
      status = StatusOf(reply.text);
      // No other answer follows "max number of clients": the end does.
      if (absl::IsResourceExhausted(status)) done(status);
    }
    return reply.IsError();
  }
};

void AskAll(Connection& connection, const LoginPlan& plan,
            const std::string& password, const std::shared_ptr<Login>& login) {
  const auto check = [login](const Reply& reply) { login->Failed(reply); };
  if (!plan.username.empty()) {
    connection.Ask(WireOf({"AUTH", plan.username, password}), check);
  } else if (!password.empty()) {
    connection.Ask(WireOf({"AUTH", password}), check);
  }
  if (plan.database != 0) {
    connection.Ask(WireOf({"SELECT", absl::StrCat(plan.database)}), check);
  }
  if (!plan.sentinel) {
    connection.Ask(WireOf({"INFO", "server"}), [login](const Reply& reply) {
      if (!login->Failed(reply)) login->info.run_id = RunIdOf(reply.text);
    });
  }
  if (plan.master) {
    connection.Ask(WireOf({"ROLE"}), [login](const Reply& reply) {
      if (login->Failed(reply) || !login->status.ok()) return;
      if (reply.elements.empty() || reply.elements[0].text != "master") {
        login->status = absl::UnavailableError("the server is not the master");
      }
    });
  }
  connection.Ask(WireOf({"PING"}), [login](const Reply& reply) {
    if (!login->Failed(reply) && !reply.IsStatus("PONG") &&
        login->status.ok()) {
      login->status = absl::UnavailableError("not Redis: no answer to PING");
    }
    if (login->status.ok()) {
      login->done(std::move(login->info));
    } else {
      login->done(login->status);
    }
  });
}

}  // namespace

LoginPlan PlanFor(const Options& options) {
  LoginPlan plan;
  plan.username = options.username;
  plan.password = options.password;
  plan.password_file = options.password_file;
  plan.database = options.database;
  plan.master = options.mode == Mode::kSentinel;
  return plan;
}

LoginPlan SentinelPlanFor(const Options& options) {
  LoginPlan plan;
  plan.username = options.sentinel.username;
  plan.password = options.sentinel.password;
  plan.sentinel = true;
  return plan;
}

void LogIn(Connection& connection, const LoginPlan& plan,
           std::function<void(absl::StatusOr<ServerInfo>)> done) {
  const absl::StatusOr<std::string> password = Password(plan);
  if (!password.ok()) return done(password.status());
  auto login = std::make_shared<Login>();
  login->done = std::move(done);
  AskAll(connection, plan, *password, login);
}

}  // namespace outrigger::redis
