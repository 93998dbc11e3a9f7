// Guarantees of the adapter, each with real calls and a real shutdown.
#include "lastcall/grpc.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "greeter.grpc.pb.h"
#include "sys/sys.h"

namespace lastcall::grpc {
namespace {

using minimal::Greeter;
using minimal::HelloReply;
using minimal::HelloRequest;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

/// Hello is held while it is asked to be slow; Chat echoes.
class HoldingGreeter final : public Greeter::Service {
 public:
  ::grpc::Status Hello(::grpc::ServerContext*, const HelloRequest* request, HelloReply*) override {
    if (request->slow()) {
      entered.release();
      go_on.acquire();
    }
    ++answered;
    return ::grpc::Status::OK;
  }

  ::grpc::Status Chat(::grpc::ServerContext*,
                      ::grpc::ServerReaderWriter<HelloReply, HelloRequest>* stream) override {
    HelloRequest request;
    while (stream->Read(&request) && stream->Write({})) {
    }
    return ::grpc::Status::OK;
  }

  std::counting_semaphore<> entered{0};
  std::counting_semaphore<> go_on{0};
  std::atomic<int> answered = 0;
};

::grpc::Status say_hello(Greeter::Stub& greeter, bool slow = false) {
  ::grpc::ClientContext context;
  HelloRequest request;
  HelloReply reply;
  request.set_slow(slow);
  return greeter.Hello(&context, request, &reply);
}

/// A stream of a health service's answers, read message by message.
class HealthWatch {
 public:
  explicit HealthWatch(const std::shared_ptr<::grpc::Channel>& channel) : stub_(channel) {
    stream_ = stub_.PrepareCall(&context_, "/grpc.health.v1.Health/Watch", &queue_);
    stream_->StartCall(this);
    wait();
    const ::grpc::Slice whole_server;  // a HealthCheckRequest without a service's name
    stream_->WriteLast(::grpc::ByteBuffer(&whole_server, 1), {}, this);
    wait();
  }

  ~HealthWatch() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    for (bool ok = false; queue_.Next(&tag, &ok);) {
    }
  }

  /// 1 SERVING, 2 NOT_SERVING: the one field of a HealthCheckResponse.
  int next_status() {
    ::grpc::ByteBuffer message;
    stream_->Read(&message, this);
    if (!wait()) {
      return -1;
    }
    ::grpc::Slice slice;
    static_cast<void>(message.DumpToSingleSlice(&slice));
    return slice.size() == 2 ? slice.begin()[1] : -1;
  }

 private:
  bool wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  ::grpc::GenericStub stub_;
  ::grpc::ClientContext context_;
  ::grpc::CompletionQueue queue_;
  std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> stream_;
};

class GrpcServer : public ::testing::Test {
 protected:
  static Options options() {
    Options options;
    options.drain = 15s;
    options.cleanup = 1s;
    options.idle_grace = 200ms;
    options.lame_duck = LameDuck{};
    options.handle_signals = false;
    options.watchdog = false;
    options.log = [](std::string_view) {};
    return options;
  }

  void make(Options options) {
    coordinator_.emplace(std::move(Coordinator::create(std::move(options)).value()));
    server_.emplace(*coordinator_);
    server_->builder().RegisterService(&greeter_);
  }

  void start() {
    port_ = server_->start("127.0.0.1:0", ::grpc::InsecureServerCredentials()).value();
    running_ = std::jthread([this] { report_.emplace(coordinator_->run()); });
  }

  /// With a connection of its own, and connected: gRPC 1.51's clients may hang for ever when several threads
  /// connect at the same time (also to a plain gRPC server).
  std::shared_ptr<::grpc::Channel> channel() const {
    ::grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    auto channel = ::grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_),
                                               ::grpc::InsecureChannelCredentials(), own);
    EXPECT_TRUE(channel->WaitForConnected(gpr_inf_future(GPR_CLOCK_MONOTONIC)));
    return channel;
  }

  std::unique_ptr<Greeter::Stub> client() const { return Greeter::NewStub(channel()); }

  const DrainReport& report() {
    running_.join();
    return *report_;
  }

  HoldingGreeter greeter_;
  std::optional<Coordinator> coordinator_;
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::optional<DrainReport> report_;
  std::jthread running_;
};

TEST_F(GrpcServer, ServesUntilTheShutdownAndRefusesAfterIt) {
  make(options());
  start();
  const auto greeter = client();
  EXPECT_TRUE(say_hello(*greeter).ok());
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 0);
  EXPECT_EQ(say_hello(*greeter).error_code(), ::grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcServer, FinishesACallInFlight) {
  make(options());
  start();
  const auto greeter = client();
  ::grpc::Status status(::grpc::StatusCode::UNKNOWN, "not ended");
  std::jthread calling([&] { status = say_hello(*greeter, true); });
  greeter_.entered.acquire();
  std::latch draining(1);
  const std::stop_callback on_draining(coordinator_->draining_token(), [&] { draining.count_down(); });
  coordinator_->shutdown("test");
  draining.wait();
  greeter_.go_on.release();
  calling.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(report().exit_code(), 0);
  EXPECT_EQ(report_->scopes()[0].finished, 1U);
}

