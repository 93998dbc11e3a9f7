// A WebSocket's tunnel whose end comes at any moment: the client's side stays well-formed, with one Close at
// most, and what was no WebSocket comes through as it was.
#include "fuzz.h"
#include "proxy/websocket_tunnel.h"

using lastcall::fuzz::Exact;
using lastcall::proxy::WebSocketTunnel;
using namespace lastcall::http;

namespace {

/// What the client gets of `in`, which comes in two reads, with the end coming between them.
struct Relayed {
  std::string out;
  bool told = false;  ///< by us
  bool followed = true;
};

std::string close_frame() {
  return lastcall::fuzz::written(kFrameRoom + 2, [](char* out) { return write_close(1001, "", {}, out); });
}

void read(WebSocketTunnel& tunnel, std::string_view in, Relayed& relayed) {
  const Exact part(in);
  std::string_view left = part.view();
  do {
    if (tunnel.is_close_due()) {
      relayed.out += close_frame();
      relayed.told = true;
      tunnel.close_sent();
    }
    const WebSocketTunnel::Passage passage = tunnel.from_app(left);
    LASTCALL_ASSERT(passage.size <= left.size() && (passage.size > 0 || left.empty()));
    if (passage.relayed) {
      relayed.out += left.substr(0, passage.size);
    }
    left.remove_prefix(passage.size);
  } while (!left.empty() || tunnel.is_close_due());
}

Relayed relay(std::string_view in, std::size_t cut) {
  WebSocketTunnel tunnel;
  Relayed relayed;
  read(tunnel, in.substr(0, cut), relayed);
  tunnel.end();
  read(tunnel, in.substr(cut), relayed);
  relayed.followed = tunnel.is_followed();
  return relayed;
}

void check(std::string_view in, std::size_t cut) {
  const Relayed relayed = relay(in, cut);
  if (!relayed.told) {
    LASTCALL_ASSERT(in.starts_with(relayed.out));
    LASTCALL_ASSERT(relayed.followed || relayed.out == in || relayed.out.size() >= cut);
    return;
  }
  FrameReader frames(FrameSender::server, Extensions::any);
  std::string_view left = relayed.out;
  FrameReader::Taken taken;
  while (!left.empty()) {
    taken = frames.take(left);
    LASTCALL_ASSERT(taken.step != FrameReader::Step::malformed);
    left.remove_prefix(taken.consumed);
  }
  LASTCALL_ASSERT(taken.step == FrameReader::Step::control && frames.opcode() == Opcode::close);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view in = lastcall::fuzz::as_text(data, size);
  lastcall::fuzz::for_cuts(size + 1, [&](std::size_t cut) { check(in, cut); });
  return 0;
}
