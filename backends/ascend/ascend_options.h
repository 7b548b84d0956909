// Which libraries drive the real chips of a node. Plain values, the same for all of them.
#ifndef L3LINK_BACKENDS_ASCEND_ASCEND_OPTIONS_H_
#define L3LINK_BACKENDS_ASCEND_ASCEND_OPTIONS_H_

#include <string>

namespace l3link {

// Each a path, or a name for the dynamic loader to find. Empty: looked for by its usual name, then in its usual places.
struct AscendOptions {
  std::string hal_library;  // libascend_hal.so, of the driver
  std::string acl_library;  // libascendcl.so, of the toolkit
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_ASCEND_OPTIONS_H_
