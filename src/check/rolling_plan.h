// RollingPlan: what a rolling restart is to do. Data only.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "check/balancer.h"
#include "check/server_process.h"

namespace lastcall::check {

struct RollingPlan {
  std::string title{};
  Command command;                           ///< {port} in it is each replica's
  std::vector<std::string> shown_command{};  ///< the same as it may be shown
  BalancerKind balancer = BalancerKind::haproxy;
  std::uint32_t replicas = 3;
  std::uint32_t restarts = 20;
  int signal = SIGTERM;
  Duration grace = 30s;          ///< then a replica is killed
  Duration start_timeout = 30s;  ///< for a replica to answer; 0: no limit
  Duration before = 1s;          ///< of load, until the first signal
  std::string path = "/";
  std::string ready_path{};            ///< on the replica's own port; empty: none
  std::string slow_path{};             ///< empty: no such requests
  std::string upload_path{};           ///< empty: no such requests
  std::vector<std::string> headers{};  ///< of every request of users, "Name: value"
  double rate = 200;                   ///< requests per second, half of them on new connections
  std::uint64_t seed = 1;
  std::string folder{};  ///< for the balancer; exists, private
};

}  // namespace lastcall::check
