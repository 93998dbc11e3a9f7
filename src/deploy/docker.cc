#include <fmt/format.h>

#include "deploy/manifest.h"
#include "deploy/quote.h"

namespace lastcall::deploy {
namespace {

constexpr const char* kDockerfile =
    R"(# docker build --build-context lastcall-source=PATH-TO-LASTCALLS-SOURCES -t {image} .
# docker run --stop-timeout {grace} -p {port}:{port} {image}
#
# --stop-timeout (stop_grace_period in a compose file) and LASTCALL_GRACE are one value, --grace.

FROM debian:12-slim AS lastcall
WORKDIR /src
COPY --from=lastcall-source . .
RUN scripts/setup build \
 && cmake --preset release -B /build \
 && cmake --build /build --target lastcall \
 && install -d -m 0700 -o 65532 -g 65532 /image/run/lastcall

# Put here how your app is built: a static binary and what it reads, in /app. What this folder's .dockerignore does not
# name comes along.
FROM debian:12-slim AS app
COPY . /app

# The app, lastcall, and nothing else: no shell, no libraries.
FROM scratch
COPY --from=lastcall /build/lastcall /lastcall
COPY --from=app /app /app
# /run/lastcall, where `docker exec CONTAINER /lastcall status` asks: its user's alone.
COPY --from=lastcall --chown=65532:65532 /image/ /
ENV LASTCALL_LISTEN={listen}{environment}
EXPOSE {port}
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["/lastcall", "run", "--"]
CMD {command}
)";

}  // namespace

std::vector<File> docker(const Deployment& deployment) {
  using fmt::arg;
  std::string environment;
  for (const auto& [name, value] : deployment.environment) {
    environment += " \\\n    " + docker_assignment(name, value);
  }
  return {{"Dockerfile",
           fmt::format(fmt::runtime(kDockerfile), arg("image", deployment.image),
                       arg("grace", grace_seconds(deployment)), arg("port", deployment.port),
                       arg("listen", json_string(deployment.listen)), arg("environment", environment),
                       arg("command", json_array(deployment.command)))}};
}

std::vector<std::string> docker_doubts(const Deployment& deployment) {
  const std::string& program = deployment.command.front();
  if (program.starts_with("/app/")) {
    return {};
  }
  return {"the image holds lastcall and what is built into /app, nothing else: '" + program +
          "' will not be found there; build a static binary into /app, or let the last stage begin with the "
          "app's own base image in the place of scratch"};
}

}  // namespace lastcall::deploy
