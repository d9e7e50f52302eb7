// Where the Unix socket is if nobody says.
#ifndef OUTRIGGER_CONFIG_DEFAULT_SOCKET_H_
#define OUTRIGGER_CONFIG_DEFAULT_SOCKET_H_

#include <string>
#include <vector>

#include "config/environment.h"

namespace outrigger::config {

// The usual places, best first: outrigger/outrigger.sock in /run, in
// $XDG_RUNTIME_DIR (if set, and absolute) and in /tmp.
std::vector<std::string> UsualSockets(const Environment& environment);

// For a server: the first of `sockets` whose folder can be written, or made in
// a parent that can; the last one if there is none. REQUIRES: not empty.
std::string SocketToServe(const std::vector<std::string>& sockets);

// For a client: the first of `sockets` that exists; empty if none does.
std::string SocketToCall(const std::vector<std::string>& sockets);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_DEFAULT_SOCKET_H_
