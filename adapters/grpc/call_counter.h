// CallCounter: an interceptor that counts every call of a server in a scope, by its method's name, from its
// head to its end. Not those of gRPC's own health service: a balancer's Watch never ends.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

#include <grpcpp/support/server_interceptor.h>

#include "lastcall/time.h"
#include "lastcall/work.h"

namespace lastcall::grpc {

/// The calls in flight. Any thread; lives as long as the last of them.
class Calls {
 public:
  explicit Calls(WorkScope& scope) : scope_(scope) {}

  [[nodiscard]] Permit begin(const char* method);
  void end(Permit call);

  [[nodiscard]] std::size_t in_flight() const;

  /// Until none is left; false when asked to stop before that.
  bool wait_until_none(const std::stop_token& token);

  /// Until there is one again, or for `at_most`, or until asked to stop. Whether there is one.
  bool wait_for_one(Duration at_most, const std::stop_token& token);

 private:
  WorkScope& scope_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t count_ = 0;
};

class CallCounter final : public ::grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit CallCounter(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {}

  ::grpc::experimental::Interceptor* CreateServerInterceptor(
      ::grpc::experimental::ServerRpcInfo* info) override;

 private:
  const std::shared_ptr<Calls> calls_;  ///< with every call, and the server
};

}  // namespace lastcall::grpc
