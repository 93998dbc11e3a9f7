// What the codec costs: parsing a head and writing it as it is forwarded, and re-framing a chunked body. One
// thread, all in cache; user time of one message each.
#include <array>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "base/assert.h"
#include "browser_fields.h"
#include "http/body.h"
#include "http/head.h"

using namespace lastcall::http;

namespace {

constexpr std::string_view kSmallRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1:12345\r\n\r\n";

const std::string kBrowserRequest =
    "GET /products/overview?category=books&page=2 HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "Connection: keep-alive\r\n" +
    std::string(lastcall::bench::kBrowserFields) + "\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Length: 120\r\n"
    "Date: Fri, 20 Nov 2026 10:00:00 GMT\r\n"
    "Cache-Control: no-cache\r\n"
    "Connection: keep-alive\r\n"
    "Keep-Alive: timeout=5\r\n"
    "\r\n";

constexpr Forwarding kForwarding{.client = "192.0.2.7",
                                 .request_id = "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
                                 .request_start = "t=1700000000000"};

void parse_and_write_request(benchmark::State& state, std::string_view in) {
  std::array<char, 4096> out{};
  for (auto _ : state) {
    RequestHead head;
    Refusal refusal;
    benchmark::DoNotOptimize(in.data());
    const Parsed parsed = parse_request(in, {}, head, refusal);
    LASTCALL_ASSERT(parsed == Parsed::complete);
    benchmark::DoNotOptimize(write_request(head, in, kForwarding, out.data()));
    benchmark::ClobberMemory();
  }
  state.counters["head_bytes"] = static_cast<double>(in.size());
}

void parse_request_only(benchmark::State& state, std::string_view in) {
  for (auto _ : state) {
    RequestHead head;
    Refusal refusal;
    benchmark::DoNotOptimize(in.data());
    benchmark::DoNotOptimize(parse_request(in, {}, head, refusal));
    benchmark::DoNotOptimize(head);
  }
}

void parse_and_write_response(benchmark::State& state) {
  std::array<char, 4096> out{};
  for (auto _ : state) {
    ResponseHead head;
    Refusal refusal;
    const Parsed parsed = parse_response(kResponse, {}, false, head, refusal);
    LASTCALL_ASSERT(parsed == Parsed::complete);
    benchmark::DoNotOptimize(write_response(head, kResponse, {}, out.data()));
    benchmark::ClobberMemory();
  }
  state.counters["head_bytes"] = static_cast<double>(kResponse.size());
}

void reframe_chunks(benchmark::State& state) {
  const auto chunk = static_cast<std::size_t>(state.range(0));
  const std::string in =
      (chunk == 4096 ? "1000" : "40") + std::string("\r\n") + std::string(chunk, 'x') + "\r\n";
  std::string out(in.size() + Body::kRoom, '\0');
  Body body;
  body.begin(Framing::chunked, 0);
  for (auto _ : state) {
    benchmark::DoNotOptimize(body.decode(in, true, out.data()).end);
    benchmark::ClobberMemory();
  }
}

BENCHMARK_CAPTURE(parse_request_only, small, kSmallRequest);
BENCHMARK_CAPTURE(parse_request_only, browser, kBrowserRequest);
BENCHMARK_CAPTURE(parse_and_write_request, small, kSmallRequest);
BENCHMARK_CAPTURE(parse_and_write_request, browser, kBrowserRequest);
BENCHMARK(parse_and_write_response);
BENCHMARK(reframe_chunks)->Arg(64)->Arg(4096);

}  // namespace
