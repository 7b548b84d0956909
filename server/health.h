// grpc.health.v1.Health: the whole node (""), each service by its full name, each chip as "chip/0".
//
// Compiled from Debian's health.proto instead of gRPC's built-in one, so that reflection shows it. Callbacks; any thread.
// A watcher is told at once, then at each change; names not known yet are SERVICE_UNKNOWN.
#ifndef L3LINK_SERVER_HEALTH_H_
#define L3LINK_SERVER_HEALTH_H_

#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace l3link {

class HealthWatcher;

class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  using ServingStatus = grpc::health::v1::HealthCheckResponse;

  void Set(const std::string& name, bool serving);
  // Nothing serves any more, whatever Set says from now on; every watcher is told, and then its call ends.
  void StopServing();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  friend class HealthWatcher;

  grpc::health::v1::HealthCheckResponse::ServingStatus StatusOfLocked(const std::string& name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellWatchers() ABSL_LOCKS_EXCLUDED(mu_);
  void Forget(HealthWatcher* watcher) ABSL_LOCKS_EXCLUDED(mu_);

  absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::map<std::string, bool> serving_ ABSL_GUARDED_BY(mu_);
  std::set<HealthWatcher*> watchers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace l3link

#endif  // L3LINK_SERVER_HEALTH_H_
