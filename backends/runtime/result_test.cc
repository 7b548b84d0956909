#include "backends/runtime/result.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "backends/host/refusal.h"

namespace l3link {
namespace {

TEST(ResultTest, EveryRefusalHasACodeAndAnErrno) {
  for (const ReasonRow& row : ReasonTable()) {
    const absl::Status status = Refuse(row.reason, "because");
    EXPECT_LT(CodeOf(status), 0) << row.name;
    EXPECT_GT(ErrnoOf(status), 0) << row.name;
  }
}

TEST(ResultTest, TheCodesThatCallersBranchOn) {
  const struct {
    Reason reason;
    int code;
  } rows[] = {
      {Reason::kWOULD_BLOCK, -11},           {Reason::kMESSAGE_TOO_LARGE, -75},   {Reason::kCHANNEL_CLOSED, -22},
      {Reason::kREGION_CLOSED, -22},         {Reason::kRANGE_OUT_OF_REGION, -22}, {Reason::kSIGNAL_NOT_FOUND, -22},
      {Reason::kLANE_POISONED, -5},          {Reason::kREGION_POISONED, -5},      {Reason::kCHIP_LOST, -5},
      {Reason::kSHARED_RMW_UNSUPPORTED, -95}};
  for (const auto& row : rows) EXPECT_EQ(CodeOf(Refuse(row.reason, "")), row.code) << static_cast<int>(row.reason);
  EXPECT_EQ(CodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(CodeOf(absl::InternalError("")), -5);
}

TEST(ResultTest, TheErrnosOfOpens) {
  const struct {
    Reason reason;
    int error;
  } rows[] = {{Reason::kINVALID_ARGUMENT_FIELD, EINVAL},
              {Reason::kARENA_FULL, ENOMEM},
              {Reason::kQUARANTINE_FULL, ENOMEM},
              {Reason::kSTATE_SPACE_FULL, ENOMEM},
              {Reason::kLIMIT_REACHED, ENOMEM},
              {Reason::kPLATFORM_UNSUPPORTED, ENOTSUP},
              {Reason::kCHIP_LOST, EIO},
              {Reason::kCONFIG_MISMATCH, EEXIST},
              {Reason::kCHANNEL_NOT_FOUND, ENOENT}};
  for (const auto& row : rows) EXPECT_EQ(ErrnoOf(Refuse(row.reason, "")), row.error) << static_cast<int>(row.reason);
}

TEST(ResultTest, TheLastErrorIsTheThreadsOwn) {
  EXPECT_EQ(Report(absl::InternalError("mine")), -5);
  std::thread([] {
    EXPECT_STREQ(LastError(), "");
    Report(absl::InternalError("its"));
    EXPECT_STREQ(LastError(), "its");
  }).join();
  EXPECT_STREQ(LastError(), "mine");
  EXPECT_EQ(Report(absl::OkStatus()), 0);
  EXPECT_STREQ(LastError(), "mine");
}

TEST(ResultTest, NothingThatIsThrownPasses) {
  EXPECT_EQ(Guarded([]() -> int { throw std::runtime_error("x"); }), -5);
  EXPECT_EQ(Guarded([]() -> int { throw std::bad_alloc(); }), -5);
  EXPECT_STRNE(LastError(), "");
  errno = 0;
  EXPECT_EQ(GuardedOpen([]() -> absl::StatusOr<void*> { throw std::bad_alloc(); }), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

// As a context does that ends with the last call in it.
struct ClobbersErrno {
  ~ClobbersErrno() { errno = ENOENT; }
};

TEST(ResultTest, ErrnoIsSetWhenAllThatEndsWithAnOpenHasEnded) {
  int object = 0;
  EXPECT_EQ(GuardedOpen([&]() -> absl::StatusOr<void*> { return &object; }), &object);
  errno = 0;
  EXPECT_EQ(GuardedOpen([]() -> absl::StatusOr<void*> {
              const ClobbersErrno ends_last;
              return absl::InvalidArgumentError("wrong");
            }),
            nullptr);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_STREQ(LastError(), "wrong");
}

}  // namespace
}  // namespace l3link
