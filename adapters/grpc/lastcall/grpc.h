// grpc::Server: a gRPC server that stops without failing a call. Services, credentials and settings are
// gRPC's own; the listener is ours, because gRPC's resets whoever waits in its accept queue, and so is the
// count of calls. Health says NOT_SERVING from the first instant of a shutdown (contract LC205).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/completion_queue.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "lastcall/coordinator.h"

namespace lastcall::grpc {

class ServerCore;

struct ServerOptions {
  /// Of its steps, "NAME listener" and "NAME connections", and of the scope that its calls count in.
  std::string name = "grpc";
};

/// Set up by one thread, before start(). When its connections are drained, clients are sent a GOAWAY, calls
/// in flight go on, and a refused one is UNAVAILABLE, which is safe to repeat. At the abort token all calls
/// are cancelled: a handler's blocked Read() returns false, and its context says IsCancelled(). A handler
/// that goes on all the same is told in the report; its thread is not ended, so end main() with
/// lastcall::finish().
class Server {
 public:
  /// `coordinator` must outlive it. Turns gRPC's own health service on for every server of this process.
  explicit Server(Coordinator& coordinator, ServerOptions options = {});

  /// Cancels what is left, and waits for handlers that run.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// For services and settings; not for ports, interceptors and queues, and not for BuildAndStart().
  [[nodiscard]] ::grpc::ServerBuilder& builder() { return builder_; }

  /// Called after the one that counts.
  void add_interceptor(std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface> factory);

  /// For the asynchronous API. Its Next() says false once all calls have ended; it lives as long as the
  /// server, and somebody must call Next() until then.
  [[nodiscard]] ::grpc::ServerCompletionQueue& add_queue();

  /// Listens on "127.0.0.1:50051", ":50051" (every address) or "[::1]:0", serves from now on, and joins the
  /// shutdown. Returns the port. Error: the address cannot be had; gRPC cannot start, as its log says; the
  /// shutdown has begun.
  Result<std::uint16_t> start(std::string_view address,
                              std::shared_ptr<::grpc::ServerCredentials> credentials);

  /// Null before start().
  [[nodiscard]] ::grpc::Server* server() const;

 private:
  Result<void> join_shutdown();

  Coordinator& coordinator_;
  const ServerOptions options_;
  ::grpc::ServerBuilder builder_;
  std::vector<std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface>> interceptors_;
  std::shared_ptr<ServerCore> core_;  ///< with its steps, which may be abandoned
};

}  // namespace lastcall::grpc
