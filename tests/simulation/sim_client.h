// An application with the real StreamSession: sends from its log, takes what comes, acknowledges what it has processed, dies,
// and comes back with what it had stored.
//
// Owned by Simulation; one thread. What StreamDriver does under its lock is done here by hand.
#ifndef L3LINK_TESTS_SIMULATION_SIM_CLIENT_H_
#define L3LINK_TESTS_SIMULATION_SIM_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "client/stream_session.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/sim_network.h"

namespace l3link::simulation {

class SimClient {
 public:
  SimClient(World* world, Oracle* oracle, SimNetwork* network, uint32_t index, int* newest_session,
            uint64_t* newest_content);

  bool alive() const { return session_ != nullptr; }
  // Whether the call is still this life's.
  bool Has(const SimCall& call) const { return call_ == &call; }

  // Opens a stream: goes on with what it has stored, or anew.
  void Begin();
  void OnResponse(SimCall::Response response);
  void OnTime();
  void Send(uint32_t count);
  void Receive(uint32_t most);
  void Ack();
  void Detach();
  void Crash();
  // The daemon has died since: the next resume is after its death.
  void NoteDaemonDied() { daemon_died_ = true; }

 private:
  // What the application keeps in a safe place.
  struct Stored {
    int session = 0;
    client::LaneChoice send, receive;
    std::shared_ptr<Log> log;
    uint64_t published = 0;  // as it knows: its log is needed from here on
    uint64_t processed = 0;
    bool attached = false;  // ever
  };

  void ChooseAnew();
  client::StreamOptions Options();
  void StartCall();
  void Pump();
  void OnAttached(const v1::Attached& attached);
  void CheckFence(const v1::StreamRequest& frame);
  void CheckReceived(const client::ReceivedMessage& message);
  void OnEnded();
  // It is over for a reason of the node's. False: one that should not have been.
  bool OnReason(const std::string& reason);
  void CheckFinalPositions(const absl::Status& status);
  void Abandon();
  LaneTruth* SendTruth();
  LaneTruth* ReceiveTruth();
  void Wrong(const std::string& what);

  World& world_;
  Oracle& oracle_;
  SimNetwork& network_;
  const uint32_t index_;
  int& newest_session_;
  uint64_t& newest_content_;

  Stored stored_;
  uint64_t processed_under_this_name_ = 0;  // by earlier lives that it has forgotten
  bool resume_ = false;                     // the next Begin goes on with what is stored
  std::unique_ptr<client::StreamSession> session_;
  SimCall* call_ = nullptr;
  v1::Attached attached_;  // of this life
  bool ever_attached_ = false;
  uint64_t received_before_ = 0;  // messages below were received by an earlier life or another client
  bool daemon_died_ = false;
  bool confirming_ = false;
  MonoTime began_ = {};
  std::string payload_;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIM_CLIENT_H_
