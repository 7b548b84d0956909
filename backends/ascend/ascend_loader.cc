#include "backends/ascend/ascend_loader.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/ascend/whole_library.h"

namespace l3link {
namespace {

constexpr const char* kHalSymbols[] = {"halHostRegister", "halHostUnregister"};
constexpr const char* kAclSymbols[] = {"aclInit", "aclrtGetDevice", "aclrtSetDevice", "aclrtMalloc", "aclrtFree"};

std::vector<std::string> HalPlaces(const std::string& asked) {
  if (!asked.empty()) return {asked};
  return {"libascend_hal.so", "/usr/local/Ascend/driver/lib64/driver/libascend_hal.so",
          "/usr/local/Ascend/driver/lib64/libascend_hal.so"};
}

std::vector<std::string> AclPlaces(const std::string& asked) {
  if (!asked.empty()) return {asked};
  std::vector<std::string> places = {"libascendcl.so"};
  const char* home = std::getenv("ASCEND_HOME_PATH");
  if (home != nullptr && home[0] == '/') places.push_back(absl::StrCat(home, "/lib64/libascendcl.so"));
  places.push_back("/usr/local/Ascend/ascend-toolkit/latest/lib64/libascendcl.so");
  return places;
}

absl::Status Missing(absl::string_view what, const absl::Status& tried, absl::string_view remedy) {
  return absl::NotFoundError(absl::StrCat("no usable ", what, " (", tried.message(), "); ", remedy));
}

absl::Status CheckLoaded(const std::string& asked, const std::string& loaded) {
  if (asked.empty() || asked == loaded) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(asked, " cannot be used: this process has loaded ", loaded, " for its chips already"));
}

template <typename Function>
void Assign(Function* function, void* symbol) {
  *function = reinterpret_cast<Function>(symbol);
}

}  // namespace

AscendLoader& AscendLoader::OfProcess() {
  static auto* const loader = new AscendLoader();  // never destroyed: chips may outlive static objects
  return *loader;
}

absl::StatusOr<const AscendApi*> AscendLoader::Load(const AscendOptions& options) {
  const AscendApi* api = whole_.load(std::memory_order_acquire);  // pairs with the release below
  if (api == nullptr) {
    std::lock_guard<std::mutex> lock(mutex_);
    api = whole_.load(std::memory_order_relaxed);
    if (api == nullptr) {
      absl::Status status = LoadHalLocked(options);
      if (status.ok()) status = LoadAclLocked(options);
      if (!status.ok()) return status;
      const int code = api_.acl_init(nullptr);
      if (code != 0 && code != kAclRepeatInitialize)
        return absl::UnavailableError(absl::StrCat("aclInit of ", api_.acl_place, " failed with ", code));
      whole_.store(&api_, std::memory_order_release);  // the symbols and places before it
      return &api_;
    }
  }
  absl::Status status = CheckLoaded(options.hal_library, api->hal_place);
  if (status.ok()) status = CheckLoaded(options.acl_library, api->acl_place);
  if (!status.ok()) return status;
  return api;
}

absl::Status AscendLoader::LoadHalLocked(const AscendOptions& options) {
  if (!api_.hal_place.empty()) return CheckLoaded(options.hal_library, api_.hal_place);
  absl::StatusOr<WholeLibrary> hal = LoadWholeLibrary(HalPlaces(options.hal_library), kHalSymbols);
  if (!hal.ok()) {
    return Missing(
        "libascend_hal.so", hal.status(),
        "install the driver, add its folder to LD_LIBRARY_PATH, or name the file: l3linkd --ascend-hal FILE, "
        "context option ascend_hal=FILE");
  }
  Assign(&api_.host_register, hal->symbols[0]);
  Assign(&api_.host_unregister, hal->symbols[1]);
  api_.hal_place = std::move(hal->place);
  return absl::OkStatus();
}

absl::Status AscendLoader::LoadAclLocked(const AscendOptions& options) {
  if (!api_.acl_place.empty()) return CheckLoaded(options.acl_library, api_.acl_place);
  absl::StatusOr<WholeLibrary> acl = LoadWholeLibrary(AclPlaces(options.acl_library), kAclSymbols);
  if (!acl.ok()) {
    return Missing("libascendcl.so", acl.status(),
                   "install the toolkit, source its set_env.sh, or name the file: l3linkd --ascend-acl FILE, context "
                   "option ascend_acl=FILE");
  }
  Assign(&api_.acl_init, acl->symbols[0]);
  Assign(&api_.get_device, acl->symbols[1]);
  Assign(&api_.set_device, acl->symbols[2]);
  Assign(&api_.malloc, acl->symbols[3]);
  Assign(&api_.free, acl->symbols[4]);
  api_.acl_place = std::move(acl->place);
  return absl::OkStatus();
}

}  // namespace l3link
