// Certificates for tests, made on the spot.
#ifndef OUTRIGGER_TESTS_SUPPORT_CERTIFICATES_H_
#define OUTRIGGER_TESTS_SUPPORT_CERTIFICATES_H_

#include <cstdlib>
#include <string>

#include "support/redis_server.h"

namespace outrigger {

// A certificate authority, and a certificate that it signed for the name
// "redis.test" (and nothing else). All are PEM files that go away with this
// object. REQUIRES: the openssl command.
class Certificates {
 public:
  Certificates() {
    Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        " -days 2 -subj /CN=test-ca -keyout ca.key -out ca.crt");
    Run("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        " -subj /CN=redis.test -keyout own.key -out own.csr");
    dir_.Write("own.ext", "subjectAltName=DNS:redis.test\n");
    Run("x509 -req -in own.csr -CA ca.crt -CAkey ca.key -CAcreateserial"
        " -days 2 -extfile own.ext -out own.crt");
  }

  std::string ca_file() const { return dir_.path() + "/ca.crt"; }
  std::string cert_file() const { return dir_.path() + "/own.crt"; }
  std::string key_file() const { return dir_.path() + "/own.key"; }

 private:
  void Run(const std::string& arguments) const {
    const std::string command =
        "cd " + dir_.path() + " && openssl " + arguments + " >openssl.log 2>&1";
    if (std::system(command.c_str()) != 0) std::abort();
  }

  TempDir dir_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_CERTIFICATES_H_
