// The one door to the kernel, a link seam: thin functions with one real implementation (linux_*.cc) and, in
// tests, another that fakes them. Every call added here is one more that a simulated kernel must fake.
// Failure is a negative errno in the return value, as the kernel itself says it; nothing here retries, logs
// or throws, but for EINTR, which is always retried. Every descriptor is made close-on-exec and, unless said
// otherwise, non-blocking.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sys/address.h"
#include "sys/fd.h"

namespace lastcall::sys {

// Time.

[[nodiscard]] Time now();

/// Milliseconds since 1970, UTC.
[[nodiscard]] std::int64_t wall_clock_ms();

/// A descriptor for alarm_wait(), or a negative errno.
[[nodiscard]] int alarm_create();
/// When alarm_wait() is to return; an instant that has passed: at once. Time::max(): never. Any thread.
void alarm_set(int alarm, Time at);
/// Blocks until the alarm's instant has come, also if the process was stopped meanwhile.
void alarm_wait(int alarm);

/// Fills `out` with random bytes from the kernel.
void random_bytes(std::span<std::byte> out);

// Readiness of descriptors.

struct ReadyEvent {
  std::uint32_t events;
  void* target;
};

inline constexpr std::uint32_t kReadable = 0x001;      // EPOLLIN
inline constexpr std::uint32_t kWritable = 0x004;      // EPOLLOUT
inline constexpr std::uint32_t kError = 0x008;         // EPOLLERR
inline constexpr std::uint32_t kHangup = 0x010;        // EPOLLHUP
inline constexpr std::uint32_t kPeerClosed = 0x2000;   // EPOLLRDHUP
inline constexpr std::uint32_t kExclusive = 1U << 28;  // EPOLLEXCLUSIVE
inline constexpr std::uint32_t kEdge = 1U << 31;       // EPOLLET

[[nodiscard]] int poller_create();
int poller_add(int poller, int fd, std::uint32_t events, void* target);
int poller_remove(int poller, int fd);
/// Blocks until an event or `timeout` (rounded up to the kernel's resolution; Duration::max() = for ever).
/// Returns their number.
[[nodiscard]] int poller_wait(int poller, std::span<ReadyEvent> out, Duration timeout);

/// Blocks until `fd` is as one of `events` (kReadable, kWritable) or broken, `wake` (-1: none) is readable,
/// or for `timeout` (Duration::max() = for ever). Returns what `fd` is: 0 after `wake` or the timeout.
std::uint32_t poll_one(int fd, std::uint32_t events, int wake, Duration timeout);

/// A descriptor that becomes readable when wake() is called from any thread, until wake_drain().
[[nodiscard]] int wake_create();
void wake(int fd);
void wake_drain(int fd);

// Sockets.

/// Creates, binds and listens. TCP: SO_REUSEADDR, TCP_NODELAY (inherited by what is accepted), dual-stack for
/// "::". Unix: a stale socket file that nobody listens on is removed first.
[[nodiscard]] int listen_on(const Address& address, int backlog);
/// The same for a Unix socket that only our own user can connect to: mode 0600 from its first instant.
/// -ENAMETOOLONG if the kernel could not take the whole path.
[[nodiscard]] int listen_privately(const std::string& path, int backlog);
/// Makes a listening stream socket that we were started with like one of listen_on(): 0, or -EINVAL if it is
/// none.
int adopt_listener(int fd);
/// listen() again: changes the backlog of a listening socket.
int set_backlog(int fd, int backlog);
/// Accepts one connection, non-blocking; `peer` may be null. -EAGAIN when the queue is empty.
[[nodiscard]] int accept(int listener, Address* peer);
/// Starts a non-blocking connect with TCP_NODELAY: a descriptor, connected or still connecting; or a negative
/// errno. A connect that would meet itself on its own port is -ECONNREFUSED.
[[nodiscard]] int connect_to(const Address& address);
/// The pending error of a socket, as a negative errno or 0 (SO_ERROR): how a connect ended.
[[nodiscard]] int socket_error(int fd);
[[nodiscard]] Address local_address(int fd);
/// The other end of a connection.
[[nodiscard]] Address peer_address(int fd);
[[nodiscard]] ssize_t receive(int fd, std::span<char> into);
/// Sends without SIGPIPE. `more`: further bytes follow at once (MSG_MORE).
[[nodiscard]] ssize_t send(int fd, std::string_view bytes, bool more);
/// Sends head and body with one call.
[[nodiscard]] ssize_t send_both(int fd, std::string_view head, std::string_view body);
int shutdown_write(int fd);
int shutdown_read(int fd);
/// Smoothed round-trip time of a TCP connection (TCP_INFO); zero for Unix sockets and on error.
[[nodiscard]] Duration round_trip_time(int fd);
/// Makes close() reset the connection instead of finishing it: only for what is forced or broken.
void reset_on_close(int fd);

// Closing a listener.

/// SO_BINDTOIFINDEX to an interface that cannot exist: new SYNs are refused, handshakes in flight still
/// complete.
int stop_matching_syns(int listener);
/// A socket filter that drops SYNs without ACK. Needs CAP_NET_ADMIN on new kernels.
int drop_syns(int listener);
/// Completed connections not yet accepted (TCP_INFO); negative errno.
[[nodiscard]] int accept_queue_length(int listener);
/// Handshakes in SYN_RECV for the listener's address and port, asked in its own address family (sock_diag);
/// negative errno.
[[nodiscard]] int handshakes_in_flight(int listener);
/// SyncookiesSent + ListenOverflows + ListenDrops of this network namespace so far; negative errno if they
/// cannot be read.
[[nodiscard]] std::int64_t syn_queue_overflows();
/// Removes a Unix socket's file if it is still the one that `listener` is bound to.
void unlink_if_ours(int listener);

// Datagrams over Unix sockets: what a service tells its manager (sd_notify).

/// Sends one without waiting; 0 or a negative errno.
int send_datagram(const Address& to, std::string_view bytes);
/// A socket for them under an abstract name that the kernel chooses (local_address()), or a negative errno.
[[nodiscard]] int open_datagrams();

struct Datagram {
  std::string bytes;  ///< at most 4 KiB
  pid_t sender;
  bool trusted;  ///< its sender runs as our own user, or as root
};

/// The next one, if any. Descriptors that came with it are closed.
[[nodiscard]] std::optional<Datagram> next_datagram(int fd);

// Signals.

/// Blocks every signal that lastcall handles; they stay pending until read from the signal descriptor, for
/// PID 1 too. Remembers the mask of before, for the child. main's first statement.
void block_signals();
/// Blocks every signal in the calling thread, but its own faults: a library's own threads leave them to those
/// of the service.
void block_all_signals();
/// A descriptor from which next_signal() reads the blocked signals.
[[nodiscard]] int signal_fd_create();

struct Signal {
  int number;
  pid_t sender;  ///< 0: the kernel (a terminal's Ctrl-C) or another PID namespace
};

[[nodiscard]] std::optional<Signal> next_signal(int signal_fd);

// Signals of a process that is not ours: a library cannot choose which threads block them.

/// Catches `signals` for the whole process, by a handler that only writes to a pipe, and makes SIGPIPE
/// harmless where it would kill; what was there before is kept. 0, -EBUSY if they are caught already, or
/// another negative errno.
int catch_signals(std::span<const int> signals);
/// Waits for the next one, in the order in which they came; 0 once release_signals() was called. On one
/// thread, which from then on takes these signals and no other, so that they come whatever others block.
[[nodiscard]] int next_caught_signal();
/// Restores what was there before catch_signals(), but for `kept`: these stay caught, and nobody is told.
/// They may be caught again once next_caught_signal() has said 0.
void release_signals(std::span<const int> kept = {});

// Child processes.

struct SpawnRequest {
  std::vector<std::string> argv;         ///< argv[0] is looked up in PATH
  std::vector<std::string> environment;  ///< "NAME=VALUE", complete
  bool foreground = false;               ///< own the terminal and keep stdin; else stdin is /dev/null
  int output = -1;                       ///< becomes stdout and stderr; -1: ours
};

/// For a program's output: we read without blocking, it writes as programs expect to.
struct Pipe {
  UniqueFd reader;
  UniqueFd writer;
};

/// Neither end is open when there are no descriptors left.
[[nodiscard]] Pipe pipe_create();
[[nodiscard]] ssize_t read_pipe(int reader, std::span<char> into);

/// A started program. Its parent is a keeper, a small process of ours that outlives even our SIGKILL: when
/// the link closes, by release() or by our death, it kills and reaps everything below it.
struct Spawned {
  pid_t pid = -1;  ///< the leader of its own process group; both ids stay its own until release()
  pid_t keeper = -1;
  UniqueFd link;  ///< readable when the keeper has news
};

/// Starts a program in its own process group with the original signal mask, ignored signals and NOFILE limit,
/// and with descriptors 0 to 2 only. Error: 127 not found, 126 not executable, 125 otherwise.
[[nodiscard]] Result<Spawned> spawn(const SpawnRequest& request);

struct ExitStatus {
  bool signalled = false;  ///< died of a signal
  int value = 0;           ///< exit status, or the signal

