// What can be wrong between clients and their node. Plain names; any thread.
#ifndef L3LINK_TESTS_PARTITION_FAULT_H_
#define L3LINK_TESTS_PARTITION_FAULT_H_

namespace l3link::partition {

enum class Fault {
  kDropToNode,     // what clients send is swallowed
  kDropToClients,  // what the node sends is swallowed
  kDropBoth,
  kReset,        // every packet is answered with a reset
  kHold,         // connections are made and kept, and carry no bytes: a middlebox that is half dead
  kThrottle,     // a link too slow for what is sent
  kStopNode,     // SIGSTOP of the daemon
  kStopClients,  // SIGSTOP of the clients
};

inline const char* NameOf(Fault fault) {
  switch (fault) {
    case Fault::kDropToNode: return "DropToNode";
    case Fault::kDropToClients: return "DropToClients";
    case Fault::kDropBoth: return "DropBoth";
    case Fault::kReset: return "Reset";
    case Fault::kHold: return "Hold";
    case Fault::kThrottle: return "Throttle";
    case Fault::kStopNode: return "StopNode";
    case Fault::kStopClients: return "StopClients";
  }
  return "";
}

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_FAULT_H_
