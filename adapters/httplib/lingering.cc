#include "lingering.h"

#include <algorithm>
#include <utility>

#include "sys/sys.h"

namespace lastcall::httplib {
namespace {

constexpr Duration kSilence = 2s;
constexpr Duration kTotal = 5s;

}  // namespace

/// One connection that ends. Timed by its silence; `age` by its whole life.
class Lingering::End final : public net::Handler, public net::TimeoutNode {
 public:
  End(Lingering& all, std::shared_ptr<Connection> ending)
      : connection(std::move(ending)), age(*this), all_(all) {}

  void on_events(std::uint32_t) override { all_.on_events(*this); }

  struct Age : net::TimeoutNode {
    explicit Age(End& of) : end(of) {}

    End& end;
  };

  const std::shared_ptr<Connection> connection;
  Age age;

 private:
  Lingering& all_;
};

Lingering::Lingering() : silent_(kSilence), all_(kTotal) {
  loop_.on_batch([this](Time now) { return tick(now); });
  thread_ = std::thread([this] {
    sys::block_all_signals();
    loop_.run();
  });
}

Lingering::~Lingering() {
  loop_.post([this] { loop_.stop(); });
  thread_.join();
}

void Lingering::take(std::shared_ptr<Connection> connection, bool was_idle) {
  connection->half_close(was_idle);
  if (connection->discard()) {
    loop_.post([this, connection = std::move(connection)] { begin(connection); });
  }
}

void Lingering::begin(std::shared_ptr<Connection> connection) {
  const int fd = connection->fd();
  auto end = std::make_unique<End>(*this, std::move(connection));
  if (loop_.watch(fd, sys::kReadable, *end) != 0) {
    return;
  }
  silent_.start(*end, sys::now());
  all_.start(end->age, sys::now());
  End* const key = end.get();
  ends_.emplace(key, std::move(end));
}

void Lingering::on_events(End& end) {
  if (end.connection->discard()) {
    silent_.start(end, loop_.now());
  } else {
    close(end);
  }
}

void Lingering::close(End& end) {
  loop_.unwatch(end.connection->fd());
  end.cancel();
  end.age.cancel();
  loop_.retire(std::move(ends_.extract(&end).mapped()));
}

Time Lingering::tick(Time now) {
  while (net::TimeoutNode* node = silent_.expired(now)) {
    close(static_cast<End&>(*node));
  }
  while (net::TimeoutNode* node = all_.expired(now)) {
    close(static_cast<End::Age&>(*node).end);
  }
  return std::min(silent_.next(), all_.next());
}

}  // namespace lastcall::httplib
