#include "admin/profile/elf_functions.h"

#include <elf.h>

#include <algorithm>
#include <fstream>

namespace outrigger::admin {

// Reads parts of the file; a part that is not there or absurdly long is empty.
class ElfFunctions::Reader {
 public:
  explicit Reader(const std::string& file) : in_(file, std::ios::binary) {}

  void ReadInto(ElfFunctions& functions) {
    Elf64_Ehdr header{};
    const std::string ident = Bytes(0, sizeof(header));
    if (ident.size() != sizeof(header) || ident.compare(0, SELFMAG, ELFMAG) ||
        ident[EI_CLASS] != ELFCLASS64) {
      return;
    }
    std::copy(ident.begin(), ident.end(), reinterpret_cast<char*>(&header));
    for (const auto& segment :
         Array<Elf64_Phdr>(header.e_phoff, header.e_phnum)) {
      if (segment.p_type == PT_LOAD) {
        functions.segments_.push_back(
            {segment.p_offset, segment.p_vaddr, segment.p_filesz});
      }
    }
    const auto sections = Array<Elf64_Shdr>(header.e_shoff, header.e_shnum);
    for (const uint32_t type : {SHT_SYMTAB, SHT_DYNSYM}) {
      for (const Elf64_Shdr& section : sections) {
        if (section.sh_type != type || section.sh_link >= sections.size()) {
          continue;
        }
        ReadTable(section, sections[section.sh_link], functions);
        if (!functions.functions_.empty()) return;
      }
    }
  }

 private:
  static constexpr uint64_t kLongestPart = 256 << 20;

  std::string Bytes(uint64_t offset, uint64_t size) {
    std::string bytes(std::min(size, kLongestPart), '\0');
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset));
    in_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(in_.gcount()));
    return bytes;
  }

  template <typename T>
  std::vector<T> Array(uint64_t offset, uint64_t count) {
    const std::string bytes = Bytes(offset, count * sizeof(T));
    std::vector<T> array(bytes.size() / sizeof(T));
    std::copy_n(bytes.begin(), array.size() * sizeof(T),
                reinterpret_cast<char*>(array.data()));
    return array;
  }

  void ReadTable(const Elf64_Shdr& table, const Elf64_Shdr& names,
                 ElfFunctions& functions) {
    functions.names_ = Bytes(names.sh_offset, names.sh_size);
    for (const auto& symbol :
         Array<Elf64_Sym>(table.sh_offset, table.sh_size / sizeof(Elf64_Sym))) {
      const auto type = ELF64_ST_TYPE(symbol.st_info);
      if ((type == STT_FUNC || type == STT_GNU_IFUNC) &&
          symbol.st_shndx != SHN_UNDEF &&
          symbol.st_name < functions.names_.size()) {
        functions.functions_.push_back(
            {symbol.st_value, symbol.st_size, symbol.st_name});
      }
    }
    std::sort(functions.functions_.begin(), functions.functions_.end(),
              [](const Function& a, const Function& b) {
                return a.address < b.address;
              });
  }

  std::ifstream in_;
};

ElfFunctions ElfFunctions::Read(const std::string& file) {
  ElfFunctions functions;
  Reader(file).ReadInto(functions);
  return functions;
}

absl::string_view ElfFunctions::NameAt(uint64_t offset) const {
  for (const Segment& segment : segments_) {
    if (offset < segment.offset || offset - segment.offset >= segment.size) {
      continue;
    }
    const uint64_t address = offset - segment.offset + segment.address;
    auto after = std::upper_bound(
        functions_.begin(), functions_.end(), address,
        [](uint64_t a, const Function& one) { return a < one.address; });
    if (after == functions_.begin()) return "";
    const Function& function = *--after;
    if (function.size > 0 && address - function.address >= function.size) {
      return "";
    }
    return names_.c_str() + function.name;  // ends at its zero
  }
  return "";
}

}  // namespace outrigger::admin
