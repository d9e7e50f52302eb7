// A folder for one test, removed at its end.
#ifndef OUTRIGGER_TESTS_SUPPORT_MADE_FOLDER_H_
#define OUTRIGGER_TESTS_SUPPORT_MADE_FOLDER_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace outrigger {

class MadeFolder {
 public:
  MadeFolder() {
    std::string pattern = ::testing::TempDir() + "/outrigger-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~MadeFolder() { std::filesystem::remove_all(path_); }

  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

  const std::string& path() const { return path_; }

  // Writes a file below the folder, in place, and the folders on the way.
  void Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path file = path_ + "/" + name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::trunc) << content;
  }

 private:
  std::string path_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_MADE_FOLDER_H_
