#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "connections.h"
#include "lastcall/httplib.h"
#include "lingering.h"
#include "net/accept_thread.h"
#include "sys/sys.h"

namespace lastcall::httplib {
namespace {

/// The connection that this thread serves: cpp-httplib's handlers are told of the request alone.
thread_local Connection* served = nullptr;

constexpr const char* kRetryAfterSeconds = "1";

/// Before the drain deadline, so that what was refused is told in time for the report.
constexpr Duration kRefusalMargin = 200ms;

/// To who waits for a thread that will not come: whatever was asked, a HEAD, too.
constexpr std::string_view kRefusal =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

Duration timeout(time_t seconds, time_t microseconds) {
  return std::chrono::seconds(seconds) + std::chrono::microseconds(microseconds);
}

}  // namespace

/// The listener, the connections, and the threads that serve them.
class ServerCore {
 public:
  ServerCore(Duration idle_grace, std::size_t max_connections)
      : connections(idle_grace, max_connections, [this](bool reached) { bound(reached); }) {}

  /// No handler runs any more when it returns.
  void end() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      std::swap(ended_, accepting_);
    }
    ended_.reset();
    connections.cut();
    if (threads_) {
      threads_->shutdown();
    }
  }

  /// `serve` runs on one of `threads` for each connection.
  void accept_from(sys::UniqueFd listener, std::unique_ptr<::httplib::TaskQueue> threads,
                   std::function<void(sys::UniqueFd)> serve) {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      threads_ = std::move(threads);
      accepting_ = std::make_unique<net::AcceptThread>(std::move(listener), std::move(serve));
    }
  }

  void enqueue(std::function<void()> task) { threads_->enqueue(std::move(task)); }

  void drain(const StepContext& step) {
    connections.begin_drain();
    const Duration time = step.remaining();
    const Time refuse_at = sys::now() + time - std::min(time / 10, kRefusalMargin);
    if (!connections.wait_until_none(step.token(), refuse_at)) {
      refuse_queued(step);
    }
    if (!connections.wait_until_none(step.token(), Time::max())) {
      connections.cut();
    }
    if (const std::uint64_t late = connections.lost_race()) {
      step.note("requests after the half-close of their idle connection: " + std::to_string(late));
    }
  }

  void close_listener(const std::stop_token& token) {
    net::AcceptThread* accepting = nullptr;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      accepting = accepting_.get();
    }
    if (accepting != nullptr) {
      accepting->close(token);
    }
  }

  Connections connections;
  Lingering lingering;

 private:
  // Told as lost, for a client that does not try elsewhere.
  void refuse_queued(const StepContext& step) {
    std::size_t refused = 0;
    for (const auto& connection : connections.refuse_queued()) {
      const bool asked = connection->refuse(kRefusal);
      refused += asked ? 1 : 0;
      lingering.take(connection, !asked);
    }
    if (refused > 0) {
      step.lost("requests that waited for a thread, answered 503: " + std::to_string(refused));
    }
  }

  void bound(bool reached) {
    const std::lock_guard lock(mutex_);
    if (accepting_ && reached) {
      accepting_->pause();
    } else if (accepting_) {
      accepting_->resume();
    }
  }

  std::unique_ptr<::httplib::TaskQueue> threads_;
  std::mutex mutex_;
  std::unique_ptr<net::AcceptThread> accepting_;
  std::unique_ptr<net::AcceptThread> ended_;  ///< joined without the lock, which its thread may want
  bool closed_ = false;
};

Server::Server(Coordinator& coordinator, ServerOptions options)
    : coordinator_(coordinator),
      options_(std::move(options)),
      requests_(coordinator.scope(options_.name)),
      core_(std::make_shared<ServerCore>(coordinator.options().idle_grace, options_.max_connections)) {
  ::httplib::Server::set_pre_routing_handler(
      [this](const ::httplib::Request& request, ::httplib::Response& response) {
        return admit(request, response);
      });
  ::httplib::Server::set_post_routing_handler(
      [this](const ::httplib::Request& request, ::httplib::Response& response) {
        finish_head(request, response);
      });
}

Server::~Server() {
  core_->end();
}

