#include "tests/fuzz/fresh_memory.h"

#include <sanitizer/asan_interface.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "backends/abi/base.h"
#include "tests/fuzz/load_hooks.h"

namespace l3link::fuzz {
namespace {

FreshMemory* watched = nullptr;

void OnLoad(const void* at, size_t bytes) { watched->OnLoad(at, bytes); }

}  // namespace

FreshMemory::FreshMemory(size_t bytes)
    : bytes_(bytes), base_(static_cast<std::byte*>(std::aligned_alloc(L3_PAGE_BYTES, bytes))) {
  std::memset(base_, 0, bytes);
}

FreshMemory::~FreshMemory() {
  Rest();
  ASAN_UNPOISON_MEMORY_REGION(base_, bytes_);
  std::free(base_);
}

void FreshMemory::Forbid(size_t offset, size_t bytes) { ASAN_POISON_MEMORY_REGION(base_ + offset, bytes); }

void FreshMemory::Watch(Lie lie) {
  lie_ = std::move(lie);
  loads_.clear();
  watched = this;
  SetLoadListener(&l3link::fuzz::OnLoad);
}

void FreshMemory::Rest() {
  Undo();
  SetLoadListener(nullptr);
}

// Unless the host has stored there since: then that is what is there.
void FreshMemory::Undo() {
  if (lied_bytes_ == 0) return;
  uint64_t now = 0;
  std::memcpy(&now, base_ + lied_at_, lied_bytes_);
  if (now == lied_) std::memcpy(base_ + lied_at_, &honest_, lied_bytes_);
  lied_bytes_ = 0;
}

void FreshMemory::OnLoad(const void* at, size_t bytes) {
  const auto* place = static_cast<const std::byte*>(at);
  if (place < base_ || place >= base_ + bytes_) return;
  Undo();
  const size_t offset = place - base_;
  loads_.push_back(offset);
  if (offset + bytes > bytes_ || bytes > sizeof(uint64_t)) return;  // the load itself is for AddressSanitizer
  uint64_t value = 0;
  std::memcpy(&value, place, bytes);
  const uint64_t honest = value;
  if (!lie_(offset, bytes, &value)) return;
  std::memcpy(base_ + offset, &value, bytes);
  honest_ = honest;
  lied_ = 0;
  std::memcpy(&lied_, base_ + offset, bytes);
  lied_at_ = offset;
  lied_bytes_ = bytes;
  if (lied_ != honest_) ++lies_;
}

}  // namespace l3link::fuzz
