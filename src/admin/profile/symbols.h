// Which function an address of this process belongs to.
#ifndef OUTRIGGER_ADMIN_PROFILE_SYMBOLS_H_
#define OUTRIGGER_ADMIN_PROFILE_SYMBOLS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::admin {

// One file's code in memory.
struct Mapping {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  uint64_t file_offset = 0;
  std::string file;
};

// The program and its libraries, as mapped when this is made. Symbol tables are
// read when first asked for. Not thread-safe.
class Symbols {
 public:
  Symbols();
  ~Symbols();

  const std::vector<Mapping>& mappings() const { return mappings_; }
  // Index in mappings(); -1 if the address is in none.
  int MappingOf(uintptr_t address) const;

  // The function's name as C++ writes it; "[file]" if its file does not tell,
  // "[unknown]" if it is in no file.
  std::string NameOf(uintptr_t address);

 private:
  struct Table;

  std::vector<Mapping> mappings_;               // by address
  std::vector<std::unique_ptr<Table>> tables_;  // one each; null: not read
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROFILE_SYMBOLS_H_
