// Folders and files that are this user's alone: made, and looked at with care before they are believed.
//
// Called by MappedFile and the platforms. Nothing here follows a link.
#ifndef L3LINK_BACKENDS_STATE_PRIVATE_FOLDER_H_
#define L3LINK_BACKENDS_STATE_PRIVATE_FOLDER_H_

#include <sys/stat.h>

#include <string>

#include "absl/status/status.h"

namespace l3link {

// A folder that is ours alone, mode 0700, made where it is not there; its parents too. Refuses symbolic links, other owners
// and folders that others may write, with the path and the reason.
absl::Status MakePrivateFolder(const std::string& path);

// Whether `found` is a file that only we could have put there: regular, ours, not for others to write, with one name.
// PERMISSION_DENIED names path and reason.
absl::Status CheckPrivateFile(const struct stat& found, const std::string& path);

// Removes what lies at the path, if it is such a file; nothing there is well too.
absl::Status RemovePrivateFile(const std::string& path);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_STATE_PRIVATE_FOLDER_H_
