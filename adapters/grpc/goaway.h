// What gRPC's core can do and no header of it offers: tell every client by a GOAWAY that this server drains,
// while calls that are on their way are still served. Server::Shutdown() fails those with CANCELLED, which
// a client may not repeat (grpc/grpc#41785). Any thread.
#pragma once

#include <grpcpp/server.h>

namespace lastcall::grpc {

/// Sends GOAWAY 2^31-1, and the final one after a round trip (RFC 9113 §6.8). Returns when that has begun;
/// at once, and does nothing, with a gRPC that has lost that function.
void send_goaways(::grpc::Server& server);

/// Whether any connection is left: true where nobody can say.
[[nodiscard]] bool has_open_connections(::grpc::Server& server);

}  // namespace lastcall::grpc
