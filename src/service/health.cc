// The public Health: a handle of the board, and its answers as JSON.
#include "lastcall/health.h"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "service/health_board.h"

namespace lastcall {

Health::Health(std::shared_ptr<service::HealthBoard> board) : board_(std::move(board)) {}

Result<void> Health::add_check(HealthCheck options, std::function<Result<void>()> check) {
  return board_->add_check(std::move(options), std::move(check));
}

HealthAnswer Health::startup() const {
  return board_->startup();
}

HealthAnswer Health::live() const {
  return board_->live();
}

HealthAnswer Health::ready() const {
  return board_->ready();
}

std::string HealthAnswer::to_json() const {
  using Json = nlohmann::ordered_json;
  Json all = Json::array();
  for (const HealthDetail& check : checks) {
    all.push_back({{"name", check.name},
                   {"healthy", check.healthy},
                   {"critical", check.critical},
                   {"detail", check.detail},
                   {"took_ms", std::chrono::duration<double, std::milli>(check.took).count()}});
  }
  const Json json = {{"status", detail}, {"phase", to_string(phase)}, {"checks", all}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lastcall