  bool operator==(const ExitStatus&) const = default;
};

struct KeeperNews {
  enum class Kind : std::uint8_t {
    exited,  ///< the program has exited; it stays a zombie, so that nobody else can get its ids
    orphan,  ///< after that: a process that it left behind has exited
    gone,    ///< after release(): nothing is left
    lost,    ///< the keeper itself is gone: after `gone`, or because somebody killed it (and so the program)
  };
  Kind kind = Kind::lost;
  ExitStatus exit{};  ///< of `exited`
  int count = 0;  ///< of `exited`: living processes it left behind; of `gone`: those that SIGKILL had to end
  int zombies = 0;  ///< of `exited`: dead children that it had not waited for
};

/// What the keeper has to say next, if anything.
[[nodiscard]] std::optional<KeeperNews> keeper_news(const Spawned& child);
/// Has everything that is left killed and reaped: the group and every descendant, whatever its session.
void release(const Spawned& child);

/// Makes us the reaper of orphaned descendants (PID 1 is that already).
void become_subreaper();

struct Reaped {
  pid_t pid;
  ExitStatus exit;
};

/// Reaps one dead child of ours, whoever it was; nothing when none is dead.
[[nodiscard]] std::optional<Reaped> reap();
/// Waits for a child of ours that is about to exit, and reaps it.
void reap_process(pid_t pid);
int signal_process(pid_t pid, int signal);
int signal_group(pid_t leader, int signal);
/// Living members of the process group, the leader and zombies not counted.
[[nodiscard]] int group_members(pid_t leader);
/// All of its threads are about to exit, or have: what it had open is closed only after that. False where
/// /proc does not tell.
[[nodiscard]] bool is_ending(pid_t pid);
/// A descriptor of a process that somebody else started, readable once it has ended; or a negative errno. It
/// never comes to mean another process.
[[nodiscard]] int process_open(pid_t pid);
/// Signals that process; 0 only asks whether we may. Returns 0 or a negative errno.
int process_signal(int process, int signal);
[[nodiscard]] pid_t own_pid();
/// Processes whose parent we are, dead ones that are not reaped yet too: one whose first thread has died
/// looks dead while another of its threads still runs, and keeps its own children from us.
[[nodiscard]] std::vector<pid_t> children();

struct Running {
  pid_t pid;
  std::string command;  ///< argv[0]
};

/// Living processes below `root`, itself not counted. Reads the whole process table: some milliseconds.
[[nodiscard]] std::vector<Running> descendants(pid_t root);
/// Addresses on which this process or its descendants listen: "127.0.0.1:8080", "unix:/run/x". For error
/// messages.
[[nodiscard]] std::vector<std::string> listening_addresses(pid_t pid);

// The process's own surroundings.

/// Opens /dev/null in place of a closed descriptor 0, 1 or 2, so that no socket ever gets such a number.
void open_standard_descriptors();
/// Raises the soft NOFILE limit to the hard one; returns it.
std::uint64_t raise_file_limit();
/// The same file or socket under a number of its own, which no other owner closes; or a negative errno.
[[nodiscard]] int duplicate(int fd);
[[nodiscard]] bool is_terminal(int fd);
[[nodiscard]] int terminal_width(int fd);
/// Gives the terminal's foreground to a process group (0: our own), if there is a terminal.
void set_terminal_foreground(pid_t group);
/// Writes everything; blocking. Returns 0 or a negative errno.
int write_all(int fd, std::string_view bytes);
/// Writes what a terminal, a file or a pipe takes at once; never waits. For last words.
void write_now(int fd, std::string_view bytes);
/// Who may read a file that we make.
enum class Access : std::uint8_t { everybody, ourselves };

/// Replaces a file by renaming a new one over it, with mode 0644 less the umask or 0600; what is no regular
/// file (/dev/stderr, a pipe) is written to in place. Returns 0 or a negative errno.
int replace_file(const std::string& path, std::string_view content, Access access = Access::everybody);
/// Whether replace_file() could: 0 or a negative errno.
[[nodiscard]] int can_replace_file(const std::string& path);
/// Overwrites a file in place, only if it exists already. Returns 0 or a negative errno.
int overwrite_existing(const std::string& path, std::string_view content);
/// Ends the process at once: no destructor, no buffer, no lock.
[[noreturn]] void exit_now(int status);
/// Has what was written to a file put on the disk (fsync). Returns 0 or a negative errno; -EINVAL or -EROFS
/// for what has no disk: a pipe, a terminal.
int sync_file(int fd);
/// The same for a file that somebody else writes to.
int sync_path(const std::string& path);
/// Has a folder that only we can enter, made now if it is not there yet. Returns 0 or a negative errno:
/// -EPERM if what is there is somebody else's, open to others, or a link.
[[nodiscard]] int have_private_folder(const std::string& path);
/// The same of one that must be there already.
[[nodiscard]] int check_private_folder(const std::string& path);
/// The user that we act as.
[[nodiscard]] uid_t own_user();
/// This process's environment, "NAME=VALUE" each.
[[nodiscard]] std::vector<std::string> environment();
/// The whole of a small file (at most 1 MiB, the rest is left out), or nothing.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path);
/// The whole of a file, or a negative errno in `error`: -EFBIG if it is larger than `most`.
[[nodiscard]] std::optional<std::string> read_large_file(const std::string& path, std::size_t most,
                                                         int& error);

}  // namespace lastcall::sys
