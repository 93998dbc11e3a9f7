#include "check/balancer.h"

#include <fmt/format.h>

namespace lastcall::check {
namespace {

/// An HTTP listener in the folder, at which HAProxy says which replicas it sends to.
constexpr std::string_view kControl = "control";

/// One word of HAProxy's configuration.
std::string quoted(std::string_view text) {
  std::string word;
  for (const char c : text) {
    word += std::string_view("\\\"'# ").find(c) == std::string_view::npos ? "" : "\\";
    word += c;
  }
  return word;
}

std::string haproxy_check(const BalancerPlan& plan) {
  if (plan.ready_path.empty()) {
    return {};
  }
  return fmt::format(
      "  option httpchk\n"
      "  http-check send meth GET uri {} ver HTTP/1.1 hdr Host localhost hdr Connection close\n",
      quoted(plan.ready_path));
}

std::string haproxy_servers(const BalancerPlan& plan) {
  std::string lines;
  for (std::size_t i = 0; i < plan.replicas.size(); ++i) {
    lines += fmt::format("  server replica{} 127.0.0.1:{}\n", i + 1, plan.replicas[i]);
  }
  return lines;
}

std::string haproxy_answers(const BalancerPlan& plan) {
  std::string lines;
  for (std::size_t i = 1; i <= plan.replicas.size(); ++i) {
    lines += fmt::format(
        "  http-request return status 200 if {{ path /replica{0} }} {{ srv_is_up(replicas/replica{0}) }}\n",
        i);
  }
  return lines;
}

std::string haproxy_configuration(const BalancerPlan& plan) {
  return fmt::format(
      "global\n"
      "  maxconn 4096\n"
      "defaults\n"
      "  mode http\n"
      "  timeout connect 1s\n"
      "  timeout client 60s\n"
      "  timeout server 60s\n"
      "  retries 3\n"
      "  option redispatch 1\n"
      "frontend users\n"
      "  bind 127.0.0.1:{}\n"
      "  default_backend replicas\n"
      "backend replicas\n"
      "  balance roundrobin\n"
      "{}"
      "  default-server check inter 100ms fall 2 rise 2\n"
      "{}"
      "frontend control\n"
      "  bind unix@{}/{} mode 600\n"
      "{}"
      "  http-request return status 503\n",
      plan.port, haproxy_check(plan), haproxy_servers(plan), plan.folder, kControl, haproxy_answers(plan));
}

std::string nginx_servers(const BalancerPlan& plan) {
  std::string lines;
  for (const std::uint16_t port : plan.replicas) {
    lines += fmt::format("    server 127.0.0.1:{} max_fails=1 fail_timeout={:.0f}s;\n", port,
                         to_seconds(Balancer::kLeftAlone));
  }
  return lines;
}

// One process, so that all requests share what is known of the replicas, and no other user owns a part of it.
std::string nginx_configuration(const BalancerPlan& plan) {
  std::string folders;
  for (const std::string_view name : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    folders += fmt::format("  {0}_temp_path {1}/{0};\n", name, plan.folder);
  }
  return fmt::format(
      "daemon off;\n"
      "master_process off;\n"
      "pid {}/nginx.pid;\n"
      "error_log stderr warn;\n"
      "events {{ worker_connections 4096; }}\n"
      "http {{\n"
      "  access_log off;\n"
      "{}"
      "  upstream replicas {{\n"
      "{}"
      "    keepalive 32;\n"
      "  }}\n"
      "  server {{\n"
      "    listen 127.0.0.1:{} backlog=1024;\n"
      "    location / {{\n"
      "      proxy_pass http://replicas;\n"
      "      proxy_http_version 1.1;\n"
      "      proxy_set_header Connection \"\";\n"
      "      proxy_connect_timeout 1s;\n"
      "      proxy_next_upstream error timeout;\n"
      "    }}\n"
      "  }}\n"
      "}}\n",
      plan.folder, folders, nginx_servers(plan), plan.port);
}

/// As root's PATH has them, and everybody else's often has not.
Result<void> start_installed(ServerProcess& process, Command command, BalancerKind kind) {
  auto started = process.start(command);
  if (!started && started.error().exit_status == 127) {
    command.argv.front() = "/usr/sbin/" + command.argv.front();
    started = process.start(command);
  }
  if (!started && started.error().exit_status == 127) {
    return failure(fmt::format("{} is not installed", to_string(kind)),
                   fmt::format("on Debian: apt-get install {}", to_string(kind)), 2);
  }
  return started;
}

}  // namespace

std::string_view to_string(BalancerKind kind) {
  return kind == BalancerKind::haproxy ? "haproxy" : "nginx";
}

std::string configuration(const BalancerPlan& plan) {
  return plan.kind == BalancerKind::haproxy ? haproxy_configuration(plan) : nginx_configuration(plan);
}

std::vector<std::string> telling_settings(const BalancerPlan& plan) {
  if (plan.kind == BalancerKind::nginx) {
    return {
        fmt::format("max_fails=1 fail_timeout={:.0f}s: no probes; after a failure a replica is left alone",
                    to_seconds(Balancer::kLeftAlone)),
        "proxy_next_upstream error timeout (default): a GET is tried again elsewhere, a POST only if it was "
        "not sent",
        "keepalive 32: connections to the replicas are kept"};
  }
  const std::string how = plan.ready_path.empty()
                              ? "whether it accepts a connection"
                              : "GET " + plan.ready_path.substr(0, plan.ready_path.find('?'));
  return {"check inter 100ms fall 2 rise 2: each replica is probed, " + how,
          "retries 3, option redispatch 1: a refused connection is tried again elsewhere, a request that was "
          "sent is not",
          "http-reuse safe (default): connections to the replicas are kept"};
}

Result<void> Balancer::start(const std::vector<std::string>& environment) {
  const std::string file = plan_.folder + "/" + std::string(to_string(plan_.kind)) + ".conf";
  if (const int failed = sys::replace_file(file, configuration(plan_)); failed < 0) {
    return failure("cannot write " + file);
  }
  Command command{.argv = {"haproxy", "-db", "-f", file}, .environment = environment};
  if (plan_.kind == BalancerKind::nginx) {
    command.argv = {"nginx", "-e", "stderr", "-p", plan_.folder, "-c", file};
  }
  return start_installed(process_, std::move(command), plan_.kind);
}

std::optional<Scenario> Balancer::routing_question(std::size_t replica) const {
  if (plan_.kind == BalancerKind::nginx) {
    return std::nullopt;
  }
  return Scenario{.target = {.family = sys::Address::Family::unix_path,
                             .path = fmt::format("{}/{}", plan_.folder, kControl)},
                  .flows = {{.name = "routing", .path = fmt::format("/replica{}", replica + 1)}}};
}

}  // namespace lastcall::check
