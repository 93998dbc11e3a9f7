// delay: joins two network namespaces by a cable of a chosen length: a TUN device in each, and every packet
// held back for a fixed time on its way. For machines whose kernel has no netem. Prints "ready" once both
// devices exist; they, and the cable, live as long as this process. The addresses are for the caller to set.
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLargestPacket = 65536;
constexpr std::size_t kMostPackets = 100'000;  // what does not fit is lost, as in a router
constexpr int kBatch = 128;
constexpr const char* kDevice = "cable";

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "delay: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

struct End {
  int fd = -1;  ///< its TUN device

  struct Packet {
    Clock::time_point due;
    std::string bytes;
  };

  std::deque<Packet> arriving;  ///< from the other end, the earliest first
};

/// Makes the device in the namespace that `path` stands for (/proc/PID/ns/net). This thread stays there.
int make_device(const char* path) {
  const int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) < 0) {
    die(path);
  }
  close(space);
  const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) {
    die("/dev/net/tun");
  }
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, kDevice, IFNAMSIZ - 1);
  if (ioctl(device, TUNSETIFF, &request) < 0) {
    die("TUNSETIFF");
  }
  return device;
}

void take_in(const End& from, End& to, Clock::duration delay) {
  static std::array<char, kLargestPacket> buffer;
  for (int i = 0; i < kBatch; ++i) {
    const ssize_t got = read(from.fd, buffer.data(), buffer.size());
    if (got <= 0) {
      return;
    }
    if (to.arriving.size() < kMostPackets) {
      to.arriving.push_back(
          {Clock::now() + delay, std::string(buffer.data(), static_cast<std::size_t>(got))});
    }
  }
}

void hand_out(End& to) {
  const Clock::time_point now = Clock::now();
  while (!to.arriving.empty() && to.arriving.front().due <= now) {
    const std::string& packet = to.arriving.front().bytes;
    const bool lost = write(to.fd, packet.data(), packet.size()) < 0;
    if (lost && errno != EIO && errno != EAGAIN &&
        errno != ENOBUFS) {  // device down, no room: as on any network
      die("write");
    }
    to.arriving.pop_front();
  }
}

timespec until_due(const std::array<End, 2>& ends) {
  Clock::duration wait = std::chrono::seconds(1);
  for (const End& end : ends) {
    if (!end.arriving.empty()) {
      wait = std::min(wait, end.arriving.front().due - Clock::now());
    }
  }
  const auto ns = std::max<std::int64_t>(0, std::chrono::nanoseconds(wait).count());
  return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
}

[[noreturn]] void carry(std::array<End, 2>& ends, Clock::duration delay) {
  for (;;) {
    std::array<pollfd, 2> waiting = {{{ends[0].fd, POLLIN, 0}, {ends[1].fd, POLLIN, 0}}};
    const timespec wait = until_due(ends);
    if (ppoll(waiting.data(), waiting.size(), &wait, nullptr) < 0 && errno != EINTR) {
      die("ppoll");
    }
    take_in(ends[0], ends[1], delay);
    take_in(ends[1], ends[0], delay);
    hand_out(ends[0]);
    hand_out(ends[1]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: delay NETNS NETNS ONE_WAY_MICROSECONDS\n", stderr);
    return 2;
  }
  std::array<End, 2> ends;
  ends[0].fd = make_device(argv[1]);
  ends[1].fd = make_device(argv[2]);
  std::puts("ready");
  std::fflush(stdout);
  carry(ends, std::chrono::microseconds(std::atol(argv[3])));
}
