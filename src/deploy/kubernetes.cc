#include <algorithm>

#include <fmt/format.h>

#include "deploy/manifest.h"
#include "deploy/quote.h"

namespace lastcall::deploy {
namespace {

constexpr const char* kDeployment =
    R"(# What lastcall printed for its settings; to change one, print it anew: lastcall manifest --help
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      # This and LASTCALL_GRACE are one value, --grace. A preStop hook's time comes off it; lastcall needs none.
      terminationGracePeriodSeconds: {grace}
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
{sysctls}      containers:
        - name: {name}
          image: {image}
          command: ["/lastcall", "run", "--"]
          args: {command}
          env:
{environment}          ports:
            - name: http
              containerPort: {port}
            - name: admin
              containerPort: {admin_port}
          # Fails from the first instant of a shutdown.
          readinessProbe:
            httpGet:
              path: /readyz
              port: admin
            periodSeconds: 2
            failureThreshold: 2
          # Does not: a drain must not be cut short by a restart.
          livenessProbe:
            httpGet:
              path: /livez
              port: admin
            periodSeconds: 10
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop: ["ALL"]
          # For the control socket: kubectl exec POD -- /lastcall status
          volumeMounts:
            - name: run
              mountPath: /run/lastcall
      volumes:
        - name: run
          emptyDir: {{}}
)";

constexpr const char* kService = R"(apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
)";

constexpr const char* kBudget = R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
)";

constexpr const char* kKustomization = R"(apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - {file}
)";

/// The kubelet expands $(NAME) in these; $$ is its escape.
std::string unexpanded(std::string_view text) {
  std::string escaped;
  for (std::size_t at = 0; at < text.size(); ++at) {
    escaped.append(text.substr(at).starts_with("$(") ? "$" : "").append(1, text[at]);
  }
  return escaped;
}

std::string arguments(const Deployment& deployment) {
  std::vector<std::string> words;
  words.reserve(deployment.command.size());
  for (const std::string& word : deployment.command) {
    words.push_back(unexpanded(word));
  }
  return json_array(words);
}

std::string entry(std::string_view name, std::string_view value) {
  return fmt::format("            - name: {}\n              value: {}\n", name,
                     json_string(unexpanded(value)));
}

std::string environment(const Deployment& deployment) {
  std::string entries = entry("LASTCALL_LISTEN", deployment.listen);
  for (const auto& [name, value] : deployment.environment) {
    entries += entry(name, value);
  }
  if (!deployment.control_asked) {
    entries += entry("LASTCALL_CONTROL", "/run/lastcall/control.sock");
  }
  return entries;
}

/// A container without privileges may open no port below 1024, unless its namespace says so.
std::string sysctls(const Deployment& deployment) {
  constexpr std::uint16_t kFirstUnprivileged = 1024;  // ip(7), ip_unprivileged_port_start
  const std::uint16_t lowest = std::min(deployment.port, deployment.admin_port);
  if (lowest >= kFirstUnprivileged) {
    return {};
  }
  return fmt::format(
      "        sysctls:\n          - name: net.ipv4.ip_unprivileged_port_start\n            value: \"{}\"\n",
      lowest);
}

}  // namespace

std::int64_t grace_seconds(const Deployment& deployment) {
  return std::chrono::ceil<std::chrono::seconds>(deployment.grace).count();
}

std::vector<File> kubernetes(const Deployment& deployment) {
  using fmt::arg;
  const std::string quoted_name = json_string(deployment.name);  // "on" and "1" are names too
  const auto name = arg("name", quoted_name);
  const std::string resources =
      fmt::format(fmt::runtime(kDeployment), name, arg("replicas", deployment.replicas),
                  arg("grace", grace_seconds(deployment)), arg("image", json_string(deployment.image)),
                  arg("command", arguments(deployment)), arg("environment", environment(deployment)),
                  arg("port", deployment.port), arg("admin_port", deployment.admin_port),
                  arg("sysctls", sysctls(deployment))) +
      "---\n" + fmt::format(fmt::runtime(kService), name) + "---\n" +
      fmt::format(fmt::runtime(kBudget), name);
  const std::string file = deployment.name + ".yaml";
  return {{file, resources},
          {"kustomization.yaml", fmt::format(fmt::runtime(kKustomization), arg("file", file)), true}};
}

}  // namespace lastcall::deploy
