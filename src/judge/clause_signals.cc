#include "judge/clause_table.h"

namespace lastcall::judge {
namespace {

constexpr Fix kFirstSignal[] = {
    {"lastcall run",
     R"(Made to be PID 1: it blocks the signals with its first statement, so that none is lost, drains,
and only then signals the app. An app that knows no signal at all loses no request by it.)"},
    {"Node",
     R"(Node as PID 1 ignores SIGTERM unless you handle it. Start node itself, not npm: CMD ["node",
"server.js"].
  process.on('SIGTERM', shutdown);
  process.on('SIGINT', shutdown);)"},
    {"Go",
     R"(Ask for the signals before the server starts.
  ctx, stop := signal.NotifyContext(context.Background(),
      syscall.SIGTERM, os.Interrupt)
  defer stop()
  go srv.ListenAndServe()
  <-ctx.Done()  // then srv.Shutdown(…), see LC202)"},
    {"Python",
     R"(gunicorn and uvicorn handle SIGTERM, if it reaches them: make them the last line of the script, as
`exec gunicorn …`. In an asyncio program of your own:
  loop.add_signal_handler(signal.SIGTERM, stopping.set))"},
    {"Java",
     R"(The JVM runs its shutdown hooks on SIGTERM and SIGINT (SIGQUIT only prints a thread dump);
Spring Boot closes its context in one. What is missing is usually the signal: end the start script with
`exec java -jar app.jar`.)"},
    {"C++",
     R"(Block the signals in main's first statement, before any thread exists, and read them where you wait:
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
With Boost.Asio: a boost::asio::signal_set, constructed before anything slow.)"},
    {"Kubernetes",
     R"(No shell between the platform and the server: command: ["/app/server"], or `exec /app/server` in
the script. If the server wants another signal (nginx: SIGQUIT), put STOPSIGNAL into its image.)"},
};

constexpr Fix kRepeatedSignal[] = {
    {"lastcall run",
     R"(A repeated SIGTERM changes nothing, and the app is signalled once. A second Ctrl-C forces.)"},
    {"Node",
     R"(process.once() removes the handler, so that the second SIGTERM kills. Keep it, and look whether you
are stopping:
  let stopping = false;
  process.on('SIGTERM', () => {
    if (stopping) return;
    stopping = true;
    shutdown();
  });)"},
    {"Go",
     R"(Call the stop function of signal.NotifyContext only after Shutdown has returned: from then on
the default action is back. To let a second Ctrl-C force, listen for os.Interrupt alone on a channel of
its own.)"},
    {"Python",
     R"(uvicorn: old releases were forced by any second signal, newer ones by SIGINT only: upgrade.
gunicorn takes a repeated SIGTERM calmly; SIGINT and SIGQUIT make its workers quit at once. In asyncio
let the handler set an Event: setting it twice does nothing.)"},
    {"Java",
     R"(The JVM ignores a repeated SIGTERM while its shutdown hooks run. Do not call Runtime.halt() in a
signal handler of your own.)"},
    {"C++",
     R"(Never SA_RESETHAND, and no signal(SIGTERM, SIG_DFL) after the first one. With Boost.Asio keep
the signal_set alive to the end: its destructor brings the default action back, which kills.)"},
    {"Kubernetes",
     R"(The kubelet sends SIGTERM once. The second one comes from a script or an init that signals the
whole group, while the server relays it to its workers too: let one of them do it.)"},
};

constexpr Fix kReadiness[] = {
    {"lastcall run",
     R"(The admin listener (--admin :9797) answers /readyz with 503 from the signal on, /livez with 200
to the end, and closes last. Where a balancer probes the traffic port: --health-path /healthz.)"},
    {"Node",
     R"(Set the flag in the signal handler, before server.close(); serve both from a second http.Server that
closes last.
  admin.get('/readyz', (req, res) =>
    res.status(stopping ? 503 : 200).end());
  admin.get('/livez', (req, res) => res.status(200).end());)"},
    {"Go",
     R"(A second http.Server for the probes, shut down after the first:
  admin.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
      if draining.Load() {
          w.WriteHeader(http.StatusServiceUnavailable)
      }
  })
  draining.Store(true)  // in the signal's branch, before srv.Shutdown)"},
    {"Python",
     R"(uvicorn and gunicorn close their listener at once, so that nobody can read a 503 any more. Turn
readiness red first and let the server learn of the signal later: see LC104. Answer liveness from a
thread with a port of its own.)"},
    {"Java",
     R"(Spring Boot: management.endpoint.health.probes.enabled=true gives /actuator/health/readiness and
/liveness; readiness turns 503 when the context begins to close. It can only be read while the connector
still accepts: see LC104. With management.server.port the probes keep answering apart from the traffic.)"},
    {"C++",
     R"(One std::atomic<bool> draining, set where the signal is read; an acceptor of its own, on its own
port, answers the probes and is closed last.)"},
    {"Kubernetes",
     R"(Two paths, never one for both: a failing liveness probe restarts what is draining.
  readinessProbe:
    httpGet: {path: /readyz, port: 9797}
    periodSeconds: 1
    failureThreshold: 1
  livenessProbe:
    httpGet: {path: /livez, port: 9797})"},
};

constexpr Fix kLameDuck[] = {
    {"lastcall run",
     R"(--lame-duck 8s: readiness is red, the listener stays open, and closes as soon as nobody has
redialled for --lame-duck-quiet. No fixed sleep, nothing to add to the app.)"},
    {"Node",
     R"(Close the listener some seconds after readiness has turned red:
  process.on('SIGTERM', () => {
    stopping = true;
    setTimeout(() => server.close(), 5000);
  });
Better: start a 2 s timer anew at each 'connection' event, up to a limit.)"},
    {"Go",
     R"(Between the red readiness and Shutdown:
  draining.Store(true)
  time.Sleep(5 * time.Second)  // still accepting
  srv.Shutdown(ctx))"},
    {"Python",
     R"(uvicorn, started from a program:
  class Server(uvicorn.Server):
      def handle_exit(self, sig, frame):
          app.state.draining = True
          later = super().handle_exit
          threading.Timer(5, later, (sig, frame)).start()
  Server(uvicorn.Config(app)).run()
gunicorn has no such hook: delay the signal (Kubernetes: preStop).)"},
    {"Java",
     R"(Spring Boot: readiness is red and the connector still accepts while ContextClosedEvent is handled:
  @EventListener(ContextClosedEvent.class)
  void lameDuck() throws InterruptedException {
    Thread.sleep(5000);
  }
Quarkus: quarkus.shutdown.delay-enabled=true and quarkus.shutdown.delay=5s.)"},
    {"C++",
     R"(A boost::asio::steady_timer between the red readiness and the close of the acceptor; start it
anew at each accept, up to a limit, so that it ends when nobody comes any more.)"},
    {"Kubernetes",
     R"(The pod is taken out of the Service at the same time as it is signalled, not before. Hold the signal
back; its time comes off terminationGracePeriodSeconds:
  lifecycle:
    preStop:
      sleep: {seconds: 5}
Before 1.30: exec: {command: [sleep, "5"]}, which needs a sleep in the image. The signal comes after it,
when nobody is routed there any more: check such an app by --profile plain, its --grace that much shorter.)"},
};

constexpr Fix kNoLongWait[] = {
    {"lastcall run",
     R"(Each wait ends when its condition holds. When no connection can carry a request any more, the
app has its signal within a millisecond. What the app then takes to exit is its own.)"},
    {"Node",
     R"(server.close() closes idle connections from Node 19 on, before it call closeIdleConnections()
yourself (18.2). Neither ends what becomes idle later: that stays for keepAliveTimeout (5 s). So close what
each response leaves behind:
  server.on('request', (req, res) => res.on('close', () => {
    if (!server.listening)
      setImmediate(() => server.closeIdleConnections());
  }));)"},
    {"Go",
     R"(Return from main when Shutdown returns; no Sleep after it. Shutdown itself asks every few
milliseconds, later every 500 ms, whether all is idle: where that matters, count requests with a
sync.WaitGroup and wait for it first.)"},
    {"Python",
     R"(--timeout-graceful-shutdown (uvicorn) and --graceful-timeout (gunicorn) are limits, not waits.
Look for time.sleep in exit hooks, for threads that are not daemons, and for clients whose pools are
closed with a timeout.)"},
    {"Java",
     R"(HttpServer.stop(n) of older JDKs waits all n seconds even when idle (JDK-8304065): wait for your
own count of exchanges, then stop(0). Elsewhere awaitTermination instead of Thread.sleep. Threads that
are no daemons keep the JVM.)"},
    {"C++",
     R"(Let the last session's end start the next step (a counter that reaches zero, a condition
variable); no loop around sleep_for. ioc.run() returns by itself once no timer, acceptor or signal_set
is pending: cancel them.)"},
    {"Kubernetes",
     R"(A preStop sleep lasts to its end even if nobody comes: make it no longer than the endpoints
need, about 5 s.)"},
};

