// A fresh folder in shared memory, mode 0700, removed with everything below it at the end.
#ifndef L3LINK_TESTS_SUPPORT_TEMP_DIR_H_
#define L3LINK_TESTS_SUPPORT_TEMP_DIR_H_

#include <string>

namespace l3link {

class TempDir {
 public:
  // Below `parent`; aborts when that is impossible.
  explicit TempDir(const std::string& parent = "/dev/shm");
  ~TempDir();

  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The whole of a file; empty when it cannot be read.
std::string ReadFileOrEmpty(const std::string& path);
void WriteFile(const std::string& path, const std::string& text);

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_TEMP_DIR_H_
