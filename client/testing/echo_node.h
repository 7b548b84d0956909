// A node in the test's own process that breaks connections on command, which a real one cannot: one lane each way whose
// "chip" answers every message with the same bytes, and a region whose one signal the test and its notifies set.
//
// Only what the client's stream logic needs: sessions with their positions, windows, renewals; not leases of others, not
// frames in other forms. Synchronous handlers, a thread a stream. Any thread.
#ifndef L3LINK_CLIENT_TESTING_ECHO_NODE_H_
#define L3LINK_CLIENT_TESTING_ECHO_NODE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client/monitor.h"
#include "grpcpp/server.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "l3link/v1/memory.grpc.pb.h"
#include "l3link/v1/node.grpc.pb.h"

namespace l3link::client {

class EchoNode final : private v1::NodeService::Service,
                       private v1::ChannelService::Service,
                       private v1::MemoryService::Service {
 public:
  explicit EchoNode(std::string name = "echo-node");
  ~EchoNode() override;

  std::string target() const { return target_; }

  // Ends every stream that is open, as a lost connection would.
  void BreakStreams();
  // Every stream ends after so many further frames; 0: never.
  void BreakEvery(int frames);
  // What the next attaches are answered; OK: they are granted.
  void RefuseAttach(const grpc::Status& status);
  // Frames come in, but nothing is published or echoed.
  void HoldPublishing(bool hold);
  // Renewals stay unanswered.
  void MuteRenewals(bool mute);
  // Attaches come in and stay unanswered, as in a network that swallows the answers, until it ends or their call does.
  void HoldAttaches(bool hold);
  void SetTtl(int64_t milliseconds);
  void SetSignal(uint64_t value);
  // Operations are done, and stay unanswered.
  void HoldResults(bool hold);
  // Operations are refused so, and not done; empty: no more.
  void RefuseOperations(const std::string& reason);
  void ForgetSessions();

  int attaches() const;
  // Connections that attaches came over.
  int connections() const;
  int detaches() const;
  uint64_t signal() const;
  int unary_notifies() const;
  // What the last unary Notify had left of its deadline when it came.
  absl::Duration notify_deadline() const;
  int largest_frame_messages() const;

 private:
  using LaneCall = grpc::ServerReaderWriter<v1::StreamResponse, v1::StreamRequest>;
  using MemoryCall = grpc::ServerReaderWriter<v1::MemoryServiceStreamResponse, v1::MemoryServiceStreamRequest>;

  grpc::Status GetNode(grpc::ServerContext*, const v1::GetNodeRequest*, v1::GetNodeResponse* response) override;
  grpc::Status OpenChannel(grpc::ServerContext*, const v1::OpenChannelRequest*, v1::OpenChannelResponse*) override;
  // The stream goes on, as one that has not heard of it yet.
  grpc::Status CloseChannel(grpc::ServerContext*, const v1::CloseChannelRequest*, v1::CloseChannelResponse*) override;
  grpc::Status Stream(grpc::ServerContext* context, LaneCall* call) override;
  grpc::Status OpenRegion(grpc::ServerContext*, const v1::OpenRegionRequest*, v1::OpenRegionResponse*) override;
  grpc::Status Stream(grpc::ServerContext* context, MemoryCall* call) override;
  grpc::Status Notify(grpc::ServerContext* context, const v1::NotifyRequest* request, v1::NotifyResponse*) override;

  // Counts it, and waits while attaches are held. False: the call ended meanwhile.
  bool LetAttach(const grpc::ServerContext& context);
  grpc::Status Attach(const v1::Attach& attach, v1::Attached* attached);
  void Take(const v1::Messages& messages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the frame brings about, in order.
  std::deque<v1::StreamResponse> React(const v1::StreamRequest& frame, uint64_t epoch);
  bool BreakNow();
  uint64_t Change(const v1::Notification& notify) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AttachToRegion(const v1::MemoryAttach& attach, v1::MemoryAttached* attached);
  // False: no answer.
  bool Operate(const std::string& session_id, const v1::Operation& operation, v1::OperationResult* result);

  struct Echo {
    std::string payload;
    uint32_t route;
    uint64_t correlation_id;
  };

  const std::string name_;
  mutable Mutex mutex_;
  Condition released_;
  std::set<grpc::ServerContext*> open_ ABSL_GUARDED_BY(mutex_);
  uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t published_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t accepted_ ABSL_GUARDED_BY(mutex_) = 0;    // this attach's next expected
  uint64_t acked_ ABSL_GUARDED_BY(mutex_) = 0;       // of the echoes
  uint64_t delivered_ ABSL_GUARDED_BY(mutex_) = 0;   // on this attach
  std::deque<Echo> echoes_ ABSL_GUARDED_BY(mutex_);  // from acked_ on
  std::deque<Echo> held_ ABSL_GUARDED_BY(mutex_);
  std::string assembling_ ABSL_GUARDED_BY(mutex_);
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;
  bool mute_ ABSL_GUARDED_BY(mutex_) = false;
  int break_every_ ABSL_GUARDED_BY(mutex_) = 0;
  int until_break_ ABSL_GUARDED_BY(mutex_) = 0;
  int attaches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::string> peers_ ABSL_GUARDED_BY(mutex_);
  int detaches_ ABSL_GUARDED_BY(mutex_) = 0;
  bool hold_attaches_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration notify_deadline_ ABSL_GUARDED_BY(mutex_);
  int largest_frame_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t ttl_ms_ ABSL_GUARDED_BY(mutex_) = 30'000;
  uint64_t signal_ ABSL_GUARDED_BY(mutex_) = 0;
  int unary_notifies_ ABSL_GUARDED_BY(mutex_) = 0;
  bool hold_results_ ABSL_GUARDED_BY(mutex_) = false;
  std::string refused_operations_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<uint64_t>> sessions_ ABSL_GUARDED_BY(mutex_);  // results, from op_sequence 1 on
  grpc::Status refusal_ ABSL_GUARDED_BY(mutex_);
  std::string target_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_TESTING_ECHO_NODE_H_
