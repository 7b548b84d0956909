// What a completion queue hands back: one pending operation of gRPC's asynchronous API.
//
// A tag is a member of the call it belongs to, so that starting an operation allocates nothing. OnDone runs on the thread
// of the queue that the operation was started on; it must not block.
#ifndef L3LINK_SERVER_RPC_TAG_H_
#define L3LINK_SERVER_RPC_TAG_H_

namespace l3link {

class Tag {
 public:
  virtual void OnDone(bool ok) = 0;

 protected:
  ~Tag() = default;
};

// Calls one member function of its owner.
template <typename Owner, void (Owner::*kOnDone)(bool ok)>
class MemberTag final : public Tag {
 public:
  explicit MemberTag(Owner* owner) : owner_(owner) {}
  void OnDone(bool ok) override { (owner_->*kOnDone)(ok); }

 private:
  Owner* const owner_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_RPC_TAG_H_