TEST_F(GrpcServer, TellsThoseWhoWatchItsHealthThatItDoesNotServeAndIsNotHeldByThem) {
  make(options());
  start();
  HealthWatch health(channel());
  EXPECT_EQ(health.next_status(), 1);
  coordinator_->shutdown("test");
  EXPECT_EQ(health.next_status(), 2);
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(GrpcServer, LosesNoCallOfALoadThatIsKeptUpThroughTheShutdown) {
  constexpr int kClients = 8;
  make(options());
  start();
  std::atomic<int> ok = 0;
  std::atomic<int> unavailable = 0;
  std::atomic<int> other = 0;
  std::latch warm(kClients);
  {
    std::vector<std::unique_ptr<Greeter::Stub>> greeters(kClients);
    std::ranges::generate(greeters, [this] { return client(); });
    std::vector<std::jthread> clients;
    for (const auto& greeter : greeters) {
      clients.emplace_back([&] {
        for (int calls = 1;; ++calls) {
          const ::grpc::Status status = say_hello(*greeter);
          if (!status.ok()) {
            ++(status.error_code() == ::grpc::StatusCode::UNAVAILABLE ? unavailable : other);
            return;
          }
          ++ok;
          if (calls == 20) {
            warm.count_down();
          }
        }
      });
    }
    warm.wait();
    coordinator_->shutdown("test");
  }
  EXPECT_EQ(report().exit_code(), 0);
  std::printf("%d calls answered, %d refused\n", ok.load(), unavailable.load());
  EXPECT_EQ(unavailable, kClients);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(greeter_.answered, ok) << "a refused call was carried out all the same";
}

TEST_F(GrpcServer, CancelsAStreamThatNeverEndsAtTheAbortAndSaysSo) {
  Options short_drain = options();
  short_drain.drain = 600ms;
  short_drain.abort_notice = 400ms;
  make(short_drain);
  start();
  const auto greeter = client();
  ::grpc::ClientContext context;
  const auto chat = greeter->Chat(&context);
  HelloReply reply;
  EXPECT_TRUE(chat->Write({}) && chat->Read(&reply));
  coordinator_->shutdown("test");
  EXPECT_FALSE(chat->Read(&reply));
  EXPECT_FALSE(chat->Finish().ok());
  EXPECT_EQ(report().exit_code(), 1);
  EXPECT_THAT(report_->to_json(), HasSubstr("calls cancelled: 1"));
}

TEST_F(GrpcServer, NamesAHandlerThatIgnoresTheAbort) {
  Options short_drain = options();
  short_drain.drain = 300ms;
  make(short_drain);
  start();
  const auto greeter = client();
  std::jthread calling([&] { EXPECT_FALSE(say_hello(*greeter, true).ok()); });
  greeter_.entered.acquire();
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 1);
  EXPECT_THAT(report_->cut(), Contains(Field(&CutWork::label, "/minimal.Greeter/Hello")));
  greeter_.go_on.release();
}

TEST_F(GrpcServer, IsNotHeldByAConnectionThatHasSentHalfAPreface) {
  make(options());
  start();
  const sys::UniqueFd silent(sys::connect_to(sys::loopback_ipv4(port_)));
  const sys::UniqueFd half(sys::connect_to(sys::loopback_ipv4(port_)));
  sys::poll_one(half.get(), sys::kWritable, -1, 10s);
  EXPECT_EQ(sys::send(half.get(), "PRI * HTT", false), 9);
  const auto greeter = client();
  EXPECT_TRUE(say_hello(*greeter).ok());
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(GrpcServer, EndsACompletionQueueWhenItsCallsHaveEnded) {
  Greeter::AsyncService asynchronous;
  coordinator_.emplace(std::move(Coordinator::create(options()).value()));
  server_.emplace(*coordinator_);
  server_->builder().RegisterService(&asynchronous);
  ::grpc::ServerCompletionQueue& queue = server_->add_queue();
  start();
  ::grpc::ServerContext context;
  HelloRequest request;
  ::grpc::ServerAsyncResponseWriter<HelloReply> responder(&context);
  asynchronous.RequestHello(&context, &request, &responder, &queue, &queue, nullptr);
  coordinator_->shutdown("test");
  void* tag = nullptr;
  bool ok = true;
  EXPECT_TRUE(queue.Next(&tag, &ok));
  EXPECT_FALSE(ok);
  EXPECT_FALSE(queue.Next(&tag, &ok));
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(GrpcServer, SaysWhyItCannotListen) {
  make(options());
  start();
  Server second(*coordinator_, {.name = "second"});
  const auto refused =
      second.start("127.0.0.1:" + std::to_string(port_), ::grpc::InsecureServerCredentials());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("Address already in use"));
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 0);
}

}  // namespace
}  // namespace lastcall::grpc
