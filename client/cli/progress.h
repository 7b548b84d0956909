// Progress of something long, on stderr: a bar that redraws itself on a terminal, else a line now and then.
#ifndef L3LINK_CLIENT_CLI_PROGRESS_H_
#define L3LINK_CLIENT_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace l3link::cli {

// One at a time, on one thread. Counts messages or bytes; draws at most ten times a second.
class Progress {
 public:
  enum class Unit { kMessages, kBytes };
  // What to do where `file` is no terminal.
  enum class Otherwise { kNothing, kLines };

  Progress(std::FILE* file, std::string label, uint64_t total, Unit unit, Otherwise otherwise);
  // Removes the bar, so that what is printed next stands where it stood.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Update(uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* const file_;
  const std::string label_;
  const uint64_t total_;
  const Unit unit_;
  const bool terminal_;
  const bool silent_;
  const Clock::time_point began_;
  Clock::time_point drawn_;
  bool shown_ = false;
};

// "checksum  [=====>     ]  52 %  520,000 of 1,000,000  812,000/s". `columns` is the bar's width; 0 leaves the bar out.
std::string ProgressLine(const std::string& label, uint64_t done, uint64_t total, double seconds, Progress::Unit unit,
                         int columns);

// "1234567" -> "1,234,567"
std::string GroupDigits(uint64_t number);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_PROGRESS_H_
