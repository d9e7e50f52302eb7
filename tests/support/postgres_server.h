// Real PostgreSQL servers for tests.
#ifndef OUTRIGGER_TESTS_SUPPORT_POSTGRES_SERVER_H_
#define OUTRIGGER_TESTS_SUPPORT_POSTGRES_SERVER_H_

#include <libpq-fe.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/redis_server.h"

namespace outrigger {

// A connection of the test's own.
class PostgresClient {
 public:
  // Connects, or fails to: see ok().
  explicit PostgresClient(const std::string& connection_string)
      : connection_(PQconnectdb(connection_string.c_str())) {}
  ~PostgresClient() { PQfinish(connection_); }
  PostgresClient(const PostgresClient&) = delete;
  PostgresClient& operator=(const PostgresClient&) = delete;

  bool ok() const { return PQstatus(connection_) == CONNECTION_OK; }
  // Why it is not.
  std::string error() const { return PQerrorMessage(connection_); }
  // Runs one statement: the first value of its answer, or empty. A failure
  // counts as "error: …".
  std::string Ask(const std::string& sql);

 private:
  PGconn* const connection_;
};

// One server on 127.0.0.1, ready for connections when constructed, with an
// empty database in a folder of its own. It runs as the user "postgres" if the
// test runs as root, which PostgreSQL refuses. Killed by the destructor, and
// when the test dies.
class PostgresServer {
 public:
  // `settings`: e.g. {"max_connections=20"}. `hba`: the lines of pg_hba.conf;
  // without, everybody may do everything.
  explicit PostgresServer(std::vector<std::string> settings = {},
                          const std::string& hba = "");
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  uint16_t port() const { return port_; }
  // "host:port".
  std::string address() const;
  // Of its Unix socket.
  std::string socket_path() const;
  // For libpq.
  std::string ConnectionString(const std::string& user = "admin",
                               const std::string& database = "postgres") const;
  // Asks on a new connection, as the superuser.
  std::string Ask(const std::string& sql) const;
  // All that the server has logged.
  std::string Log() const;

  // It answers nobody any more (SIGSTOP of the process that accepts), and goes
  // on (SIGCONT).
  void Stop();
  void Continue();
  // Ends at once, and its sessions do; does nothing if it has ended.
  void Kill();
  // Starts again at the same address, with the same data.
  void Restart();

 private:
  void Start();
  bool Ready() const;
  std::string Data() const { return dir_.path() + "/data"; }

  TempDir dir_;
  const uint16_t port_;
  const std::vector<std::string> settings_;
  pid_t pid_ = 0;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_POSTGRES_SERVER_H_
