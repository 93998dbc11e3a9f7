// StreamClient: a client that listens to an event stream (Server-Sent Events) until the server ends it, and
// knows whether it ended between two events and by its framing. Its one attempt is the stream's whole life.
// One thread.
#pragma once

#include "check/client.h"
#include "check/response_reader.h"
#include "http/event_stream.h"

namespace lastcall::check {

class StreamClient final : public Client {
 public:
  explicit StreamClient(const Setting& setting) : Client(setting) {}

  void wake(Time) override {}

 private:
  void connected(Time now) override;
  void ready() override;
  void digest(std::string_view bytes) override;
  void connection_ended(int error) override;

  void head_read(std::string_view fields);
  void stream_ended(bool by_framing);

  ResponseReader reader_;
  http::EventStream events_;
};

}  // namespace lastcall::check
