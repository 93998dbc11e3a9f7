// WebSocket frames: the same control frames and the same verdict wherever a stream is cut, in both
// directions; what was read, written again, is read as the same.
#include <vector>

#include "fuzz.h"
#include "http/websocket.h"

using namespace lastcall::http;
using lastcall::fuzz::Exact;

namespace {

constexpr FrameMask kMask = {0x37, 0xfa, 0x21, 0x3d};

struct Outcome {
  std::vector<std::string> controls;  ///< opcode and payload
  std::string why;
  bool boundary = true;

  bool operator==(const Outcome&) const = default;
};

void feed(FrameReader& reader, std::string_view in, Outcome& outcome) {
  const Exact part(in);
  for (std::string_view left = part.view(); !left.empty() && outcome.why.empty();) {
    const FrameReader::Taken taken = reader.take(left);
    LASTCALL_ASSERT(taken.consumed <= left.size());
    LASTCALL_ASSERT(taken.consumed == left.size() || taken.step != FrameReader::Step::more);
    left.remove_prefix(taken.consumed);
    if (taken.step == FrameReader::Step::malformed) {
      outcome.why = reader.why();
      LASTCALL_ASSERT(!outcome.why.empty());
    } else if (taken.step == FrameReader::Step::control) {
      LASTCALL_ASSERT(reader.at_boundary());
      outcome.controls.push_back(static_cast<char>(reader.opcode()) + std::string(reader.payload()));
    }
  }
  outcome.boundary = reader.at_boundary();
}

Outcome read(std::string_view in, std::size_t cut, FrameSender sender) {
  FrameReader reader(sender);
  Outcome outcome;
  feed(reader, in.substr(0, cut), outcome);
  feed(reader, in.substr(cut), outcome);
  return outcome;
}

Outcome read_by_frames(std::string_view in, FrameSender sender) {
  FrameReader reader(sender);
  Outcome outcome;
  while (!in.empty() && outcome.why.empty()) {
    const FrameReader::Taken taken = reader.take_frame(in);
    in.remove_prefix(taken.consumed);
    if (taken.step == FrameReader::Step::malformed) {
      outcome.why = reader.why();
    } else if (taken.step == FrameReader::Step::control) {
      outcome.controls.push_back(static_cast<char>(reader.opcode()) + std::string(reader.payload()));
    }
    LASTCALL_ASSERT(taken.step != FrameReader::Step::data || reader.at_boundary());
  }
  outcome.boundary = reader.at_boundary();
  return outcome;
}

void check_written(const Outcome& outcome, FrameSender sender) {
  const auto mask = sender == FrameSender::client ? std::optional(kMask) : std::nullopt;
  std::string again;
  for (const std::string& control : outcome.controls) {
    const std::string_view payload = std::string_view(control).substr(1);
    again += lastcall::fuzz::written(kFrameRoom + payload.size(), [&](char* out) {
      return write_frame(static_cast<Opcode>(control[0]), payload, mask, out);
    });
  }
  const Outcome reread = read(again, 0, sender);
  LASTCALL_ASSERT(reread.controls == outcome.controls && reread.why.empty() && reread.boundary);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view in = lastcall::fuzz::as_text(data, size);
  for (const FrameSender sender : {FrameSender::server, FrameSender::client}) {
    const Outcome whole = read(in, size, sender);
    LASTCALL_ASSERT(read_by_frames(in, sender) == whole);
    lastcall::fuzz::for_cuts(size, [&](std::size_t cut) { LASTCALL_ASSERT(read(in, cut, sender) == whole); });
    check_written(whole, sender);
  }
  return 0;
}
