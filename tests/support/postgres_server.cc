#include "support/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/wait_for.h"

namespace outrigger {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "cannot set up the test: %s\n", what.c_str());
  std::abort();
}

// Debian keeps the server's programs out of $PATH, in a folder a version.
std::string Program(const std::string& name) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& version :
       std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const auto program = version.path() / "bin" / name;
    if (std::filesystem::exists(program)) found.push_back(program);
  }
  return found.empty() ? name : *std::max_element(found.begin(), found.end());
}

const passwd* ServersUser() {
  if (getuid() != 0) return nullptr;  // as who we are
  const passwd* const user = getpwnam("postgres");
  if (user == nullptr) Fail("no user postgres; is PostgreSQL installed?");
  return user;
}

// The new process; its output goes to `log`.
pid_t Spawn(std::vector<std::string> words, const std::string& log) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const passwd* const user = ServersUser();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) Fail("fork");
  if (pid > 0) return pid;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 ||
       setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  // After setuid, which would undo it. It ends the server and its sessions.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent) _exit(1);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

std::string PostgresClient::Ask(const std::string& sql) {
  PGresult* const result = PQexec(connection_, sql.c_str());
  std::string answer;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK) {
    if (PQntuples(result) > 0) answer = PQgetvalue(result, 0, 0);
  } else if (status != PGRES_COMMAND_OK) {
    answer = "error: " + error();
  }
  PQclear(result);
  return answer;
}

PostgresServer::PostgresServer(std::vector<std::string> settings,
                               const std::string& hba)
    : port_(FreePort()), settings_(std::move(settings)) {
  if (const passwd* const user = ServersUser(); user != nullptr) {
    if (chown(dir_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      Fail("chown");
    }
  }
  int status = 0;
  const pid_t initdb = Spawn(
      {Program("initdb"), "--pgdata", Data(), "--username", "admin", "--auth",
       "trust", "--no-sync", "--no-instructions", "--locale", "C"},
      dir_.path() + "/initdb.log");
  waitpid(initdb, &status, 0);
  if (status != 0) Fail("initdb fails; is PostgreSQL installed?");
  if (!hba.empty()) std::ofstream(Data() + "/pg_hba.conf") << hba;
  Start();
}

PostgresServer::~PostgresServer() { Kill(); }

std::string PostgresServer::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::string PostgresServer::socket_path() const {
  return dir_.path() + "/.s.PGSQL." + std::to_string(port_);
}

std::string PostgresServer::ConnectionString(
    const std::string& user, const std::string& database) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=" + user +
         " dbname=" + database +
         " connect_timeout=10 sslmode=disable gssencmode=disable";
}

std::string PostgresServer::Ask(const std::string& sql) const {
  return PostgresClient(ConnectionString()).Ask(sql);
}

std::string PostgresServer::Log() const {
  std::ostringstream text;
  text << std::ifstream(dir_.path() + "/log").rdbuf();
  return text.str();
}

void PostgresServer::Start() {
  std::vector<std::string> words = {Program("postgres"), "-D", Data()};
  std::vector<std::string> settings = {"listen_addresses=127.0.0.1",
                                       "port=" + std::to_string(port_),
                                       "unix_socket_directories=" + dir_.path(),
                                       "fsync=off", "shared_buffers=1MB"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  for (const std::string& setting : settings) {
    words.push_back("-c");
    words.push_back(setting);
  }
  pid_ = Spawn(words, dir_.path() + "/log");
  if (!WaitFor([this] { return Ready(); })) {
    Fail("postgres does not start: " + Log());
  }
}

bool PostgresServer::Ready() const {
  if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
    Fail("postgres has ended: " + Log());
  }
  const PGPing answer = PQping(ConnectionString().c_str());
  return answer == PQPING_OK;
}

void PostgresServer::Stop() { kill(pid_, SIGSTOP); }
void PostgresServer::Continue() { kill(pid_, SIGCONT); }

void PostgresServer::Kill() {
  if (pid_ == 0) return;
  kill(pid_, SIGQUIT);  // it ends its sessions, too, which SIGKILL would not
  kill(pid_, SIGCONT);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void PostgresServer::Restart() {
  Kill();
  Start();
}

}  // namespace outrigger
