#include "admin/profile/symbols.h"

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "admin/profile/elf_functions.h"

namespace outrigger::admin {
namespace {

std::string Demangled(absl::string_view name) {
  int status = 0;
  char* const demangled =
      abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status);
  if (demangled == nullptr) return std::string(name);
  std::string text(demangled);
  std::free(demangled);
  return text;
}

}  // namespace

struct Symbols::Table {
  ElfFunctions functions;
};

Symbols::Symbols() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    char access[5] = "";
    int file_at = 0;
    const int found =
        std::sscanf(line.c_str(), "%lx-%lx %4s %lx %*s %*u %n", &mapping.begin,
                    &mapping.end, access, &mapping.file_offset, &file_at);
    if (found < 4 || file_at == 0 || access[2] != 'x') continue;
    mapping.file = line.substr(static_cast<size_t>(file_at));
    if (!mapping.file.empty()) mappings_.push_back(std::move(mapping));
  }
  tables_.resize(mappings_.size());
}

Symbols::~Symbols() = default;

int Symbols::MappingOf(uintptr_t address) const {
  for (size_t i = 0; i < mappings_.size(); ++i) {
    if (address >= mappings_[i].begin && address < mappings_[i].end) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::string Symbols::NameOf(uintptr_t address) {
  const int index = MappingOf(address);
  if (index < 0) return "[unknown]";
  const Mapping& mapping = mappings_[index];
  std::unique_ptr<Table>& table = tables_[index];
  if (table == nullptr) {
    table = std::make_unique<Table>();
    if (absl::StartsWith(mapping.file, "/")) {
      table->functions = ElfFunctions::Read(mapping.file);
    }
  }
  const absl::string_view name =
      table->functions.NameAt(address - mapping.begin + mapping.file_offset);
  if (!name.empty()) return Demangled(name);
  const size_t slash = mapping.file.rfind('/');
  return absl::StrCat("[", mapping.file.substr(slash + 1), "]");
}

}  // namespace outrigger::admin
