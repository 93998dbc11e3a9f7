// The least of services: a job in flight, a step of cleanup, and an exit status that tells the truth.
#include <chrono>
#include <iostream>

#include <lastcall/lastcall.h>

int main() {
  using namespace std::chrono_literals;
  auto shutdown = lastcall::Coordinator::create({.grace = 10s});
  if (!shutdown) {
    std::cerr << shutdown.error().what << '\n';
    return 2;
  }
  const auto added =
      shutdown->add_step({.name = "database"}, [] { std::cout << "database closed" << std::endl; });
  if (!added) {
    std::cerr << added.error().what << '\n';
    return 2;
  }
  shutdown->started();
  std::cout << "ready" << std::endl;
  return lastcall::finish(shutdown->run());
}
