#include "server/channel/find_channel.h"

#include <utility>

#include "server/channel/lane_state.h"
#include "server/convert.h"

namespace l3link {

absl::StatusOr<std::shared_ptr<HostChannel>> FindChannel(ChipWorker& worker, const v1::ChannelId& id) {
  return worker.objects().FindChannel(id.name(), id.generation());
}

absl::StatusOr<NamedLane> FindLane(ChipWorker& worker, const v1::ChannelId& id, v1::Direction direction,
                                   uint32_t lane) {
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = FindChannel(worker, id);
  if (!channel.ok()) return channel.status();
  absl::StatusOr<Direction> which = DirectionOf(direction);
  if (!which.ok()) return which.status();
  absl::Status exists = CheckLane(**channel, *which, lane);
  if (!exists.ok()) return exists;
  return NamedLane{*std::move(channel), *which, lane};
}

}  // namespace l3link
