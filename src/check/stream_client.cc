#include "check/stream_client.h"

#include "http/fields.h"
#include "http/scan.h"

namespace lastcall::check {

using judge::Outcome;

void StreamClient::connected(Time now) {
  reader_.begin();
  events_ = {};
  script_.begin(now, {});
  ready();
}

void StreamClient::ready() {
  send_requests();
  while (busy() && receive_once()) {
  }
}

void StreamClient::digest(std::string_view bytes) {
  seen_.received += bytes.size();
  while (busy()) {
    if (!bytes.empty()) {
      note_answer();
    }
    const ResponseReader::Taken taken = reader_.take(bytes, decoded());
    bytes.remove_prefix(taken.consumed);
    switch (taken.step) {
      case ResponseReader::Step::interim:
        seen_.answered = Time::max();
        break;
      case ResponseReader::Step::head:
        head_read(taken.fields);
        break;
      case ResponseReader::Step::more:
      case ResponseReader::Step::complete:
        events_.take(taken.payload);
        seen_.retry_after = events_.retry_seen();
        if (taken.step == ResponseReader::Step::more) {
          return;
        }
        stream_ended(bytes.empty());
        break;
      case ResponseReader::Step::malformed:
        end(Outcome::wrong);
        break;
    }
  }
}

void StreamClient::head_read(std::string_view fields) {
  seen_.status = static_cast<std::int16_t>(reader_.status());
  seen_.told_to_leave = !reader_.keep_alive();
  seen_.retry_after = reader_.retry_after();
  if (reader_.status() >= 500) {
    end(Outcome::server_error);
    return;
  }
  const auto type = http::find_field(fields, "content-type");
  const bool listens = reader_.status() == 200 && type && http::starts_with_lower(*type, "text/event-stream");
  if (listens) {
    rest();
  } else {
    end(Outcome::wrong);
  }
}

void StreamClient::connection_ended(int error) {
  seen_.error = error != 0 ? error : seen_.error;
  if (seen_.answered == Time::max()) {
    end(seen_.error != 0 ? Outcome::reset : Outcome::eof);
  } else {
    stream_ended(error == 0 && reader_.ended_by_close());
  }
}

void StreamClient::stream_ended(bool by_framing) {
  end(by_framing && events_.at_boundary() ? Outcome::ok : Outcome::truncated);
}

}  // namespace lastcall::check
