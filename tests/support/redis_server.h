// Real redis-server processes for tests.
#ifndef OUTRIGGER_TESTS_SUPPORT_REDIS_SERVER_H_
#define OUTRIGGER_TESTS_SUPPORT_REDIS_SERVER_H_

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "redis/options.h"
#include "redis/wire/reply.h"

namespace outrigger {

// A directory that goes away with this object.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // The full path of `name`, which is written first.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// A TCP port below 32768 on which nobody listens now.
uint16_t FreePort();

// A connection of the test's own: asks and waits for the answer, up to some
// seconds. An answer of type kError may also mean that there was none.
class RedisCli {
 public:
  explicit RedisCli(const redis::Address& address);
  ~RedisCli();
  RedisCli(const RedisCli&) = delete;
  RedisCli& operator=(const RedisCli&) = delete;

  redis::Reply Ask(const std::vector<std::string>& words);
  // A command that is serialised already.
  redis::Reply AskWire(const std::string& wire);

 private:
  int fd_;
};

// One redis-server, ready for commands when constructed. It keeps nothing on
// disk unless told to. Killed by the destructor, and when the test dies.
class RedisServer {
 public:
  // `arguments` are redis-server's own, e.g. {"--requirepass", "x"}; "<port>"
  // in them stands for the port, and with "--port" among them there is no other
  // plain one. `sentinel`: `arguments` are the lines of a sentinel's
  // configuration instead.
  explicit RedisServer(std::vector<std::string> arguments = {},
                       bool sentinel = false, uint16_t port = FreePort());
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  redis::Address address() const;
  uint16_t port() const { return port_; }
  const std::string& dir() const { return dir_.path(); }

  // Hangs (SIGSTOP), and goes on (SIGCONT).
  void Stop();
  void Continue();
  // Dies at once (SIGKILL); does nothing if it is dead.
  void Kill();
  // Starts again at the same address, with the same arguments.
  void Restart();

  // Asks on a new connection.
  redis::Reply Ask(const std::vector<std::string>& words) const;

 private:
  void Start();
  bool Ready() const;

  TempDir dir_;
  uint16_t port_;
  const std::vector<std::string> arguments_;
  const bool sentinel_;
  pid_t pid_ = 0;
};

// A cluster of masters, each with a number of replicas.
class RedisCluster {
 public:
  RedisCluster(int masters, int replicas_of_each);

  // Masters first, then the replicas of the first one, and so on.
  RedisServer& node(size_t index) { return *nodes_[index]; }
  size_t size() const { return nodes_.size(); }
  // All nodes' addresses, as seeds.
  std::vector<redis::Address> addresses() const;

  // Moves one slot, with its keys, as redis-cli's resharding does.
  void MoveSlot(uint16_t slot, size_t from, size_t to);
  std::string IdOf(size_t index);

 private:
  std::vector<std::unique_ptr<RedisServer>> nodes_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_REDIS_SERVER_H_
