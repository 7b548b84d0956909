// Loads a shared library if it has everything that is needed of it, and otherwise leaves nothing loaded.
//
// Called by AscendLoader, on any thread; may block for as long as the library's constructors do.
#ifndef L3LINK_BACKENDS_ASCEND_WHOLE_LIBRARY_H_
#define L3LINK_BACKENDS_ASCEND_WHOLE_LIBRARY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace l3link {

struct WholeLibrary {
  std::string place;           // of those that were tried
  std::vector<void*> symbols;  // in the order asked for; none is null
};

// The first of `places` that has every symbol. It stays loaded for the process's life: its threads and exit handlers would be
// left without code. Its symbols are global, since the vendor's libraries look in each other for theirs. A library that lacks a
// symbol is closed again. NOT_FOUND says of each place what was wrong with it.
absl::StatusOr<WholeLibrary> LoadWholeLibrary(absl::Span<const std::string> places,
                                              absl::Span<const char* const> symbols);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_WHOLE_LIBRARY_H_
