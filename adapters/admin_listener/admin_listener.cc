#include "lastcall/admin_listener.h"

#include <thread>
#include <utility>

#include "admin/listener.h"
#include "admin/server.h"
#include "ready_asker.h"

namespace lastcall {
namespace {

/// What the admin pages are told of the service.
class ServiceSource final : public admin::Source {
 public:
  ServiceSource(Coordinator& coordinator, const std::string& request_scope)
      : coordinator_(coordinator),
        requests_(coordinator.scope(request_scope)),
        asker_(coordinator.health()) {}

  [[nodiscard]] admin::StatusView status() const override {
    ReadyAsker::Answer answer = asker_.last();
    admin::StatusView view;
    view.readiness = {.phase = coordinator_.phase(), .app_answers = answer.checks_pass};
    view.unready_because = std::move(answer.detail);
    view.in_flight.requests = requests_.in_flight();
    return view;
  }

  void add_metrics(admin::Metrics&) const override {}

 private:
  Coordinator& coordinator_;
  const WorkScope& requests_;
  mutable ReadyAsker asker_;
};

}  // namespace

class AdminListener::Running {
 public:
  Running(Coordinator& coordinator, const AdminOptions& options, admin::Listener listener)
      : port_(listener.address.port),
        source_(coordinator, options.request_scope),
        server_(loop_, std::move(listener.fd), source_) {
    loop_.on_batch([this](Time now) { return server_.tick(now); });
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~Running() {
    loop_.post([this] { loop_.stop(); });
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  const std::uint16_t port_;
  const ServiceSource source_;
  net::Loop loop_;
  admin::Server server_;
  std::thread thread_;
};

Result<AdminListener> AdminListener::open(Coordinator& coordinator, const AdminOptions& options) {
  const bool bare_ipv6 = options.address.find(':') != std::string::npos && options.address.front() != '[';
  const std::string host = bare_ipv6 ? "[" + options.address + "]" : options.address;
  const auto address = sys::parse_address(host + ":" + std::to_string(options.port));
  if (!address) {
    return Failure(address.error());
  }
  const auto choice =
      options.port == AdminOptions::kDefaultPort ? admin::Choice::standard : admin::Choice::asked;
  auto listener = admin::open_listener(*address, choice);
  if (!listener) {
    return Failure(listener.error());
  }
  return AdminListener(std::make_unique<Running>(coordinator, options, std::move(*listener)));
}

AdminListener::AdminListener(std::unique_ptr<Running> running) : running_(std::move(running)) {}

AdminListener::AdminListener(AdminListener&&) noexcept = default;
AdminListener& AdminListener::operator=(AdminListener&&) noexcept = default;
AdminListener::~AdminListener() = default;

std::uint16_t AdminListener::port() const {
  return running_->port();
}

}  // namespace lastcall
