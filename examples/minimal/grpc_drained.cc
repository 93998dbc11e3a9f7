// The same app as grpc_bare.cc, with lastcall: on SIGTERM it drains.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "greeter_service.h"
#include "lastcall/grpc.h"
#include "lastcall/lastcall.h"

int main() {
  auto coordinator = lastcall::Coordinator::create();
  if (!coordinator) {
    std::fprintf(stderr, "%s\n", coordinator.error().what.c_str());
    return 2;
  }
  minimal::GreeterService greeter;
  lastcall::grpc::Server server(*coordinator);
  server.builder().RegisterService(&greeter);
  const char* port = std::getenv("PORT");
  const auto started = server.start("127.0.0.1:" + std::string(port != nullptr ? port : "50051"),
                                    grpc::InsecureServerCredentials());
  if (!started) {
    std::fprintf(stderr, "%s\n", started.error().what.c_str());
    return 2;
  }
  return lastcall::finish(coordinator->run());
}
