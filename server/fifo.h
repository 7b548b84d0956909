// First in, first out, without memory of its own until the first comes: std::deque takes half a KiB when it is made, and of
// every idle stream there are several.
//
// Not synchronized.
#ifndef L3LINK_SERVER_FIFO_H_
#define L3LINK_SERVER_FIFO_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace l3link {

template <typename T>
class Fifo {
 public:
  bool empty() const { return size() == 0; }
  size_t size() const { return items_.size() - gone_; }
  // Of one that is not empty. Valid until the next Push or Pop.
  T& front() { return items_[gone_]; }
  T& back() { return items_.back(); }

  void Push(T item) { items_.push_back(std::move(item)); }
  // What the first one held is let go at once.
  void Pop() {
    items_[gone_++] = T();
    if (gone_ == items_.size()) {
      items_.clear();
      gone_ = 0;
    } else if (gone_ >= kMostGone && gone_ >= size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(gone_));
      gone_ = 0;
    }
  }

 private:
  static constexpr size_t kMostGone = 32;  // places at the front stay until there are so many, and half of all

  std::vector<T> items_;
  size_t gone_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_FIFO_H_
