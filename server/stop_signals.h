// SIGTERM and SIGINT as calls on a thread of their own.
//
// Made by main before any other thread, so that every thread has the two blocked.
#ifndef L3LINK_SERVER_STOP_SIGNALS_H_
#define L3LINK_SERVER_STOP_SIGNALS_H_

#include <functional>
#include <string>
#include <thread>

namespace l3link {

class StopSignals {
 public:
  StopSignals();
  ~StopSignals();

  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until the first signal; its name.
  std::string WaitForFirst();
  // Calls `action` at each signal from now on, on this object's thread. Once.
  void OnFurther(std::function<void()> action);
  // No more calls: the action is not running, and never will. Signals stay blocked.
  void Ignore();

 private:
  void Run();

  int signal_fd_;
  int stop_fd_;
  std::function<void()> action_;
  std::thread thread_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_STOP_SIGNALS_H_
