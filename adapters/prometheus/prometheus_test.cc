// The last figures, against a real push gateway and a real exposer.
#include "lastcall/prometheus.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gateway.h>
#include <prometheus/registry.h>

#include "brokers/brokers.h"
#include "sys/sys.h"
#include "sys/wait_ready.h"

namespace lastcall::prometheus {
namespace {

using namespace std::chrono_literals;

const testing::Broker& server() {
  static const testing::Broker broker = testing::Broker::named("PUSHGATEWAY");
  return broker;
}

/// GET /metrics from a port of this machine.
std::string scrape(int port) {
  const sys::UniqueFd socket(sys::connect_to(*sys::parse_address("127.0.0.1:" + std::to_string(port))));
  EXPECT_EQ(sys::wait_ready(socket.get(), sys::kWritable, sys::now() + 10s, {}), sys::Waited::ready);
  EXPECT_GT(sys::send(socket.get(), "GET /metrics HTTP/1.0\r\n\r\n", false), 0);
  std::string answer;
  char buffer[4096];
  ssize_t got = 1;
  while (got > 0) {
    EXPECT_EQ(sys::wait_ready(socket.get(), sys::kReadable, sys::now() + 10s, {}), sys::Waited::ready);
    got = sys::receive(socket.get(), buffer);
    answer.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  return answer;
}

std::shared_ptr<::prometheus::Gateway> gateway_at(int port) {
  return std::make_shared<::prometheus::Gateway>("127.0.0.1", std::to_string(port), "orders");
}

class Prometheus : public ::testing::Test {
 protected:
  Prometheus() {
    ::prometheus::BuildCounter().Name("orders_paid").Register(*registry_).Add({}).Increment(17);
  }

  std::shared_ptr<::prometheus::Registry> registry_ = std::make_shared<::prometheus::Registry>();
};

TEST_F(Prometheus, PushesTheLastFigures) {
  const auto gateway = gateway_at(server().port);
  gateway->RegisterCollectable(registry_);
  const auto pushed = push(gateway, sys::now() + 1h, {});
  ASSERT_TRUE(pushed) << pushed.error().what;
  const std::string metrics = scrape(server().port);
  EXPECT_NE(metrics.find("orders_paid{instance=\"\",job=\"orders\"} 17"), std::string::npos) << metrics;
}

TEST_F(Prometheus, TellsThatTheGatewayCannotBeReached) {
  const auto gateway = gateway_at(1);
  gateway->RegisterCollectable(registry_);
  EXPECT_FALSE(push(gateway, sys::now() + 1h, {}));
}

TEST_F(Prometheus, DoesNotWaitForAGatewayThatHangs) {
  const auto gateway = gateway_at(server().port);
  gateway->RegisterCollectable(registry_);
  {
    const testing::Frozen frozen(server());
    const auto pushed = push(gateway, sys::now() + 50ms, {});
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().what, "the push gateway does not answer");
  }
  // The thread that was left alone ends now, and lets go of the gateway.
  while (gateway.use_count() > 1) {
    std::this_thread::yield();
  }
}

TEST_F(Prometheus, WaitsForOneMoreScrape) {
  ::prometheus::Exposer exposer("127.0.0.1:0");
  exposer.RegisterCollectable(registry_);
  FinalScrape final_scrape(exposer);
  const int port = exposer.GetListeningPorts().front();
  EXPECT_NE(scrape(port).find("orders_paid 17"), std::string::npos);

  std::atomic scraped = false;
  std::jthread step([&] { scraped = final_scrape.wait(sys::now() + 1h, {}); });
  // The step may not have begun when the first of these comes; it waits for one that has begun since.
  while (!scraped) {
    EXPECT_NE(scrape(port).find("orders_paid 17"), std::string::npos);
  }
}

TEST_F(Prometheus, DoesNotWaitForAScrapeThatNeverComes) {
  ::prometheus::Exposer exposer("127.0.0.1:0");
  FinalScrape final_scrape(exposer);
  EXPECT_FALSE(final_scrape.wait(sys::now() + 10ms, {}));
  bool scraped = true;
  std::jthread step([&](const std::stop_token& stop) { scraped = final_scrape.wait(sys::now() + 1h, stop); });
  step.request_stop();
  step.join();
  EXPECT_FALSE(scraped);
}

}  // namespace
}  // namespace lastcall::prometheus
