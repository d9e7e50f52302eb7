// PostgreSQL connections (libpq) under a pool's cap.
//
//   outrigger::client::Pool orders = outrigger->pool("orders-db");
//   auto connection = outrigger::client::libpq::Connection::Open(
//       orders, "dbname=orders user=app");
//   if (!connection.ok()) return connection.status();
//   PGresult* rows = PQexec(connection->get(), "SELECT 1");
//
// Link outrigger::libpq.
#ifndef OUTRIGGER_LIBPQ_H_
#define OUTRIGGER_LIBPQ_H_

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outrigger/pool.h"

namespace outrigger::client::libpq {

struct OpenOptions {
  AcquireOptions acquire;
  // How long to wait, when closing, until the server has hung up: it counts a
  // connection until then, and another may have the slot as soon as it is given
  // back. > 0.
  absl::Duration farewell = absl::Seconds(1);
};

// One connection, which holds a lease: taken before it connects, given back
// after it has closed. Not thread-safe, as PGconn; may be moved.
class Connection {
 public:
  // Acquires and connects; connecting blocks for as long as libpq does
  // (connect_timeout). `conninfo` is libpq's, "key=value …" or a URI; the
  // lease's endpoint, if the pool has any, replaces its host and port.
  //
  // kUnavailable with a Refusal (see RefusalOf): there is no slot; without one:
  // PostgreSQL could not be reached, or refused. kInvalidArgument: conninfo
  // cannot be read. Else as Pool::Acquire.
  static absl::StatusOr<Connection> Open(Pool& pool,
                                         const std::string& conninfo,
                                         const OpenOptions& options = {});

  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  // Closes.
  ~Connection();

  // For libpq's functions. Null once the lease is lost, and after Close. A
  // query that runs when it is lost fails: the socket is shut down.
  PGconn* get() const;

  // The slot may be another's. Close it.
  bool lost() const;
  const Lease& lease() const;

  // Says goodbye, waits until the server has hung up, and gives the lease back.
  // Again is no error.
  void Close();

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace outrigger::client::libpq

#endif  // OUTRIGGER_LIBPQ_H_
