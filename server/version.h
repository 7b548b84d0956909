// The version of this l3linkd: --version, GetNode.
#ifndef L3LINK_SERVER_VERSION_H_
#define L3LINK_SERVER_VERSION_H_

namespace l3link {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace l3link

#endif  // L3LINK_SERVER_VERSION_H_
