#include "server/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/wait_for.h"

namespace outrigger {

std::string MakeFolder() {
  char path[] = "/tmp/outrigger-test-XXXXXX";
  if (mkdtemp(path) == nullptr) throw std::runtime_error("no temp folder");
  return path;
}

void RemoveFolder(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
}

std::string ReadWholeFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Process::Process(const std::vector<std::string>& words,
                 const std::string& folder, const Variables& variables)
    : folder_(folder) {
  std::vector<std::string> entries = {std::string("PATH=") + getenv("PATH")};
  for (const auto& [name, value] : variables) {
    entries.push_back(name + "=" + value);
  }
  std::vector<char*> argv, envp;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  for (const std::string& entry : entries) {
    envp.push_back(const_cast<char*>(entry.c_str()));
  }
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const std::string out = folder + "/out", err = folder + "/err";
  pid_ = fork();
  if (pid_ != 0) return;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(open(out.c_str(), flags, 0644), STDOUT_FILENO);
  dup2(open(err.c_str(), flags, 0644), STDERR_FILENO);
  execvpe(argv[0], argv.data(), envp.data());
  _exit(127);
}

Process::~Process() {
  if (!Running()) return;
  Signal(SIGKILL);
  Reap(0);
}

void Process::Signal(int signal) const { kill(pid_, signal); }

void Process::Reap(int options) {
  int status = 0;
  if (ended_ || waitpid(pid_, &status, options) != pid_) return;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool Process::Running() {
  Reap(WNOHANG);
  return !ended_;
}

int Process::ExitCode() {
  EXPECT_TRUE(WaitFor([this] { return !Running(); })) << "still runs";
  return exit_code_;
}

std::string Process::Out() const { return ReadWholeFile(folder_ + "/out"); }
std::string Process::Err() const { return ReadWholeFile(folder_ + "/err"); }

Outcome RunOutrigger(const std::vector<std::string>& words,
                     const Variables& variables) {
  const std::string folder = MakeFolder();
  std::vector<std::string> all = {OUTRIGGER_PROGRAM};
  all.insert(all.end(), words.begin(), words.end());
  Outcome outcome;
  {
    Process process(all, folder, variables);
    outcome.exit_code = process.ExitCode();
    outcome.out = process.Out();
    outcome.err = process.Err();
  }
  RemoveFolder(folder);
  return outcome;
}

Sidecar::Sidecar(const std::string& config, const std::string& listen,
                 const Variables& variables)
    : folder_(MakeFolder()),
      socket_(folder_ + "/s.sock"),
      target_("unix:" + socket_) {
  listen_ = "listen:\n  unix: " + socket_ + "\n" + listen;
  for (const std::string option : {"tcp", "admin"}) {
    if (listen.find(option + ":") != std::string::npos) continue;
    listen_ += "  " + option + ": off\n";
  }
  WriteConfig(config);
  process_ = std::make_unique<Process>(
      std::vector<std::string>{OUTRIGGER_PROGRAM, "serve", "--config",
                               File("config.yaml")},
      folder_, variables);
  const bool serves = WaitFor([this] {
    return !process_->Running() ||
           process_->Out().find("try:") != std::string::npos;
  });
  EXPECT_TRUE(serves && process_->Running()) << process_->Err();
}

Sidecar::~Sidecar() {
  process_.reset();
  RemoveFolder(folder_);
}

void Sidecar::WriteConfig(const std::string& config) const {
  WriteFile(File("config.yaml"), listen_ + config);
}

std::string Sidecar::TcpTarget() const {
  const std::string out = process_->Out();
  const size_t at = out.find("127.0.0.1:");
  return at == std::string::npos ? "" : out.substr(at, out.find('\n', at) - at);
}

int Sidecar::AdminPort() const {
  const std::string out = process_->Out(), before = "http://127.0.0.1:";
  const size_t at = out.find(before);
  return at == std::string::npos ? 0
                                 : std::stoi(out.substr(at + before.size()));
}

Outcome Sidecar::Run(std::vector<std::string> words) const {
  words.insert(words.end(), {"--target", target_});
  return RunOutrigger(words);
}

}  // namespace outrigger
