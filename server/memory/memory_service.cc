#include "server/memory/memory_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/errors.h"
#include "server/listen/peer.h"
#include "server/memory/journal/memory_journal.h"
#include "server/memory/memory_stream.h"
#include "server/memory/memory_streams.h"
#include "server/memory/region_convert.h"
#include "server/memory/region_hub.h"
#include "server/memory/transfer_calls.h"
#include "server/memory/wait_reactor.h"

namespace l3link {
namespace {

constexpr int kListedValues = 256;
// Smaller ones cost more wake-ups, larger ones leave the processor's second cache, and others on the queue wait for one.
constexpr uint64_t kReadPieceBytes = 512 << 10;

grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(status));
  return reactor;
}

bool HoldsFor(const std::vector<Condition>& conditions, const std::vector<uint64_t>& values, Combine combine) {
  for (size_t i = 0; i < conditions.size(); ++i) {
    const bool holds = Holds(conditions[i], values[i]);
    if (holds != (combine == Combine::kAll)) return holds;
  }
  return combine == Combine::kAll;
}

}  // namespace

// Outlives the service in the node's list of drain actions, which knows it weakly.
struct MemoryService::Live {
  Live(Node* node, RegionHub* hub, MemoryJournal* journal) : streams(node, hub, journal) {}

  MemoryStreams streams;
  LiveWaits waits;
};

MemoryService::MemoryService(Node* node, MemoryJournal* journal)
    : node_(*node),
      journal_(journal),
      hub_(std::make_unique<RegionHub>(node)),
      live_(std::make_shared<Live>(node, hub_.get(), journal)) {
  if (journal != nullptr) Restore();
  node_.OnDraining([node, weak = std::weak_ptr<Live>(live_)](MonoTime deadline) {
    std::shared_ptr<Live> live = weak.lock();
    if (live == nullptr) return;
    live->waits.EndAll(node->CheckNotDraining());
    live->streams.StartDraining(deadline);
  });
}

// Sessions first: of a chip's notifies at most the newest is open, and it is in one of the two.
void MemoryService::Restore() {
  live_->streams.sessions().Restore(journal_->Sessions(), [this](const SessionHot& open) {
    return open.worker_id < hub_->workers().size() &&
           hub_->workers()[open.worker_id]->StoreAgain(open.generation, open.signal, open.value);
  });
  for (const auto& worker : hub_->workers()) {
    if (absl::Status status = worker->Restore(journal_); !status.ok()) spdlog::error("notifies: {}", status.ToString());
  }
}

// What is remembered is of use only to who works on a region that is there.
MemoryService::~MemoryService() {
  if (journal_ == nullptr) return;
  for (const auto& worker : hub_->workers()) {
    if (worker->AnyOpen()) return;
  }
  journal_->Remove();
}

void MemoryService::StartStreams(QueuePool* pool) {
  acceptor_ = std::make_unique<MemoryStreamAcceptor>(
      this, pool, [this](MemoryStreamCall& call) { return std::make_unique<MemoryStream>(call, &live_->streams); });
  acceptor_->Start();
  notify_acceptor_ =
      std::make_unique<NotifyAcceptor>(this, &MemoryServiceBase::RequestNotify, pool,
                                       [this](const v1::NotifyRequest& request, v1::NotifyResponse* response) {
                                         return ToGrpc(NotifyNow(request, response));
                                       });
  notify_acceptor_->Start();
  const uint64_t piece_bytes = std::min<uint64_t>(kReadPieceBytes, node_.limits().max_frame_bytes);
  transfers_ = std::make_unique<Transfers>(Transfers{this, pool, hub_.get(), piece_bytes});
  transfers_->Start();
}

