#include "judge/clause_table.h"

namespace lastcall::judge {
namespace {

constexpr Fix kListenerClose[] = {
    {"lastcall run",
     R"(New connections are refused first, handshakes in flight complete and are served, and only an
empty queue is closed.)"},
    {"Node",
     R"(Node can reach neither the kernel's queue nor the socket's options. Close when nobody comes any
more: readiness red, and server.close() once no 'connection' event has come for 2 s. Under systemd's
socket activation, server.listen({fd: 3}), closing resets nobody: systemd holds the queue for the
successor.)"},
    {"Go",
     R"(Let the kernel refuse new clients (Linux 5.7) while Serve goes on accepting, then shut down:
  raw, err := ln.(*net.TCPListener).SyscallConn()
  raw.Control(func(fd uintptr) {
      syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET,
          62 /* SO_BINDTOIFINDEX */, 0x7fffffff)
  })
  time.Sleep(200 * time.Millisecond)
  srv.Shutdown(ctx))"},
    {"Python",
     R"(asyncio, uvicorn with a socket of your own: let the kernel refuse new clients (Linux 5.7), go on
accepting, then close:
  sock.setsockopt(socket.SOL_SOCKET, 62, 0x7fffffff)  # SO_BINDTOIFINDEX
  await asyncio.sleep(0.2)
  server.close()
gunicorn closes its listeners before any hook runs: let the traffic stop before the signal comes
(LC104).)"},
    {"Java",
     R"(The JDK does not offer the socket's option. Close when nobody comes any more: the lame duck of
LC104, long enough for the balancer to have gone elsewhere.)"},
    {"C++",
     R"(Refuse new SYNs, go on accepting until the accept queue and the handshakes in flight are gone (100
ms, or twice the round trip), accept until EAGAIN, close:
  const int nowhere = 0x7fffffff;
  setsockopt(acceptor.native_handle(), SOL_SOCKET,
             SO_BINDTOIFINDEX, &nowhere, sizeof nowhere);
docs/closing-the-listener.md says what remains to be seen to.)"},
    {"Kubernetes",
     R"(A preStop sleep of 5 s: when the listener closes after it, nobody is being routed to the pod any
more. Clients that go to the pod's address themselves are not helped by it.)"},
};

constexpr Fix kInFlight[] = {
    {"lastcall run",
     R"(Requests finish while the app still runs undisturbed: it is signalled when none is left.
--drain-timeout says for how long at most.)"},
    {"Node",
     R"(No process.exit() in the signal handler. Exit, and close pools, when the last response is out:
  server.close(() => pool.end());
  setTimeout(() => {
    process.exitCode = 1;
    server.closeAllConnections();  // Node 18.2
  }, 25000).unref();)"},
    {"Go",
     R"(ListenAndServe returns as soon as Shutdown begins, so main has to wait for Shutdown itself:
  done := make(chan struct{})
  go func() {
      <-ctx.Done()  // of signal.NotifyContext
      limit, cancel := context.WithTimeout(
          context.Background(), 25*time.Second)
      defer cancel()
      srv.Shutdown(limit)
      close(done)
  }()
  srv.ListenAndServe()
  <-done)"},
    {"Python",
     R"(gunicorn: --graceful-timeout 25 (its workers are killed then), and stop it with SIGTERM: SIGINT
and SIGQUIT are its quick stop. A sync worker is also killed in mid-request by --timeout, so keep that
above the slowest request. uvicorn: --timeout-graceful-shutdown 25; without it, it waits for ever and
the platform kills.)"},
    {"Java",
     R"(Spring Boot (the first line is the default from 3.4 on):
  server.shutdown=graceful
  spring.lifecycle.timeout-per-shutdown-phase=25s
Undertow: a GracefulShutdownHandler around the root, then handler.shutdown();
handler.awaitShutdown(25_000). Jetty: server.setStopTimeout(25_000) and a GracefulHandler (before 12:
StatisticsHandler); its default is 0, which cuts.)"},
    {"C++",
     R"(Beast: close the acceptor and let the sessions end; never ioc.stop(), which leaves responses
half written. Keep what requests need (pools, threads) until the last session is gone. A timer at the
deadline closes what is left.)"},
    {"Kubernetes",
     R"(terminationGracePeriodSeconds must hold the preStop sleep, the longest request and some seconds for
the exit; the default is 30.
  terminationGracePeriodSeconds: 60)"},
};

constexpr Fix kToldToLeave[] = {
    {"lastcall run",
     R"(Says Connection: close in every response whose head is written during the drain, and closes
lingering: its sending side first, the rest when the client is done.)"},
    {"Node",
     R"(server.close() says it to nobody, and from Node 19 on closes idle connections at once without a word. Say
it yourself, also in responses that have not begun at the signal, and call close() a second later (LC204):
  const open = new Set();
  server.prependListener('request', (req, res) => {
    if (stopping) res.setHeader('Connection', 'close');
    open.add(res);
    res.on('close', () => open.delete(res));
  });
  // at the signal:
  for (const res of open)
    if (!res.headersSent) res.setHeader('Connection', 'close');)"},
    {"Go",
     R"(Shutdown sees to it for responses that begin after it. For those that begin earlier, while readiness
is red, hand your handlers a leaving{w} in place of w (write WriteHeader and Unwrap likewise):
  type leaving struct{ http.ResponseWriter }
  func (w leaving) Write(b []byte) (int, error) {
      if draining.Load() {
          w.Header().Set("Connection", "close")
      }
      return w.ResponseWriter.Write(b)
  }
Not SetKeepAlivesEnabled(false): it also closes idle connections at once (LC204).)"},
    {"Python",
     R"(uvicorn closes without saying so. In an ASGI middleware:
  async def tell(message):
      if message["type"] == "http.response.start" and state.draining:
          close = (b"connection", b"close")
          headers = [*message.get("headers", []), close]
          message = {**message, "headers": headers}
      await send(message)
  await app(scope, receive, tell)
gunicorn's sync workers close after each response and say so.)"},
    {"Java",
     R"(A servlet filter that is the first one:
  if (draining.get()) {
    response.setHeader("Connection", "close");
  }
Tomcat, Jetty and Undertow then close after this response.)"},
    {"C++",
     R"(Beast: res.keep_alive(false) before serializing. After the write end the connection lingering, or
unread bytes turn the close into a reset that destroys the response:
  stream.socket().shutdown(tcp::socket::shutdown_send, ec);
  // read and discard until EOF, 2 s at most; then close)"},
    {"Kubernetes",
     R"(Nothing in Kubernetes does it: taking the pod out of the Service moves new connections only.
Kept ones, from an ingress or a mesh, go on until the server tells them to leave.)"},
};

constexpr Fix kIdle[] = {
    {"lastcall run",
     R"(Idle connections get --idle-grace (1 s) to send what may be on its way, are answered and told to
leave if they do, then half-closed and read to their end. Silent ones count as idle, half-sent heads get
the header timeout.)"},
    {"Node",
     R"(From Node 19 on server.close() closes idle connections at once: call it a second after the signal
and say Connection: close meanwhile (LC203). Nor does it end connections that never sent a byte, or half a
head (it stops the check of headersTimeout), and these keep the process:
  const sockets = new Set();
  server.on('connection', (s) => {
    sockets.add(s);
    s.on('close', () => sockets.delete(s));
  });
  // a second after close():
  for (const s of sockets) if (s.bytesRead === 0) s.end();
  // at the deadline: server.closeAllConnections())"},
    {"Go",
     R"(Shutdown closes idle connections at once, and with them half-sent heads on kept ones; silent
ones after 5 s. Say Connection: close for a second first (LC203), and bound the heads:
ReadHeaderTimeout: 5 * time.Second.)"},
    {"Python",
     R"(gunicorn: a sync worker that reads from a silent client is stuck until --graceful-timeout; use
--worker-class gthread --keep-alive 2, or a buffering proxy in front. uvicorn closes idle connections at
once: turn readiness red and say Connection: close for a second first (LC203, LC104).)"},
    {"Java",
     R"(Spring Boot with Tomcat: both bound how long an unused or silent connection can hold anything up.
  server.tomcat.keep-alive-timeout=5s
  server.tomcat.connection-timeout=5s)"},
    {"C++",
     R"(Per session: idle since when, and was a byte read? When draining: a timer of 1 s, then
shutdown(shutdown_send) and read to EOF. Bound the reading of a head by stream.expires_after(5s).)"},
    {"Kubernetes",
     R"(Who closes first loses nothing: let the idle timeout of the ingress towards the pods be shorter
than the server's own (ingress-nginx: upstream-keepalive-timeout, 60 s).)"},
};

constexpr Clause kClauses[] = {
    {"LC201", "Closing the listener resets nobody", "closing the listener",
     R"(Whoever's connect() succeeded is served: the server is closed for new connections without
breaking those that have just been made.)",
     R"(close() on a listening socket resets every client in the kernel's accept queue and every
handshake in flight, although connect() succeeded for them. Accepting all that is queued and then
closing helps on loopback only: over a real round trip most victims are handshakes that accept() cannot
reach.)",
     "connection reset on every deploy, the more the busier the server is", kListenerClose},
    {"LC202", "Requests in flight finish", "requests in flight",
     R"(A request that had begun before the listener closed is answered whole: slow ones, uploads,
downloads, pipelined ones and those that wait for 100 Continue. Only what outlives the drain's time may
be cut.)",
     R"(An exit in the signal handler, a timeout shorter than the longest request, a pool closed while
requests still use it, a signal whose meaning is a quick stop (SIGTERM for nginx), or a wrapper that
relays the signal at once to an app that is still needed.)",
     "requests break in the middle: was the POST done or not?", kInFlight},
    {"LC203", "HTTP/1.1 clients are told to leave, and nothing sent to them is destroyed", "told to leave",
     R"(While draining every response says Connection: close, and the connection is ended so that the
response surely arrives.)",
     R"(A client that is not told sends its next request on a connection that is about to be closed. And
close() with unread bytes sends a reset, which destroys the response that is still on its way.)",
     "clients with connection pools see a burst of errors", kToldToLeave},
    {"LC204", "Idle connections neither hold the exit nor lose a request", "idle connections",
     R"(An idle connection is given a moment for the request that may be on its way, then is closed in
good order. It does not keep the exit waiting, nor does one that never sent a byte or stopped in the
middle of a head.)",
     R"(Who closes idle connections at once loses the request that has just been sent on one: with 10 ms
of round trip nearly a third of a busy pool's. Who waits for them to leave by themselves waits for an
idle browser tab.)",
     "a reused connection fails, or an idle browser tab holds the deploy", kIdle},
};

}  // namespace

std::span<const Clause> connection_clauses() {
  return kClauses;
}

}  // namespace lastcall::judge
