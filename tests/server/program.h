// The built program, run as a user runs it.
#ifndef OUTRIGGER_TESTS_SERVER_PROGRAM_H_
#define OUTRIGGER_TESTS_SERVER_PROGRAM_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace outrigger {

// What a finished command has said.
struct Outcome {
  int exit_code = -1;  // negative: ended by that signal
  std::string out;
  std::string err;
};

using Variables = std::map<std::string, std::string>;

// A process. Killed at the end if it still runs.
class Process {
 public:
  // `words[0]` is found in $PATH. The environment is PATH and `variables` only.
  // Output goes to files in `folder`, which must be the process's own.
  Process(const std::vector<std::string>& words, const std::string& folder,
          const Variables& variables);
  ~Process();

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal) const;
  // Waits for the end.
  int ExitCode();
  bool Running();
  std::string Out() const;
  std::string Err() const;
  pid_t pid() const { return pid_; }

 private:
  void Reap(int options);

  const std::string folder_;
  pid_t pid_;
  bool ended_ = false;
  int exit_code_ = -1;
};

// Runs `outrigger WORDS…` to its end.
Outcome RunOutrigger(const std::vector<std::string>& words,
                     const Variables& variables = {});

// A sidecar in a folder of its own, on a socket there, with no TCP and no admin
// unless `listen` says so. Stopped by SIGKILL at the end, unless it has ended.
class Sidecar {
 public:
  // `config`: YAML, without `listen`; `listen`: further options of it, e.g.
  // "tcp: 127.0.0.1:0". Fails the test if it does not come up.
  explicit Sidecar(const std::string& config, const std::string& listen = "",
                   const Variables& variables = {});

  const std::string& target() const { return target_; }
  const std::string& socket() const { return socket_; }
  std::string File(const std::string& name) const {
    return folder_ + "/" + name;
  }
  // Replaces the configuration's limits and so on.
  void WriteConfig(const std::string& config) const;
  Process& process() { return *process_; }
  // Where it listens on TCP: "127.0.0.1:PORT".
  std::string TcpTarget() const;
  // Where admin listens: its port on 127.0.0.1.
  int AdminPort() const;
  // `outrigger WORDS… --target …`.
  Outcome Run(std::vector<std::string> words) const;

  ~Sidecar();

 private:
  std::string folder_;
  std::string socket_;
  std::string target_;
  std::string listen_;
  std::unique_ptr<Process> process_;
};

// A new folder below /tmp; removed by RemoveFolder.
std::string MakeFolder();
void RemoveFolder(const std::string& folder);
void WriteFile(const std::string& path, const std::string& text);
std::string ReadWholeFile(const std::string& path);

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SERVER_PROGRAM_H_
