// The functions that an ELF file names.
#ifndef OUTRIGGER_ADMIN_PROFILE_ELF_FUNCTIONS_H_
#define OUTRIGGER_ADMIN_PROFILE_ELF_FUNCTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::admin {

// A file in memory, 64-bit, as the machine that runs this. A value.
class ElfFunctions {
 public:
  // Empty if the file cannot be read, is malformed or names no functions.
  // Prefers the full table to the one for linking.
  static ElfFunctions Read(const std::string& file);

  // The name, not demangled, of the function at `offset` in the file; empty if
  // there is none.
  absl::string_view NameAt(uint64_t offset) const;

 private:
  struct Function {
    uint64_t address = 0;  // the file's own, before it is loaded
    uint64_t size = 0;     // 0: not known
    uint32_t name = 0;     // where in names_
  };
  struct Segment {
    uint64_t offset = 0;
    uint64_t address = 0;
    uint64_t size = 0;
  };
  class Reader;

  std::string names_;
  std::vector<Function> functions_;  // by address
  std::vector<Segment> segments_;
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROFILE_ELF_FUNCTIONS_H_
