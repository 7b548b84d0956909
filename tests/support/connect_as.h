// A connection to a node's unix socket, made by another user.
#ifndef L3LINK_TESTS_SUPPORT_CONNECT_AS_H_
#define L3LINK_TESTS_SUPPORT_CONNECT_AS_H_

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <memory>
#include <string>

namespace l3link {

// As `uid`: this process's own, or any where it is root's. It does not come back when it breaks. Aborts when it cannot.
std::shared_ptr<grpc::Channel> ConnectAs(uid_t uid, const std::string& unix_path);

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_CONNECT_AS_H_
