// The service of grpc_bare.cc and grpc_drained.cc.
#pragma once

#include <chrono>
#include <thread>

#include "greeter.grpc.pb.h"

namespace minimal {

class GreeterService final : public Greeter::Service {
 public:
  grpc::Status Hello(grpc::ServerContext*, const HelloRequest* request, HelloReply* reply) override {
    if (request->slow()) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    reply->set_text("hello");
    return grpc::Status::OK;
  }

  grpc::Status Chat(grpc::ServerContext*,
                    grpc::ServerReaderWriter<HelloReply, HelloRequest>* stream) override {
    HelloRequest request;
    HelloReply reply;
    reply.set_text("hello");
    while (stream->Read(&request) && stream->Write(reply)) {
    }
    return grpc::Status::OK;
  }
};

}  // namespace minimal
