// What a refused call carries, for assertions.
#ifndef L3LINK_TESTS_SUPPORT_GRPC_ERRORS_H_
#define L3LINK_TESTS_SUPPORT_GRPC_ERRORS_H_

#include <grpcpp/support/status.h>

#include <map>
#include <string>

namespace l3link {

// The ErrorInfo's reason, or "" when there is none of this project's domain.
std::string ReasonOf(const grpc::Status& status);
std::map<std::string, std::string> MetadataOf(const grpc::Status& status);

// "NOT_FOUND CHANNEL_NOT_FOUND: no channel named ...": for messages of failing tests.
std::string Describe(const grpc::Status& status);

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_GRPC_ERRORS_H_
