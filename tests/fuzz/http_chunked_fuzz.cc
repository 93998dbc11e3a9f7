// A chunked body: gives the same payload and the same verdict wherever it is cut, and what is re-framed
// decodes to it.
#include "fuzz.h"
#include "http/body.h"

using namespace lastcall::http;
using lastcall::fuzz::Exact;

namespace {

struct Outcome {
  std::string out;
  std::size_t consumed = 0;
  bool refused = false;
  bool done = false;
};

void feed(Body& body, std::string_view in, bool reframe, Outcome& outcome) {
  if (outcome.refused || body.done()) {
    return;
  }
  const Exact part(in);
  Body::Decoded decoded;
  outcome.out += lastcall::fuzz::written(in.size() + Body::kRoom, [&](char* to) {
    decoded = body.decode(part.view(), reframe, to);
    return decoded.end;
  });
  LASTCALL_ASSERT(decoded.consumed <= in.size());
  LASTCALL_ASSERT(decoded.consumed == in.size() || decoded.refused || body.done());
  outcome.consumed += decoded.consumed;
  outcome.refused = decoded.refused;
  outcome.done = body.done();
}

Outcome decode(std::string_view in, std::size_t cut, bool reframe) {
  Body body;
  body.begin(Framing::chunked, 0);
  Outcome outcome;
  feed(body, in.substr(0, cut), reframe, outcome);
  feed(body, in.substr(cut), reframe, outcome);
  return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view in = lastcall::fuzz::as_text(data, size);
  const Outcome whole = decode(in, size, false);
  lastcall::fuzz::for_cuts(size, [&](std::size_t cut) {
    const Outcome bare = decode(in, cut, false);
    const Outcome framed = decode(in, cut, true);
    LASTCALL_ASSERT(bare.refused == whole.refused && bare.done == whole.done &&
                    bare.consumed == whole.consumed);
    LASTCALL_ASSERT(framed.refused == whole.refused && framed.done == whole.done &&
                    framed.consumed == whole.consumed);
    if (whole.refused) {
      return;
    }
    LASTCALL_ASSERT(bare.out == whole.out);
    const Outcome again = decode(framed.out, framed.out.size(), false);
    LASTCALL_ASSERT(!again.refused && again.done == whole.done && again.out == whole.out);
    LASTCALL_ASSERT(again.consumed == framed.out.size());
  });
  return 0;
}
