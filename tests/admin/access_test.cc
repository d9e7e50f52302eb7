// Who may ask for what: names, tokens, certificates, other sites' pages.
#include <gmock/gmock.h>

#include "admin/admin_testing.h"
#include "support/certificates.h"

namespace outrigger::admin {
namespace {

using ::testing::HasSubstr;

std::vector<Route> SomeRoutes() {
  Route open = Says("/livez", "alive");
  open.open = true;
  Route acts{.path = "/act", .methods = {"GET", "PUT"}, .acts = true};
  acts.answer = [](const Request&) -> Outcome {
    return Response{.body = "done"};
  };
  return {Says("/a", "one"), open, acts};
}

TEST(Access, OnLoopbackOnlyThisMachinesNamesAreAnswered) {
  Around around;
  const auto server = StartServer(around, SomeRoutes(), {.host = "127.0.0.2"});
  // The client dials 127.0.0.1, where nobody listens.
  EXPECT_FALSE(HttpClient(server->port()).connected());
  const auto local = StartServer(around, SomeRoutes());
  const auto status = [&](const std::string& host) {
    return Get(local->port(), "/a", {"Host: " + host}).status;
  };
  EXPECT_EQ(status("localhost"), 200);
  EXPECT_EQ(status("LOCALHOST:80"), 200);
  EXPECT_EQ(status("127.0.0.1:7421"), 200);
  EXPECT_EQ(status("[::1]:7421"), 200);
  EXPECT_EQ(status("evil.example"), 421);
  EXPECT_EQ(status("evil.example:7421"), 421);
  EXPECT_EQ(status("localhost.evil.example"), 421);
  EXPECT_EQ(status("127.0.0.1.evil.example"), 421);
  EXPECT_EQ(status("10.0.0.1"), 421);
  EXPECT_EQ(status(""), 421);
  // Neither are probes, nor paths that there are not.
  EXPECT_EQ(Get(local->port(), "/livez", {"Host: evil.example"}).status, 421);
  EXPECT_EQ(Get(local->port(), "/none", {"Host: evil.example"}).status, 421);
}

TEST(Access, BeyondThisMachineAnyNameWillDo) {
  Around around;
  const auto server = StartServer(around, SomeRoutes(), {.host = "0.0.0.0"});
  EXPECT_EQ(Get(server->port(), "/a", {"Host: pod.example"}).status, 200);
}

TEST(Access, OtherSitesPagesMayNotAct) {
  Around around;
  const auto server = StartServer(around, SomeRoutes());
  const auto status = [&](const std::string& header) {
    return Ask(server->port(), "PUT", "/act", {"Host: localhost:7421", header})
        .status;
  };
  EXPECT_EQ(status("X: y"), 200);
  EXPECT_EQ(status("Origin: http://localhost:7421"), 200);
  EXPECT_EQ(status("Origin: https://evil.example"), 403);
  EXPECT_EQ(status("Origin: http://localhost:8080"), 403);
  EXPECT_EQ(status("Origin: null"), 403);
  EXPECT_EQ(status("Sec-Fetch-Site: same-origin"), 200);
  EXPECT_EQ(status("Sec-Fetch-Site: none"), 200);
  EXPECT_EQ(status("Sec-Fetch-Site: cross-site"), 403);
  EXPECT_EQ(status("Sec-Fetch-Site: same-site"), 403);
  // An image's address on another page is a GET.
  EXPECT_EQ(Get(server->port(), "/act", {"Sec-Fetch-Site: cross-site"}).status,
            403);
  EXPECT_EQ(Get(server->port(), "/a", {"Sec-Fetch-Site: cross-site"}).status,
            200);
}

class TokenTest : public ::testing::Test {
 protected:
  static constexpr char kToken[] = "0123456789abcdef";

  int StatusWith(const std::string& authorization,
                 const std::string& path = "/a") {
    return Get(server_->port(), path, {"Authorization: " + authorization})
        .status;
  }

