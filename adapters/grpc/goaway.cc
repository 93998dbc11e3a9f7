#include "goaway.h"

#include <latch>

#include <grpcpp/alarm.h>

// Members of grpc_core::Server, which is what a grpc_server points to.
extern "C" {
[[gnu::weak]] void lastcall_grpc_send_goaways(grpc_server* server) asm("_ZN9grpc_core6Server11SendGoawaysEv");
[[gnu::weak]] bool lastcall_grpc_has_open_connections(grpc_server* server) asm(
    "_ZN9grpc_core6Server18HasOpenConnectionsEv");
}

namespace lastcall::grpc {

void send_goaways(::grpc::Server& server) {
  if (lastcall_grpc_send_goaways == nullptr) {
    return;
  }
  // On a thread of gRPC's own, an alarm's: its core needs what only those have (ExecCtx).
  std::latch sent(1);
  ::grpc::Alarm alarm;
  alarm.Set(gpr_now(GPR_CLOCK_MONOTONIC), [&](bool) {
    lastcall_grpc_send_goaways(server.c_server());
    sent.count_down();
  });
  sent.wait();
}

bool has_open_connections(::grpc::Server& server) {
  return lastcall_grpc_has_open_connections == nullptr ||
         lastcall_grpc_has_open_connections(server.c_server());
}

}  // namespace lastcall::grpc
