// Makes a device the calling thread's current one for a scope, and then gives the thread back the one it had.
//
// The thread may be a host program's, in the middle of its own work on another device.
#ifndef L3LINK_BACKENDS_ASCEND_CURRENT_DEVICE_H_
#define L3LINK_BACKENDS_ASCEND_CURRENT_DEVICE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "backends/ascend/ascend_api.h"

namespace l3link {

class CurrentDevice {
 public:
  // `api` outlives it. Look at status() before relying on it.
  CurrentDevice(const AscendApi& api, int32_t device) : api_(api), device_(device) {
    had_one_ = api_.get_device(&before_) == 0;
    code_ = had_one_ && before_ == device_ ? 0 : api_.set_device(device_);
  }
  // Never resets a device: that would end the streams and memory of everybody in this process who uses it.
  ~CurrentDevice() {
    if (code_ == 0 && had_one_ && before_ != device_) api_.set_device(before_);
  }
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;

  absl::Status status() const {
    if (code_ == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("device ", device_, ": aclrtSetDevice failed with ", code_));
  }

 private:
  const AscendApi& api_;
  const int32_t device_;
  int32_t before_ = -1;
  bool had_one_ = false;
  int code_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_CURRENT_DEVICE_H_