grpc::ServerUnaryReactor* MemoryService::OpenRegion(grpc::CallbackServerContext* context,
                                                    const v1::OpenRegionRequest* request,
                                                    v1::OpenRegionResponse* response) {
  if (absl::Status serving = node_.CheckNotDraining(); !serving.ok()) return Answer(context, serving);
  absl::StatusOr<WorkerRegions*> worker = hub_->FindWorker(request->worker_id());
  if (!worker.ok()) return Answer(context, worker.status());
  absl::StatusOr<v1::OpenRegionResponse> opened = (*worker)->Open(request->name(), request->config());
  if (!opened.ok()) return Answer(context, opened.status());
  *response = *std::move(opened);
  if (response->created()) {
    spdlog::info("{} opened by {}, {} bytes", RegionLabel(request->worker_id(), response->region().id().name()),
                 PeerLabel(context->peer()), response->region().config().data_bytes());
  }
  return Answer(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* MemoryService::GetRegion(grpc::CallbackServerContext* context,
                                                   const v1::GetRegionRequest* request,
                                                   v1::GetRegionResponse* response) {
  absl::StatusOr<WorkerRegions*> worker = hub_->FindWorker(request->region().worker_id());
  if (!worker.ok()) return Answer(context, worker.status());
  absl::StatusOr<v1::Region> region = (*worker)->Describe(request->region().name(), request->region().generation());
  if (region.ok()) *response->mutable_region() = *std::move(region);
  return Answer(context, region.status());
}

grpc::ServerUnaryReactor* MemoryService::ListRegions(grpc::CallbackServerContext* context,
                                                     const v1::ListRegionsRequest* request,
                                                     v1::ListRegionsResponse* response) {
  if (request->has_worker_id()) {
    absl::StatusOr<WorkerRegions*> worker = hub_->FindWorker(request->worker_id());
    if (worker.ok()) (*worker)->DescribeAll(kListedValues, response->mutable_regions());
    return Answer(context, worker.status());
  }
  for (const std::unique_ptr<WorkerRegions>& worker : hub_->workers()) {
    worker->DescribeAll(kListedValues, response->mutable_regions());
  }
  return Answer(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* MemoryService::CloseRegion(grpc::CallbackServerContext* context,
                                                     const v1::CloseRegionRequest* request, v1::CloseRegionResponse*) {
  absl::StatusOr<WorkerRegions*> worker = hub_->FindWorker(request->region().worker_id());
  if (!worker.ok()) return Answer(context, worker.status());
  const absl::Status closed = (*worker)->Close(request->region().name(), request->region().generation());
  if (closed.ok()) {
    spdlog::info("{} closed by {}", RegionLabel(request->region().worker_id(), request->region().name()),
                 PeerLabel(context->peer()));
  }
  return Answer(context, closed);
}

absl::Status MemoryService::NotifyNow(const v1::NotifyRequest& request, v1::NotifyResponse* response) {
  const std::string& id = request.request_id();
  if (absl::Status legal = CheckRequestId(id); !legal.ok()) return legal;
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = hub_->Find(request.region());
  if (!region.ok()) return region.status();
  if (!request.has_notify()) return BadField("notify", "absent", "a signal, an op and a value");
  absl::StatusOr<Notification> notify = NotificationOf(request.notify());
  if (!notify.ok()) return notify.status();
  absl::StatusOr<uint64_t> value =
      id.empty() ? (*region)->Notify(*notify, nullptr) : (*region)->NotifyOnce(*notify, id);
  if (value.ok()) response->set_value(*value);
  return value.status();
}

grpc::ServerUnaryReactor* MemoryService::Test(grpc::CallbackServerContext* context, const v1::TestRequest* request,
                                              v1::TestResponse* response) {
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = hub_->Find(request->region());
  if (!region.ok()) return Answer(context, region.status());
  absl::StatusOr<std::vector<Condition>> conditions =
      ConditionsOf(request->conditions(), node_.limits().max_conditions);
  if (!conditions.ok()) return Answer(context, conditions.status());
  absl::StatusOr<Combine> combine = CombineOf(request->combine());
  if (!combine.ok()) return Answer(context, combine.status());
  absl::StatusOr<std::vector<uint64_t>> values = (*region)->Values(*conditions);
  if (!values.ok()) return Answer(context, values.status());
  response->set_satisfied(HoldsFor(*conditions, *values, *combine));
  response->mutable_values()->Add(values->begin(), values->end());
  return Answer(context, absl::OkStatus());
}

grpc::ServerUnaryReactor* MemoryService::Wait(grpc::CallbackServerContext* context, const v1::WaitRequest* request,
                                              v1::WaitResponse* response) {
  if (absl::Status serving = node_.CheckNotDraining(); !serving.ok()) return Answer(context, serving);
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = hub_->Find(request->region());
  if (!region.ok()) return Answer(context, region.status());
  return WaitReactor::Start(context, *request, response, *std::move(region), &node_, &live_->waits);
}

}  // namespace l3link
