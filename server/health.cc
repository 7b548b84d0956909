#include "server/health.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/types/optional.h"

namespace l3link {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch call. The service knows it from its start until OnDone; the newest status is written, those in between are
// skipped. Its fields are guarded by the service's lock; gRPC is called without it.
class HealthWatcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  HealthWatcher(HealthService* service, std::string name) : service_(service), name_(std::move(name)) {}

  // Writes or finishes what is due. Any thread, no lock held.
  void Proceed() {
    bool write = false, finish = false;
    {
      absl::MutexLock lock(&service_->mu_);
      const auto status = service_->StatusOfLocked(name_);
      if (writing_ || finished_) return;
      if (!told_ || *told_ != status) {
        told_ = status;
        response_.set_status(status);
        write = writing_ = true;
      } else if (service_->stopped_ || cancelled_) {
        finish = finished_ = true;
      }
    }
    if (write) StartWrite(&response_);
    if (finish) Finish(grpc::Status::OK);
  }

  void OnWriteDone(bool ok) override {
    {
      absl::MutexLock lock(&service_->mu_);
      writing_ = false;
      if (!ok) cancelled_ = true;
    }
    Proceed();
  }

  void OnCancel() override {
    {
      absl::MutexLock lock(&service_->mu_);
      cancelled_ = true;
    }
    Proceed();
  }

  void OnDone() override {
    service_->Forget(this);
    Unref();
  }

  // The call holds one reference, and whoever walks the watchers outside the lock another.
  void Ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  HealthService* const service_;
  const std::string name_;
  HealthCheckResponse response_;
  bool writing_ = false;
  bool finished_ = false;
  bool cancelled_ = false;
  absl::optional<HealthCheckResponse::ServingStatus> told_;
  std::atomic<int> refs_{1};
};

void HealthService::Set(const std::string& name, bool serving) {
  {
    absl::MutexLock lock(&mu_);
    const auto [entry, added] = serving_.emplace(name, serving);
    if (!added && entry->second == serving) return;
    entry->second = serving;
  }
  TellWatchers();
}

void HealthService::StopServing() {
  {
    absl::MutexLock lock(&mu_);
    stopped_ = true;
  }
  TellWatchers();
}

void HealthService::TellWatchers() {
  std::vector<HealthWatcher*> watchers;
  {
    absl::MutexLock lock(&mu_);
    watchers.assign(watchers_.begin(), watchers_.end());
    for (HealthWatcher* watcher : watchers) watcher->Ref();
  }
  for (HealthWatcher* watcher : watchers) {
    watcher->Proceed();
    watcher->Unref();
  }
}

HealthCheckResponse::ServingStatus HealthService::StatusOfLocked(const std::string& name) const {
  const auto found = serving_.find(name);
  if (found == serving_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return found->second && !stopped_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context, const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  {
    absl::MutexLock lock(&mu_);
    response->set_status(StatusOfLocked(request->service()));
  }
  if (response->status() == HealthCheckResponse::SERVICE_UNKNOWN) {
    reactor->Finish(grpc::Status(grpc::NOT_FOUND, "no service or chip named '" + request->service() + "'"));
  } else {
    reactor->Finish(grpc::Status::OK);
  }
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(grpc::CallbackServerContext*,
                                                                    const HealthCheckRequest* request) {
  auto* watcher = new HealthWatcher(this, request->service());
  {
    absl::MutexLock lock(&mu_);
    watchers_.insert(watcher);
  }
  watcher->Proceed();
  return watcher;  // gRPC holds back what was started, and OnDone, until it has this
}

void HealthService::Forget(HealthWatcher* watcher) {
  absl::MutexLock lock(&mu_);
  watchers_.erase(watcher);
}

}  // namespace l3link
