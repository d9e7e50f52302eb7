#include "support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "redis/wire/command.h"
#include "redis/wire/reply_parser.h"
#include "redis/wire/slot.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "cannot set up the test: %s\n", what.c_str());
  std::abort();
}

redis::Reply Error(const std::string& text) {
  redis::Reply reply;
  reply.type = redis::Reply::Type::kError;
  reply.text = text;
  return reply;
}

int Connect(const redis::Address& address) {
  const int family = address.unix_path.empty() ? AF_INET : AF_UNIX;
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval patience{kPatience.count(), 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  int result = -1;
  if (family == AF_UNIX) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, address.unix_path.c_str(),
                 sizeof(to.sun_path) - 1);
    result = connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to));
  } else {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    result = connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to));
  }
  if (result == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

TempDir::TempDir() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "outrigger_test_XXXXXX")
          .string();
  if (mkdtemp(pattern.data()) == nullptr) Fail("mkdtemp");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::Write(const std::string& name,
                           const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path) << text;
  return path;
}

uint16_t FreePort() {
  // Processes of one test run start at different places.
  static std::atomic<uint32_t> next{static_cast<uint32_t>(getpid()) * 97};
  for (int i = 0; i < 12'000; ++i) {
    const auto port =
        static_cast<uint16_t>(20'000 + next.fetch_add(1) % 12'000);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(port);
    here.sin_addr.s_addr = htonl(INADDR_ANY);
    const bool free =
        bind(fd, reinterpret_cast<sockaddr*>(&here), sizeof(here)) == 0;
    close(fd);
    if (free) return port;
  }
  Fail("no free port");
}

RedisCli::RedisCli(const redis::Address& address) : fd_(Connect(address)) {}

RedisCli::~RedisCli() {
  if (fd_ >= 0) close(fd_);
}

redis::Reply RedisCli::Ask(const std::vector<std::string>& words) {
  redis::WireBuilder wire(static_cast<int>(words.size()));
  for (const std::string& word : words) wire.Add(word);
  return AskWire(std::move(wire).Take());
}

redis::Reply RedisCli::AskWire(const std::string& bytes) {
  if (send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
    return Error("cannot send");
  }
  redis::ReplyParser parser;
  redis::Reply reply;
  char buffer[4096];
  for (;;) {
    const ssize_t n = recv(fd_, buffer, sizeof(buffer), 0);
    if (n <= 0) return Error("no answer");
    parser.Feed(absl::string_view(buffer, static_cast<size_t>(n)));
    const auto whole = parser.Next(&reply);
    if (!whole.ok()) return Error("no sense");
    if (*whole) return reply;
  }
}

RedisServer::RedisServer(std::vector<std::string> arguments, bool sentinel,
                         uint16_t port)
    : port_(port), arguments_(std::move(arguments)), sentinel_(sentinel) {
  Start();
}

RedisServer::~RedisServer() { Kill(); }

redis::Address RedisServer::address() const {
  redis::Address address;
  address.host = "127.0.0.1";
  address.port = port_;
  return address;
}

void RedisServer::Start() {
  std::vector<std::string> words = {"redis-server"};
  const std::string port = std::to_string(port_);
  if (sentinel_) {
    std::string lines = "port " + port + "\ndir " + dir() + "\n";
    for (const std::string& line : arguments_) lines += line + "\n";
    words.push_back(dir_.Write("sentinel.conf", lines));
    words.push_back("--sentinel");
  } else {
    for (const char* word : {"--bind", "127.0.0.1", "--save", "", "--dir"}) {
      words.push_back(word);
    }
    words.push_back(dir());
    bool own_port = false;  // e.g. a TLS port only
    for (const std::string& word : arguments_) own_port |= word == "--port";
    if (!own_port) {
      words.push_back("--port");
      words.push_back(port);
    }
    for (std::string word : arguments_) {
      const size_t at = word.find("<port>");
      if (at != std::string::npos) word.replace(at, 6, port);
      words.push_back(word);
    }
  }
  const std::string log = dir() + "/log";
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) Fail("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  if (!WaitFor([this] { return Ready(); })) {
    Fail("redis-server does not start; is it installed?");
  }
}

// It listens. With TLS only, or a password, no more can be told from here.
bool RedisServer::Ready() const {
  if (waitpid(pid_, nullptr, WNOHANG) == pid_) Fail("redis-server has ended");
  const int fd = Connect(address());
  if (fd >= 0) close(fd);
  return fd >= 0;
}

