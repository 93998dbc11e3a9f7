// Calls a minimal gRPC app without a pause through its shutdown, and counts how the calls end.
//
// grpc_load PORT PID   signals PID with SIGTERM once every client has been answered; prints one line of JSON
//
// Each client has a connection of its own and stops at its first call that fails, as one that cannot reach
// another replica would. UNAVAILABLE may be repeated by any client; of everything else nobody knows whether
// it was done.
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>

#include "greeter.grpc.pb.h"

namespace {

constexpr std::size_t kClients = 16;
constexpr int kWarm = 50;
constexpr std::chrono::seconds kCallLimit(20);

struct Counts {
  std::atomic<int> answered = 0;
  std::atomic<int> unavailable = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> other = 0;
};

/// Null when nobody serves there.
std::unique_ptr<minimal::Greeter::Stub> connect(const std::string& port) {
  grpc::ChannelArguments own;
  own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto channel =
      grpc::CreateCustomChannel("127.0.0.1:" + port, grpc::InsecureChannelCredentials(), own);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kCallLimit)) {
    return nullptr;
  }
  return minimal::Greeter::NewStub(channel);
}

grpc::Status call(minimal::Greeter::Stub& greeter, bool slow) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallLimit);
  context.set_wait_for_ready(false);
  minimal::HelloRequest request;
  minimal::HelloReply reply;
  request.set_slow(slow);
  return greeter.Hello(&context, request, &reply);
}

void count(const grpc::Status& status, Counts& counts) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      ++counts.answered;
      break;
    case grpc::StatusCode::UNAVAILABLE:
      ++counts.unavailable;
      break;
    case grpc::StatusCode::CANCELLED:
      ++counts.cancelled;
      break;
    default:
      ++counts.other;
  }
}

/// Every fourth client asks for slow answers only.
void call_until_failure(std::size_t number, minimal::Greeter::Stub& greeter, Counts& counts,
                        std::latch& warm) {
  const bool slow = number % 4 == 0;
  for (int calls = 1;; ++calls) {
    const grpc::Status status = call(greeter, slow);
    count(status, counts);
    if (calls == (slow ? 1 : kWarm)) {
      warm.count_down();
    }
    if (!status.ok()) {
      return;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: grpc_load PORT PID\n");
    return 2;
  }
  const std::string port = argv[1];
  // One after another: gRPC 1.51 may hang for ever when several threads connect at the same time.
  std::array<std::unique_ptr<minimal::Greeter::Stub>, kClients> greeters;
  for (auto& greeter : greeters) {
    greeter = connect(port);
    if (!greeter) {
      std::fprintf(stderr, "nobody serves on port %s\n", port.c_str());
      return 1;
    }
  }
  Counts counts;
  std::latch warm(kClients);
  {
    std::vector<std::jthread> clients;
    clients.reserve(kClients);
    for (std::size_t number = 0; number < kClients; ++number) {
      clients.emplace_back([&, number] { call_until_failure(number, *greeters[number], counts, warm); });
    }
    warm.wait();
    ::kill(std::atoi(argv[2]), SIGTERM);
  }
  std::printf("{\"answered\": %d, \"unavailable\": %d, \"cancelled\": %d, \"other\": %d}\n",
              counts.answered.load(), counts.unavailable.load(), counts.cancelled.load(),
              counts.other.load());
  return 0;
}