  Around around_;
  TempDir folder_;
  const std::string file_ = folder_.Write("token", std::string(kToken) + "\n");
  const std::unique_ptr<Server> server_ =
      StartServer(around_, SomeRoutes(), {.token_file = file_});
};

TEST_F(TokenTest, IsAskedForButByProbes) {
  Answer answer = Get(server_->port(), "/a");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.headers["www-authenticate"], "Bearer");
  EXPECT_EQ(StatusWith(std::string("Bearer ") + kToken), 200);
  EXPECT_EQ(StatusWith(std::string("bearer  ") + kToken), 200);
  EXPECT_EQ(StatusWith("Bearer 0123456789abcdeX"), 401);
  EXPECT_EQ(StatusWith("Bearer 0123456789abcde"), 401);
  EXPECT_EQ(StatusWith("Bearer "), 401);
  EXPECT_EQ(StatusWith(std::string("Basic ") + kToken), 401);
  EXPECT_EQ(Get(server_->port(), "/livez").status, 200);
  // Strangers do not learn what there is.
  EXPECT_EQ(Get(server_->port(), "/none").status, 401);
  EXPECT_EQ(Ask(server_->port(), "PUT", "/a").status, 401);
}

TEST_F(TokenTest, MayBeReplacedWhileTheServerRuns) {
  folder_.Write("token", "fedcba9876543210");
  EXPECT_EQ(StatusWith(std::string("Bearer ") + kToken), 401);
  EXPECT_EQ(StatusWith("Bearer fedcba9876543210"), 200);
  folder_.Write("token", "");
  EXPECT_EQ(StatusWith("Bearer fedcba9876543210"), 401);
  EXPECT_EQ(StatusWith("Bearer "), 401);
}

TEST_F(TokenTest, MustBeThereAtTheStart) {
  const auto error = [this](const std::string& file) {
    return std::string(
        Server::Start({.token_file = file}, {}, around_.clock, around_.registry)
            .status()
            .message());
  };
  EXPECT_THAT(error("/none"), HasSubstr("listen.admin_token_file: /none"));
  EXPECT_THAT(error(folder_.Write("short", "0123456789abcde")),
              HasSubstr("16 to 1024"));
  EXPECT_THAT(error(folder_.Write("blank", "01234567 89abcdef")),
              HasSubstr("without blanks"));
}

class TlsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Server> Start(const Certificates& own,
                                bool require_client_cert) {
    Server::Options options;
    options.tls = {.cert_file = own.cert_file(),
                   .key_file = own.key_file(),
                   .client_ca_file = require_client_cert ? own.ca_file() : "",
                   .require_client_cert = require_client_cert};
    return StartServer(around_, SomeRoutes(), options);
  }
  Answer GetOver(HttpClient& client, const std::string& path) {
    client.Send(RequestText("GET", path));
    return client.Read();
  }

  Around around_;
  Certificates certificates_;
};

TEST_F(TlsTest, AnswersOverTls) {
  const auto server = Start(certificates_, false);
  HttpClient client(server->port(),
                    ClientTls{.ca_file = certificates_.ca_file()});
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(GetOver(client, "/a").body, "one");
  EXPECT_EQ(GetOver(client, "/a").body, "one");
  EXPECT_EQ(Get(server->port(), "/a").status, 0);  // not in plain
}

TEST_F(TlsTest, MayAskForClientsCertificates) {
  const auto server = Start(certificates_, true);
  HttpClient stranger(server->port(),
                      ClientTls{.ca_file = certificates_.ca_file()});
  EXPECT_EQ(GetOver(stranger, "/a").status, 401);
  EXPECT_EQ(GetOver(stranger, "/livez").status, 200);
  HttpClient known(server->port(),
                   ClientTls{.ca_file = certificates_.ca_file(),
                             .cert_file = certificates_.cert_file(),
                             .key_file = certificates_.key_file()});
  EXPECT_EQ(GetOver(known, "/a").status, 200);
  const Certificates others;
  HttpClient false_friend(server->port(),
                          ClientTls{.ca_file = certificates_.ca_file(),
                                    .cert_file = others.cert_file(),
                                    .key_file = others.key_file()});
  EXPECT_EQ(GetOver(false_friend, "/a").status, 0);
}

TEST_F(TlsTest, TakesNewFilesWhileItRuns) {
  TempDir folder;
  const auto copy = [&folder](const Certificates& from) {
    const std::string command = "cp " + from.cert_file() + " " + folder.path() +
                                "/crt && cp " + from.key_file() + " " +
                                folder.path() + "/key";
    ASSERT_EQ(std::system(command.c_str()), 0);
  };
  copy(certificates_);
  Server::Options options;
  options.tls = {.cert_file = folder.path() + "/crt",
                 .key_file = folder.path() + "/key"};
  const auto server = StartServer(around_, SomeRoutes(), options);
  const Certificates renewed;
  const auto trusts = [&server](const Certificates& authority) {
    return HttpClient(server->port(), ClientTls{.ca_file = authority.ca_file()})
        .connected();
  };
  EXPECT_TRUE(trusts(certificates_));
  folder.Write("key", "no key");  // does not fit: the old ones stay
  EXPECT_TRUE(trusts(certificates_));
  copy(renewed);
  EXPECT_TRUE(trusts(renewed));
  EXPECT_FALSE(trusts(certificates_));
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamed) {
  Server::Options options;
  options.tls = {.cert_file = certificates_.cert_file(),
                 .key_file = certificates_.ca_file()};
  const auto server =
      Server::Start(options, {}, around_.clock, around_.registry);
  EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(server.status().message()),
              HasSubstr("listen.tls.key_file: "));
}

TEST(OptionsOf, FollowsTheConfiguration) {
  config::Listen listen;
  EXPECT_FALSE(OptionsOf(listen).tls.has_value());
  listen.tls = {.cert_file = "/c", .key_file = "/k"};
  EXPECT_FALSE(OptionsOf(listen).tls.has_value());
  listen.admin->host = "0.0.0.0";
  listen.admin_token_file = "/t";
  const Server::Options options = OptionsOf(listen);
  EXPECT_EQ(options.tls->cert_file, "/c");
  EXPECT_EQ(options.host, "0.0.0.0");
  EXPECT_EQ(options.port, 7421);
  EXPECT_EQ(options.token_file, "/t");
}

}  // namespace
}  // namespace outrigger::admin
