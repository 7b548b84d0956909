#include "backends/sim/chip/user_program.h"

#include <dlfcn.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace l3link {

bool UserProgram::IsPath(const std::string& program) {
  return absl::StrContains(program, '/') || absl::EndsWith(program, ".so");
}

absl::StatusOr<UserProgram> UserProgram::Load(const std::string& path, const std::vector<std::string>& arguments) {
  // A bare name would be looked for in the library path, not here.
  const std::string file = absl::StrContains(path, '/') ? path : absl::StrCat("./", path);
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return absl::NotFoundError(absl::StrCat("cannot load chip program: ", dlerror()));
  void* symbol = dlsym(handle, "l3_program_main");
  if (symbol == nullptr) {
    dlclose(handle);
    return absl::NotFoundError(absl::StrCat(
        path, " has no function l3_program_main: define int l3_program_main(struct l3_chip*, int, char**)"));
  }
  std::vector<std::string> all = {path};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return UserProgram(reinterpret_cast<Main>(symbol), std::move(all));
}

int UserProgram::Run(l3_chip* chip) {
  std::vector<char*> argv;
  for (std::string& argument : arguments_) argv.push_back(argument.data());
  argv.push_back(nullptr);
  return main_(chip, static_cast<int>(arguments_.size()), argv.data());
}

}  // namespace l3link
