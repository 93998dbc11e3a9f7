#include "call_counter.h"

#include <string_view>

namespace lastcall::grpc {
namespace {

using ::grpc::experimental::InterceptionHookPoints;

constexpr std::string_view kHealth = "/grpc.health.v1.Health/";

/// gRPC makes it when it offers to take a call, and destroys it with the call's context.
class CountedCall final : public ::grpc::experimental::Interceptor {
 public:
  CountedCall(std::shared_ptr<Calls> calls, const char* method) : calls_(std::move(calls)), method_(method) {}

  ~CountedCall() override {
    if (permit_) {
      calls_->end(std::move(permit_));
    }
  }

  void Intercept(::grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      permit_ = calls_->begin(method_);
    }
    methods->Proceed();
  }

 private:
  const std::shared_ptr<Calls> calls_;
  const char* const method_;
  Permit permit_;
};

}  // namespace

Permit Calls::begin(const char* method) {
  Permit call = scope_.try_enter(method);
  if (call) {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  return call;
}

void Calls::end(Permit call) {
  call.release();
  const std::lock_guard lock(mutex_);
  --count_;
  changed_.notify_all();
}

std::size_t Calls::in_flight() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool Calls::wait_until_none(const std::stop_token& token) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, token, [this] { return count_ == 0; });
}

bool Calls::wait_for_one(Duration at_most, const std::stop_token& token) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, token, at_most, [this] { return count_ > 0; });
}

::grpc::experimental::Interceptor* CallCounter::CreateServerInterceptor(
    ::grpc::experimental::ServerRpcInfo* info) {
  const std::string_view method = info->method();
  return method.starts_with(kHealth) ? nullptr : new CountedCall(calls_, info->method());
}

}  // namespace lastcall::grpc
