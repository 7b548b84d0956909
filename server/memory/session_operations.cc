// MemorySession's operations: write, notify, read, in order and at most once for an op_sequence.
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/memory/memory_session.h"
#include "server/memory/region_convert.h"

namespace l3link {
namespace {

absl::Status Superseded(const SessionRecord& session) {
  return Refuse(Reason::kSESSION_SUPERSEDED,
                absl::StrCat("session ", session.session_id, " attached again on a newer stream"),
                {{"session_id", session.session_id}});
}

absl::Status Gap(uint64_t expected, uint64_t op_sequence) {
  return Refuse(Reason::kSEQUENCE_GAP, absl::StrCat("op_sequence ", op_sequence, " where ", expected, " was expected"),
                {{"expected", absl::StrCat(expected)}, {"first_sequence", absl::StrCat(op_sequence)}});
}

absl::Status Forgotten(uint64_t op_sequence) {
  return Refuse(Reason::kOUTCOME_UNKNOWN,
                absl::StrCat("operation ", op_sequence, " was done before, and its result is no longer kept (the last ",
                             OperationLog::kRemembered, " are)"),
                {{"op_sequence", absl::StrCat(op_sequence)}});
}

absl::optional<Notification> Without() { return absl::nullopt; }

}  // namespace

absl::Status MemorySession::RunOperation(const v1::Operation& operation) {
  const uint64_t sequence = operation.op_sequence();
  SessionRecord& record = *session_.record;
  std::string data;
  OperationLog::Result result;
  {
    absl::MutexLock lock(&record.mu);
    if (record.newest_stream != session_.stream) return Superseded(record);
    const uint64_t next = record.log.next_sequence();
    if (sequence > next) return Gap(next, sequence);
    if (sequence == 0) {
      result = Do(operation, &data);
    } else if (sequence == next) {
      const absl::Status kept = session_.table->KeepLog(record);
      result = kept.ok() ? Do(operation, &data) : OperationLog::Result{kept, absl::nullopt, operation.has_read()};
      record.log.Append(result);
    } else if (absl::optional<OperationLog::Result> before = record.log.Find(sequence)) {
      result = *std::move(before);
      if (result.was_read && result.status.ok()) result = Do(operation, &data);
    } else {
      result = {Forgotten(sequence), absl::nullopt, false};
    }
  }
  PutResult(sequence, result, std::move(data));
  return absl::OkStatus();
}

// Only one that has a sequence can be asked for again.
NotifyWitness* MemorySession::WitnessOf(const v1::Operation& operation, const RegionPort& region) {
  SessionJournal* const journal = operation.op_sequence() == 0 ? nullptr : session_.record->log.journal();
  if (journal != nullptr) journal->Aim(region.worker_id());
  return journal;
}

OperationLog::Result MemorySession::Do(const v1::Operation& operation, std::string* data) {
  OperationLog::Result result;
  result.was_read = operation.has_read();
  absl::StatusOr<RegionPort*> region = RegionOf(operation.region_index(), "operation.region_index");
  absl::StatusOr<uint64_t> value = region.ok() ? DoKind(operation, **region, data) : region.status();
  result.status = value.status();
  const bool notified = operation.has_notify() || (operation.has_write() && operation.write().has_notify());
  if (value.ok() && notified) result.signal_value = *value;
  return result;
}

absl::StatusOr<uint64_t> MemorySession::DoKind(const v1::Operation& operation, RegionPort& region, std::string* data) {
  if (operation.has_write()) {
    const v1::WriteOperation& write = operation.write();
    if (write.data().size() > limits_.max_frame_bytes) {
      return BadField("write.data", absl::StrCat(write.data().size(), " bytes"),
                      absl::StrCat("at most max_frame_bytes ", limits_.max_frame_bytes));
    }
    if (!write.has_notify()) return region.Write(write.offset(), write.data(), Without(), nullptr);
    absl::StatusOr<Notification> notify = NotificationOf(write.notify());
    if (!notify.ok()) return notify.status();
    return region.Write(write.offset(), write.data(), *notify, WitnessOf(operation, region));
  }
  if (operation.has_notify()) {
    absl::StatusOr<Notification> notify = NotificationOf(operation.notify());
    return notify.ok() ? region.Notify(*notify, WitnessOf(operation, region)) : notify.status();
  }
  if (operation.has_read()) {
    if (operation.read().length() > limits_.max_frame_bytes) {
      return BadField("read.length", absl::StrCat(operation.read().length()),
                      absl::StrCat("at most max_frame_bytes ", limits_.max_frame_bytes));
    }
    if (absl::Status done = region.Read(operation.read().offset(), operation.read().length(), data); !done.ok()) {
      data->clear();
      return done;
    }
    return 0;
  }
  return Refuse(Reason::kMALFORMED_FRAME, "an operation with nothing in it: write, notify or read expected");
}

void MemorySession::PutResult(uint64_t op_sequence, const OperationLog::Result& result, std::string data) {
  v1::MemoryServiceStreamResponse frame;
  v1::OperationResult& out = *frame.mutable_result();
  out.set_op_sequence(op_sequence);
  out.set_code(static_cast<uint32_t>(result.status.code()));
  if (!result.status.ok()) {
    out.set_message(std::string(result.status.message()));
    if (absl::optional<Refusal> refusal = RefusalOf(result.status)) out.set_reason(std::string(refusal->row->name));
  }
  if (result.signal_value.has_value()) out.set_signal_value(*result.signal_value);
  out.set_data(std::move(data));
  results_.Put(std::move(frame));
}

}  // namespace l3link
