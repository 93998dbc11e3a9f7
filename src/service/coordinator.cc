// The public Coordinator: a thin front of Runtime.
#include "lastcall/coordinator.h"

#include <utility>

#include "service/runtime.h"

namespace lastcall {

Result<Coordinator> Coordinator::create(Options options) {
  return service::Runtime::create(std::move(options)).map([](std::unique_ptr<service::Runtime> runtime) {
    return Coordinator(std::move(runtime));
  });
}

Coordinator::Coordinator(std::unique_ptr<service::Runtime> runtime) : runtime_(std::move(runtime)) {}

Coordinator::Coordinator(Coordinator&&) noexcept = default;
Coordinator& Coordinator::operator=(Coordinator&&) noexcept = default;
Coordinator::~Coordinator() = default;

std::vector<std::string> Coordinator::warnings() const {
  return runtime_->warnings();
}

WorkScope& Coordinator::scope(std::string_view name) {
  return runtime_->scope(name);
}

Result<void> Coordinator::add_blocking_step(Step step, BlockingWork work) {
  return runtime_->add_step(std::move(step), {.run = std::move(work)});
}

Result<void> Coordinator::add_async_step(Step step, std::function<void(StepContext)> begin) {
  const auto run = [begin = std::move(begin)](const StepContext& context) -> Result<void> {
    begin(context);
    return {};
  };
  return runtime_->add_step(std::move(step), {.run = run, .blocking = false});
}

Result<void> Coordinator::add_server(Server server) {
  return runtime_->add_server(std::move(server));
}

void Coordinator::redialled() {
  runtime_->redialled();
}

void Coordinator::on_announce(std::function<void()> announce) {
  runtime_->on_announce(std::move(announce));
}

Health& Coordinator::health() {
  return runtime_->health();
}

std::stop_token Coordinator::draining_token() const {
  return runtime_->tokens().draining();
}

std::stop_token Coordinator::abort_token() const {
  return runtime_->tokens().abort();
}

LinkedStop Coordinator::link(Time deadline) {
  return runtime_->link(deadline);
}

bool Coordinator::announced() const noexcept {
  return runtime_->announced();
}

bool Coordinator::is_shutting_down() const noexcept {
  return runtime_->is_shutting_down();
}

Phase Coordinator::phase() const {
  return runtime_->phase();
}

const Options& Coordinator::options() const {
  return runtime_->options();
}

Time Coordinator::drain_deadline() const {
  return runtime_->drain_deadline();
}

void Coordinator::started() {
  runtime_->started();
}

void Coordinator::shutdown(std::string reason) {
  runtime_->begin(std::move(reason));
}

void Coordinator::force(std::string reason) {
  runtime_->force(std::move(reason));
}

DrainReport Coordinator::run() {
  return DrainReport(std::make_shared<const drain::DrainReport>(runtime_->run()));
}

}  // namespace lastcall
