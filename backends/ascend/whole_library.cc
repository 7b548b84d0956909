#include "backends/ascend/whole_library.h"

#include <dlfcn.h>

#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace l3link {
namespace {

struct CloseLibrary {
  void operator()(void* handle) const { dlclose(handle); }
};

std::string LoaderError() {
  const char* error = dlerror();
  return error == nullptr ? "unknown error" : error;
}

// What there is to say of a place, which the loader's words mostly name too.
std::string At(const std::string& place, const std::string& wrong) {
  return absl::StartsWith(wrong, place) ? wrong : absl::StrCat(place, ": ", wrong);
}

absl::StatusOr<std::vector<void*>> LoadFrom(const std::string& place, absl::Span<const char* const> names) {
  std::unique_ptr<void, CloseLibrary> library(dlopen(place.c_str(), RTLD_NOW | RTLD_GLOBAL));
  if (library == nullptr) return absl::NotFoundError(LoaderError());
  std::vector<void*> symbols;
  for (const char* name : names) {
    symbols.push_back(dlsym(library.get(), name));
    if (symbols.back() == nullptr) return absl::NotFoundError(absl::StrCat("lacks ", name));
  }
  library.release();
  return symbols;
}

}  // namespace

absl::StatusOr<WholeLibrary> LoadWholeLibrary(absl::Span<const std::string> places,
                                              absl::Span<const char* const> symbols) {
  std::vector<std::string> wrong;
  for (const std::string& place : places) {
    absl::StatusOr<std::vector<void*>> found = LoadFrom(place, symbols);
    if (found.ok()) return WholeLibrary{place, *std::move(found)};
    wrong.push_back(At(place, std::string(found.status().message())));
  }
  return absl::NotFoundError(absl::StrJoin(wrong, "; "));
}

}  // namespace l3link
