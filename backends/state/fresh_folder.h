// A folder in memory for what shall not outlive its process, under a name of its own. Used by the runtime and the test kit.
#ifndef L3LINK_BACKENDS_STATE_FRESH_FOLDER_H_
#define L3LINK_BACKENDS_STATE_FRESH_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"

namespace l3link {

// Makes KIND-UID.XXXXXX in /dev/shm, or where that cannot be written in the folder for temporary files; mode 0700. The caller takes
// a FileLock on folder + lock_name ("/lock") at once, and removes the folder when it is done. Who was killed could not: folders of
// this kind and user whose lock is there, more than a minute old, and free, are removed first.
absl::StatusOr<std::string> MakeFreshFolder(const std::string& kind, const std::string& lock_name);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_STATE_FRESH_FOLDER_H_