Server& Server::set_pre_routing_handler(HandlerWithResponse handler) {
  pre_routing_ = std::move(handler);
  return *this;
}

Server& Server::set_post_routing_handler(Handler handler) {
  post_routing_ = std::move(handler);
  return *this;
}

std::size_t Server::connections() const {
  return core_->connections.count();
}

Result<std::uint16_t> Server::start(std::string_view address) {
  if (started_) {
    return failure("the server \"" + options_.name + "\" was started already",
                   "start each server once; a second one listens on a second address");
  }
  const auto parsed = sys::parse_address(address);
  if (!parsed) {
    return Failure(parsed.error());
  }
  auto listener = net::AcceptThread::listen(*parsed);
  if (!listener) {
    return Failure(listener.error());
  }
  if (const auto joined = join_shutdown(); !joined) {
    return Failure(joined.error());
  }
  started_ = true;
  const std::uint16_t port = sys::local_address(listener->get()).port;
  core_->accept_from(std::move(*listener), std::unique_ptr<::httplib::TaskQueue>(new_task_queue()),
                     [this](sys::UniqueFd fd) { adopt(fd.release()); });
  return port;
}

// A step that was abandoned goes on, and may outlive us: it shares the core and nothing else.
Result<void> Server::join_shutdown() {
  lastcall::Server server;
  server.name = options_.name;
  server.close_listener = [core = core_](const StepContext& step) { core->close_listener(step.token()); };
  server.drain = [core = core_](const StepContext& step) { core->drain(step); };
  return coordinator_.add_server(std::move(server));
}

void Server::adopt(int fd) {
  const SocketStream::Timeouts timeouts{.read = timeout(read_timeout_sec_, read_timeout_usec_),
                                        .write = timeout(write_timeout_sec_, write_timeout_usec_)};
  // Shared because a task of cpp-httplib's is a std::function, which is copied; one thread has it at a time.
  const auto connection =
      std::make_shared<Connection>(core_->connections, sys::UniqueFd(fd), timeouts, coordinator_.announced());
  connection->queue();
  core_->enqueue([this, connection] {
    if (!connection->begin()) {
      return;
    }
    const bool was_idle = serve(*connection);
    core_->lingering.take(connection, was_idle);
  });
}

bool Server::serve(Connection& connection) {
  served = &connection;
  const Duration keep_alive = std::chrono::seconds(keep_alive_timeout_sec_);
  bool idle = false;
  bool goes_on = true;
  for (std::size_t left = keep_alive_max_count_; goes_on && left > 0; --left) {
    idle = !connection.stream.has_more() && !connection.await_request(keep_alive);
    goes_on = !idle && serve_one(connection, left == 1);
  }
  served = nullptr;
  return idle;
}

bool Server::serve_one(Connection& connection, bool last) {
  bool closes = false;
  connection.says_close = false;
  connection.stream.limit_reads(sys::now() + options_.header_timeout);
  const bool answered =
      process_request(connection.stream, last, closes, [&](const ::httplib::Request& request) {
        connection.stream.limit_reads(Time::max());
        connection.request = requests_.try_enter(request.method + " " + request.path);
        if (connection.redialled) {
          coordinator_.redialled();
        }
      });
  connection.request.release();
  return answered && !closes && !connection.says_close;
}

Server::HandlerResponse Server::admit(const ::httplib::Request& request, ::httplib::Response& response) {
  if (!served->request) {
    response.status = 503;
    response.set_header("Retry-After", kRetryAfterSeconds);
    response.set_content("shutting down\n", "text/plain");
    return HandlerResponse::Handled;
  }
  return pre_routing_ ? pre_routing_(request, response) : HandlerResponse::Unhandled;
}

// Called when the head is about to be written, so that a long request which began before the announcement
// says it, too.
void Server::finish_head(const ::httplib::Request& request, ::httplib::Response& response) {
  if (post_routing_) {
    post_routing_(request, response);
  }
  if (coordinator_.announced() || !served->request) {
    response.headers.erase("Keep-Alive");
    response.headers.erase("Connection");
    response.set_header("Connection", "close");
  }
  served->says_close = response.get_header_value("Connection") == "close";
}

}  // namespace lastcall::httplib
