// Scripts in a real Redis whose TIME is what the test says, so that hours pass
// in milliseconds.
#ifndef OUTRIGGER_TESTS_REDIS_SCRIPTED_TIME_H_
#define OUTRIGGER_TESTS_REDIS_SCRIPTED_TIME_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "redis/wire/command.h"
#include "support/redis_server.h"

namespace outrigger::redis {

// Put before a script: TIME comes from a key, and keys that are deleted are
// listed in another if they were pools' mail.
inline constexpr char kScriptedTime[] = R"lua(
local real_redis, redis = redis, {}
local function wrap(real_call)
  return function(name, ...)
    if name == 'DEL' and string.find(..., ':1:m:', 1, true) then
      real_call('RPUSH', 'mail', (...))
    end
    if name ~= 'TIME' then return real_call(name, ...) end
    local now = real_call('GET', 'now')
    return {string.sub(now, 1, -7), string.sub(now, -6)}
  end
end
redis.call, redis.pcall = wrap(real_redis.call), wrap(real_redis.pcall)
)lua";

// Runs prepared calls of scripts, at the time set last.
class ScriptedTime {
 public:
  explicit ScriptedTime(const Address& address) : cli_(address) {}

  void Set(int64_t now_us) { cli_.Ask({"SET", "now", std::to_string(now_us)}); }

  Reply Run(const Script& script, std::string wire) {
    std::unique_ptr<Script>& timed = timed_[&script];
    if (timed == nullptr) {
      timed = std::make_unique<Script>("test", kScriptedTime + script.text());
    }
    Command command;
    command.script = timed.get();
    command.wire = std::move(wire);
    ExpandScript(command);
    const Reply reply = cli_.AskWire(command.wire);
    EXPECT_FALSE(reply.IsError()) << reply.text;
    return reply;
  }

  RedisCli& cli() { return cli_; }

 private:
  RedisCli cli_;
  std::map<const Script*, std::unique_ptr<Script>> timed_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_TESTS_REDIS_SCRIPTED_TIME_H_
