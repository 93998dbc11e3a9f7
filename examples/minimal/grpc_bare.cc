// A small gRPC app that stops as gRPC's documentation shows: a thread waits for the signal and calls
// Shutdown().
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "greeter_service.h"

int main() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  minimal::GreeterService greeter;
  const char* port = std::getenv("PORT");
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::string(port != nullptr ? port : "50051"),
                           grpc::InsecureServerCredentials());
  builder.RegisterService(&greeter);
  const auto server = builder.BuildAndStart();
  std::thread stopping([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(10));
  });
  server->Wait();
  stopping.join();
  return EXIT_SUCCESS;
}
