#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

#include <grpc/grpc.h>
#include <grpcpp/health_check_service_interface.h>

#include "call_counter.h"
#include "goaway.h"
#include "lastcall/grpc.h"
#include "net/accept_thread.h"
#include "sys/sys.h"

namespace lastcall::grpc {

namespace {

constexpr Duration kLook = std::chrono::milliseconds(5);

}  // namespace

using Acceptor = ::grpc::experimental::ExternalConnectionAcceptor;

/// What there is once the server runs.
class ServerCore {
 public:
  explicit ServerCore(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {}

  /// No call runs any more when it returns.
  void end() {
    not_serving_.reset();
    accepting_.reset();
    if (server_) {
      server_->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC));
      server_->Wait();  // for a Shutdown() of the drain's that still goes on, too
    }
    end_queues();
  }

  [[nodiscard]] ::grpc::ServerCompletionQueue& add_queue(::grpc::ServerBuilder& builder) {
    return *queues_.emplace_back(builder.AddCompletionQueue());
  }

  [[nodiscard]] bool build(::grpc::ServerBuilder& builder,
                           std::shared_ptr<::grpc::ServerCredentials> credentials) {
    acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
        ::grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, std::move(credentials));
    server_ = builder.BuildAndStart();
    return server_ != nullptr;
  }

  void accept_from(sys::UniqueFd listener, Coordinator& coordinator) {
    accepting_ =
        std::make_unique<net::AcceptThread>(std::move(listener), [this, &coordinator](sys::UniqueFd fd) {
          // gRPC does not tell which connection a call came on: a new one alone must do.
          if (coordinator.announced()) {
            coordinator.redialled();
          }
          Acceptor::NewConnectionParameters connection;
          connection.fd = fd.release();
          acceptor_->HandleNewConnection(&connection);
        });
    not_serving_.emplace(coordinator.draining_token(),
                         [health = server_->GetHealthCheckService()] { health->Shutdown(); });
  }

  void close_listener(const std::stop_token& token) { accepting_->close(token); }

  /// gRPC's Shutdown() comes only when no connection can carry a call any more, or to cut what is left.
  void drain(const StepContext& step, Duration idle_grace, const std::stop_token& abort) {
    send_goaways(*server_);
    await_last_call(idle_grace, abort);
    const std::size_t cancelled = calls_->in_flight();
    server_->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC));
    end_queues();
    if (cancelled > 0) {
      step.lost("calls cancelled: " + std::to_string(cancelled));
    }
  }

  [[nodiscard]] const std::shared_ptr<Calls>& calls() const { return calls_; }

  [[nodiscard]] ::grpc::Server* server() const { return server_.get(); }

 private:
  /// Until no connection is left, or those that are have carried no call for `idle_grace`: watches of the
  /// health service, and clients that never said a word.
  void await_last_call(Duration idle_grace, const std::stop_token& abort) {
    Duration idle{};
    while (calls_->wait_until_none(abort) && has_open_connections(*server_) && idle < idle_grace) {
      // gRPC does not tell when a connection ends.
      idle = calls_->wait_for_one(kLook, abort) ? Duration::zero() : idle + kLook;
    }
  }

  void end_queues() {
    if (queues_ended_.exchange(true)) {
      return;
    }
    for (const auto& queue : queues_) {
      queue->Shutdown();
    }
  }

  std::atomic<bool> queues_ended_ = false;

  // Destroyed from the last to the first.
  const std::shared_ptr<Calls> calls_;
  std::vector<std::unique_ptr<::grpc::ServerCompletionQueue>> queues_;
  std::unique_ptr<::grpc::Server> server_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<net::AcceptThread> accepting_;
  std::optional<std::stop_callback<std::function<void()>>> not_serving_;
};

Server::Server(Coordinator& coordinator, ServerOptions options)
    : coordinator_(coordinator),
      options_(std::move(options)),
      core_(std::make_shared<ServerCore>(std::make_shared<Calls>(coordinator.scope(options_.name)))) {
  ::grpc::EnableDefaultHealthCheckService(true);
  interceptors_.push_back(std::make_unique<CallCounter>(core_->calls()));
}

Server::~Server() {
  core_->end();
}

void Server::add_interceptor(
    std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface> factory) {
  interceptors_.push_back(std::move(factory));
}

::grpc::ServerCompletionQueue& Server::add_queue() {
  return core_->add_queue(builder_);
}

::grpc::Server* Server::server() const {
  return core_->server();
}

Result<std::uint16_t> Server::start(std::string_view address,
                                    std::shared_ptr<::grpc::ServerCredentials> credentials) {
  const auto parsed = sys::parse_address(address);
  if (!parsed) {
    return Failure(parsed.error());
  }
  auto listener = net::AcceptThread::listen(*parsed);
  if (!listener) {
    return Failure(listener.error());
  }
  builder_.experimental().SetInterceptorCreators(std::move(interceptors_));
  if (!core_->build(builder_, std::move(credentials))) {
    return failure("gRPC cannot start the server \"" + options_.name + "\"", "see its log");
  }
  const std::uint16_t port = sys::local_address(listener->get()).port;
  core_->accept_from(std::move(*listener), coordinator_);
  if (const auto joined = join_shutdown(); !joined) {
    core_->end();
    return Failure(joined.error());
  }
  return port;
}

// A step that was abandoned goes on, and may outlive us: it shares the core and nothing else.
Result<void> Server::join_shutdown() {
  lastcall::Server server;
  server.name = options_.name;
  server.close_listener = [core = core_](const StepContext& step) { core->close_listener(step.token()); };
  server.drain = [core = core_, idle_grace = coordinator_.options().idle_grace,
                  abort = coordinator_.abort_token()](const StepContext& step) {
    core->drain(step, idle_grace, abort);
  };
  return coordinator_.add_server(std::move(server));
}

}  // namespace lastcall::grpc