constexpr Clause kClauses[] = {
    {"LC101", "The first signal starts the drain", "first signal",
     R"(SIGTERM, SIGINT and SIGQUIT each start the drain, whenever they come, also while the server is
still starting.)",
     R"(A program that is PID 1 of a container and has installed no handler does not get SIGTERM at all:
the kernel drops it. A shell in between (`sh -c`, an entry script without `exec`, a package manager's
`start`) keeps it to itself. Nothing happens then until the grace period ends in SIGKILL.)",
     "every deploy waits out the grace period, then cuts what is in flight", kFirstSignal},
    {"LC102", "A repeated signal changes nothing, a deliberate one forces", "repeated signal",
     R"(Some platforms send SIGTERM more than once, so a repeated one changes nothing. A second SIGINT,
or a SIGQUIT during the drain, comes from a person who means it: it forces.)",
     R"(Handlers are often made for one shot: the second signal meets the default action and kills in
the middle of the drain. It comes where a platform repeats its signal, and where both a process group
and a relaying parent signal.)",
     "a platform that signals twice cuts what one signal would have spared", kRepeatedSignal},
    {"LC103", "Readiness turns red at once, liveness never", "readiness, liveness",
     R"(From the first instant of the drain readiness answers 503; liveness answers 200 to the very end.)",
     R"(Readiness often asks only after the dependencies, and so stays green while the server is
leaving. Or one endpoint serves both probes, and then liveness falls with readiness. Or the port that
answers them closes first.)",
     "new users are sent to a server that is leaving", kReadiness},
    {"LC104", "A lame duck that ends when nobody comes any more", "lame duck",
     R"(A server to which traffic is still routed stays reachable for a while after the signal, and
closes its listener when nobody comes any more.)",
     R"(Balancers, kube-proxy and DNS learn late that a server is leaving: the routing is changed at the
same time as the signal is sent, not before. For some seconds new connections still arrive, and a
listener that was closed at once refuses them.)",
     "502 from the balancer for the first seconds of every deploy", kLameDuck},
    {"LC105", "No wait is longer than its reason", "no needless wait",
     R"(Every wait ends when what it waits for has happened, and at its deadline at the latest. When
nothing is left to finish, the exit follows at once.)",
     R"(Sleeps instead of conditions, polling, timeouts used as waits. Servers that count connections
instead of requests wait for an idle browser tab. A rolling restart pays for it once for each replica.)",
     "every deploy and every scale-down is slower than it needs to be", kNoLongWait},
};

}  // namespace

std::span<const Clause> signal_clauses() {
  return kClauses;
}

}  // namespace lastcall::judge
