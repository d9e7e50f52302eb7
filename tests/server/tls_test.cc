// TLS on TCP: certificates, clients' certificates, and their renewal.
#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"
#include "server/program.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

using ratelimit::v1::AllowResponse;
using ratelimit::v1::RateLimiter;
using ::testing::HasSubstr;

// Makes authorities and certificates with the openssl command.
class TlsTest : public testing::Test {
 protected:
  // gRPC logs every handshake that fails, as many here should.
  TlsTest() {
    gpr_set_log_function(+[](gpr_log_func_args*) {});
  }
  ~TlsTest() override { RemoveFolder(folder_); }

  std::string File(const std::string& name) const {
    return folder_ + "/" + name;
  }
  std::string Pem(const std::string& name) const {
    return ReadWholeFile(File(name));
  }
  void OpenSsl(std::vector<std::string> words) {
    words.insert(words.begin(), "openssl");
    const std::string folder = MakeFolder();
    Process process(words, folder, {});
    ASSERT_EQ(process.ExitCode(), 0) << process.Err();
    RemoveFolder(folder);
  }
  // NAME.pem and NAME.key, an authority of its own.
  void MakeAuthority(const std::string& name) {
    OpenSsl({"req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=" + name, "-keyout", File(name + ".key"), "-out",
             File(name + ".pem")});
  }
  // NAME.pem and NAME.key for localhost, signed by `authority`.
  void MakeCertificate(const std::string& name, const std::string& authority) {
    WriteFile(File("ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    OpenSsl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-subj", "/CN=" + name, "-keyout", File(name + ".key"),
             "-out", File(name + ".csr")});
    OpenSsl({"x509", "-req", "-in", File(name + ".csr"), "-CA",
             File(authority + ".pem"), "-CAkey", File(authority + ".key"),
             "-CAcreateserial", "-days", "2", "-extfile", File("ext"), "-out",
             File(name + ".pem")});
  }
  std::string Listen(const std::string& more) const {
    return "  tcp: 127.0.0.1:0\n  tls:\n    cert_file: " + File("server.pem") +
           "\n    key_file: " + File("server.key") + "\n" + more;
  }
  // A call over a new connection that trusts `root`, and shows `client`.
  grpc::Status Call(const Sidecar& sidecar, const std::string& root,
                    const std::string& client = "") const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = Pem(root + ".pem");
    if (!client.empty()) {
      options.pem_cert_chain = Pem(client + ".pem");
      options.pem_private_key = Pem(client + ".key");
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto stub = RateLimiter::NewStub(grpc::CreateCustomChannel(
        sidecar.TcpTarget(), grpc::SslCredentials(options), arguments));
    grpc::ClientContext context;
    AllowResponse response;
    return stub->Allow(&context, {}, &response);
  }

  const std::string folder_ = MakeFolder();
};

TEST_F(TlsTest, ServesThoseWhoTrustItAndRenewsItsCertificate) {
  MakeAuthority("old");
  MakeAuthority("new");
  MakeCertificate("server", "old");
  Sidecar sidecar("", Listen(""));
  EXPECT_TRUE(WaitFor([&] { return Call(sidecar, "old").ok(); }));
  EXPECT_FALSE(Call(sidecar, "new").ok());
  const Outcome plain =
      RunOutrigger({"allow", "--target", sidecar.TcpTarget()});
  EXPECT_EQ(plain.exit_code, 2);
  EXPECT_EQ(sidecar.Run({"probe"}).exit_code, 0);  // the socket is not TLS

  MakeCertificate("server", "new");
  EXPECT_TRUE(WaitFor([&] { return Call(sidecar, "new").ok(); }));
  EXPECT_FALSE(Call(sidecar, "old").ok());
}

TEST_F(TlsTest, MutualTlsWantsACertificateOfItsAuthority) {
  MakeAuthority("ours");
  MakeAuthority("theirs");
  MakeCertificate("server", "ours");
  MakeCertificate("friend", "ours");
  MakeCertificate("stranger", "theirs");
  Sidecar sidecar("", Listen("    client_ca_file: " + File("ours.pem") +
                             "\n    require_client_cert: true\n"));
  EXPECT_TRUE(WaitFor([&] { return Call(sidecar, "ours", "friend").ok(); }));
  EXPECT_FALSE(Call(sidecar, "ours").ok());
  EXPECT_FALSE(Call(sidecar, "ours", "stranger").ok());
}

TEST_F(TlsTest, FilesThatCannotServeAreToldAtTheStart) {
  MakeAuthority("ours");
  MakeCertificate("server", "ours");
  MakeCertificate("other", "ours");
  const auto serve = [&](const std::string& cert, const std::string& key) {
    WriteFile(File("c.yaml"),
              "listen: {unix: " + File("s.sock") +
                  ", tcp: 127.0.0.1:0, tls: {cert_file: " + File(cert) +
                  ", key_file: " + File(key) + "}}\n");
    return RunOutrigger({"serve", "--config", File("c.yaml")});
  };
  Outcome outcome = serve("none.pem", "server.key");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("listen.tls.cert_file: "));
  outcome = serve("server.pem", "other.key");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("listen.tls.key_file: "));
}

}  // namespace
}  // namespace outrigger
