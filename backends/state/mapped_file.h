// A private file, mapped whole, backed page by page: under a simulated chip's arena, and under a chip's journal.
//
// Sparse: pages are taken by Commit, so that a full file system is an error and not a SIGBUS. Stays where it is when this
// object goes; Remove takes it away.
#ifndef L3LINK_BACKENDS_STATE_MAPPED_FILE_H_
#define L3LINK_BACKENDS_STATE_MAPPED_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace l3link {

class MappedFile {
 public:
  // A new one of zeros, in an existing private folder. An older file at the path is removed, so that whoever still maps it hurts
  // nobody. PERMISSION_DENIED where what lies there is not ours to remove.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Create(const std::string& path, uint64_t bytes);
  // The one that is there, of whatever size. NOT_FOUND; PERMISSION_DENIED where it is a link, somebody else's, for others to
  // write, or linked twice.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Open(const std::string& path);
  ~MappedFile();

  absl::Span<std::byte> memory() const { return memory_; }
  const std::string& path() const { return path_; }

  // Zeroed pages. STATE_SPACE_FULL when the file system has no room.
  absl::Status Commit(uint64_t offset, uint64_t bytes);
  void Decommit(uint64_t offset, uint64_t bytes);

  // Empty while the file is whole and in its place.
  std::string Fault() const;
  // From its path, unless something else lies there by now. The mapping stays.
  void Remove();

 private:
  MappedFile(std::string path, int fd, absl::Span<std::byte> memory)
      : path_(std::move(path)), fd_(fd), memory_(memory) {}
  static absl::StatusOr<std::unique_ptr<MappedFile>> Map(const std::string& path, int fd, uint64_t bytes);

  const std::string path_;
  const int fd_;
  const absl::Span<std::byte> memory_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_STATE_MAPPED_FILE_H_