void RedisServer::Stop() { kill(pid_, SIGSTOP); }
void RedisServer::Continue() { kill(pid_, SIGCONT); }

void RedisServer::Kill() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::Restart() {
  Kill();
  Start();
}

redis::Reply RedisServer::Ask(const std::vector<std::string>& words) const {
  return RedisCli(address()).Ask(words);
}

RedisCluster::RedisCluster(int masters, int replicas_of_each) {
  const int count = masters * (1 + replicas_of_each);
  for (int i = 0; i < count; ++i) {
    nodes_.push_back(std::make_unique<RedisServer>(std::vector<std::string>{
        "--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
        "--cluster-port", std::to_string(FreePort()), "--repl-diskless-sync",
        "yes", "--repl-diskless-sync-delay", "0"}));
  }
  for (int i = 0; i < masters; ++i) {
    const int first = redis::kSlots * i / masters;
    const int last = redis::kSlots * (i + 1) / masters - 1;
    node(i).Ask({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first),
                 std::to_string(last)});
    node(i).Ask({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
  }
  // The bus' port must be told: it is not the usual one.
  for (int i = 1; i < count; ++i) {
    const std::string bus =
        node(i).Ask({"CONFIG", "GET", "cluster-port"}).elements[1].text;
    node(0).Ask(
        {"CLUSTER", "MEET", "127.0.0.1", std::to_string(node(i).port()), bus});
  }
  for (int i = masters; i < count; ++i) {
    const std::string master = IdOf((i - masters) / replicas_of_each);
    WaitFor([&] {
      return !node(i).Ask({"CLUSTER", "REPLICATE", master}).IsError();
    });
    WaitFor([&] {
      return node(i)
                 .Ask({"INFO", "replication"})
                 .text.find("master_link_status:up") != std::string::npos;
    });
  }
  for (int i = 0; i < count; ++i) {
    const bool formed = WaitFor([&] {
      const std::string info = node(i).Ask({"CLUSTER", "INFO"}).text;
      const redis::Reply slots = node(i).Ask({"CLUSTER", "SLOTS"});
      bool all = info.find("cluster_state:ok") != std::string::npos &&
                 slots.elements.size() == static_cast<size_t>(masters);
      for (const redis::Reply& range : slots.elements) {
        all = all && range.elements.size() ==
                         static_cast<size_t>(3 + replicas_of_each);
      }
      return all;
    });
    if (!formed) Fail("the cluster does not come together");
  }
}

std::vector<redis::Address> RedisCluster::addresses() const {
  std::vector<redis::Address> addresses;
  for (const auto& node : nodes_) addresses.push_back(node->address());
  return addresses;
}

std::string RedisCluster::IdOf(size_t index) {
  return node(index).Ask({"CLUSTER", "MYID"}).text;
}

void RedisCluster::MoveSlot(uint16_t slot, size_t from, size_t to) {
  const std::string number = std::to_string(slot);
  const std::string source = IdOf(from), target = IdOf(to);
  node(to).Ask({"CLUSTER", "SETSLOT", number, "IMPORTING", source});
  node(from).Ask({"CLUSTER", "SETSLOT", number, "MIGRATING", target});
  for (;;) {
    const redis::Reply keys =
        node(from).Ask({"CLUSTER", "GETKEYSINSLOT", number, "100"});
    if (keys.elements.empty()) break;
    std::vector<std::string> migrate = {
        "MIGRATE", "127.0.0.1", std::to_string(node(to).port()), "", "0",
        "5000",    "KEYS"};
    for (const redis::Reply& key : keys.elements) migrate.push_back(key.text);
    node(from).Ask(migrate);
  }
  node(to).Ask({"CLUSTER", "SETSLOT", number, "NODE", target});
  node(from).Ask({"CLUSTER", "SETSLOT", number, "NODE", target});
  // The target has taken a new epoch. Two moves that take the same one, because
  // nodes had not heard of it, can leave a slot with no owner.
  const auto epoch = [](RedisServer& server) {
    const std::string info = server.Ask({"CLUSTER", "INFO"}).text;
    const size_t at = info.find("cluster_current_epoch:");
    return info.substr(at, info.find('\r', at) - at);
  };
  const bool heard = WaitFor([&] {
    const std::string latest = epoch(node(to));
    for (const auto& other : nodes_) {
      if (epoch(*other) != latest) return false;
    }
    return true;
  });
  if (!heard) Fail("the cluster does not hear of a slot that has moved");
}

}  // namespace outrigger
