#include "judge/clause_table.h"

namespace lastcall::judge {
namespace {

constexpr Fix kHttp2[] = {
    {"Node",
     R"(Each http2 session ends by session.close(): GOAWAY, streams finish, then it closes. Keep them
from the 'session' event in a Set. grpc-js: server.tryShutdown(callback), and server.forceShutdown() at
the deadline.)"},
    {"Go",
     R"(net/http: Shutdown sends GOAWAY and lets streams finish. grpc-go, with a deadline, because
GracefulStop has none:
  health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
  stop := time.AfterFunc(25*time.Second, srv.Stop)
  srv.GracefulStop()
  stop.Stop())"},
    {"Python",
     R"(grpc.aio: await server.stop(grace=25); it refuses new calls at once, so set the health service
to NOT_SERVING some seconds before. hypercorn: graceful_timeout = 25, the default is 3.)"},
    {"Java",
     R"(grpc-java: health.enterTerminalState(); server.shutdown(); if (!server.awaitTermination(25,
TimeUnit.SECONDS)) server.shutdownNow();)"},
    {"C++",
     R"(gRPC: SetServingStatus(false) on the health service, then server->Shutdown(deadline) from an
ordinary thread, never from a signal handler. nghttp2: nghttp2_submit_shutdown_notice, one round trip,
nghttp2_submit_goaway with the last stream that was processed; later ones get RST_STREAM with
REFUSED_STREAM.)"},
    {"Kubernetes",
     R"(A Service balances connections, not calls: long HTTP/2 connections stay on a pod until GOAWAY moves
them.
  readinessProbe:
    grpc: {port: 50051})"},
};

constexpr Fix kWebSocket[] = {
    {"lastcall run",
     R"(Wrap the app: every WebSocket gets Close 1001 between two frames, at an instant of its own within
three seconds, and the app gets its client's answer. --ws-close-code, --ws-close-reason and --ws-grace change
that, --stream-policy /PATH=finish leaves those of a path alone.)"},
    {"Node",
     R"(http.Server.close() waits for upgraded sockets, and closeAllConnections() does not end them: do it
yourself (ws):
  for (const client of wss.clients)
    client.close(1001, 'server shutting down');
  setTimeout(() => {
    for (const client of wss.clients) client.terminate();
  }, 5000).unref();)"},
    {"Go",
     R"(Shutdown neither sees nor waits for hijacked connections: srv.RegisterOnShutdown(closeAll), and wait
for them. coder/websocket: c.Close(websocket.StatusGoingAway, "server shutting down"). gorilla:
  c.WriteControl(websocket.CloseMessage,
      websocket.FormatCloseMessage(websocket.CloseGoingAway, "bye"),
      time.Now().Add(time.Second)))"},
    {"Python",
     R"(uvicorn sends 1012 by itself when it shuts down. The websockets library sends 1001:
server.close(), then await server.wait_closed(). In a handler: await ws.close(code=1001, reason="server
shutting down").)"},
    {"Java",
     R"(Jakarta, for each open session, before the container stops:
  session.close(new CloseReason(
      CloseReason.CloseCodes.GOING_AWAY, "server shutting down"));
Spring: session.close(CloseStatus.GOING_AWAY).)"},
    {"C++",
     R"(Beast, on the session's strand, also with a read pending; handshake_timeout (30 s by default) bounds
the wait for the client's answer:
  ws.async_close({websocket::close_code::going_away,
                  "server shutting down"}, handler);)"},
    {"Kubernetes",
     R"(Nothing in Kubernetes closes WebSockets in good order. Spread the closes over some seconds, and
let clients wait a random while before they redial, or the other pods get all of them at once.)"},
};

constexpr Fix kStreams[] = {
    {"lastcall run",
     R"(Wrap the app: an event stream that answers a GET ends between two events, with a retry: of its
own; encoded ones and everything else finish. --stream-policy /PATH=close|finish|cut says otherwise.)"},
    {"Node",
     R"(Keep the open streams in a Set, and end each between two events, with a time to wait that differs:
  for (const res of streams) {
    const wait = 500 + Math.floor(Math.random() * 2500);
    res.end(`retry: ${wait}\n\n`);
  })"},
    {"Go",
     R"(Shutdown waits for streams but does not tell them. Let the handler's loop hear of the drain, and
return:
  select {
  case event := <-events:
      send(w, event)
  case <-draining:
      fmt.Fprintf(w, "retry: %d\n\n", 500+rand.IntN(2500))
      return
  })"},
    {"Python",
     R"(Let the generator look at the flag between two events, and return; a task that is cancelled ends in
the middle.
  async for event in source:
      yield event
      if state.draining:
          yield f"retry: {random.randint(500, 3000)}\n\n"
          return
If events are rare, wait for the event and the flag together (asyncio.wait).)"},
    {"Java",
     R"(Spring, for each open emitter, when the context begins to close; else it holds the shutdown to its
timeout:
  emitter.send(SseEmitter.event().reconnectTime(wait));
  emitter.complete();)"},
    {"C++",
     R"(Write the rest of the event, "retry: 1500\n\n", and the end of the framing: the last chunk
(Beast: http::make_chunk_last()), or what Content-Length promised. Then close lingering.)"},
    {"Kubernetes",
     R"(Streams live as long as the pod: without an end of their own they hold it for the whole grace
period and are then cut. EventSource reconnects by itself after a clean end, and by then to another pod.)"},
};

constexpr Fix kLate[] = {
    {"lastcall run",
     R"(Late requests on open connections are served as long as the app runs. After that: 503 with
Retry-After and Connection: close, before a byte of them reaches the app.)"},
    {"Node",
     R"(Serve as long as you can. When you cannot, refuse before anything is done:
  res.writeHead(503, {'Retry-After': '1', Connection: 'close'});
  res.end();)"},
    {"Go",
     R"(Nothing to do with net/http: requests on open connections are served until Shutdown finds them idle.
A handler of your own that refuses needs all three:
  w.Header().Set("Retry-After", "1")
  w.Header().Set("Connection", "close")
  w.WriteHeader(http.StatusServiceUnavailable))"},
    {"Python",
     R"(Do not answer 503 because the signal has come: turn readiness red and go on serving (LC104). If
you must refuse, in an ASGI middleware, before the app is called: status 503 with (b"retry-after", b"1")
and (b"connection", b"close").)"},
    {"Java",
     R"(Undertow's GracefulShutdownHandler, and Tomcat with its connector paused, answer 503 without
Retry-After to what comes on open connections. Keep them out by telling clients to leave first: LC203
and LC104, then the graceful shutdown.)"},
    {"C++",
     R"(Serve what arrives on open connections, with keep_alive(false). Refuse only from when a part
that requests need is gone: status 503, Retry-After: 1, keep_alive(false), before the body is read.)"},
    {"Kubernetes",
     R"(Let the ingress try another pod for what was refused. ingress-nginx:
  nginx.ingress.kubernetes.io/proxy-next-upstream: "error timeout http_503"
A POST is only tried again with non_idempotent, and that is safe only if a 503 surely means that nothing
was done.)"},
};

constexpr Clause kClauses[] = {
    {"LC205", "HTTP/2 and gRPC", "HTTP/2 and gRPC",
     R"(Connections get GOAWAY with the last stream id 2^31-1, one round trip, then the final GOAWAY;
later streams are refused with REFUSED_STREAM, so that the client may retry them. gRPC health turns
NOT_SERVING.)",
     R"(A connection that is closed without GOAWAY fails all of its streams at once, and the client
cannot know which were processed. A single GOAWAY fails those that crossed it on the way.)",
     "dozens of calls on one connection fail together", kHttp2},
    {"LC206", "WebSocket", "WebSockets",
     R"(Open WebSockets get a Close frame, 1001 or 1012, at a frame boundary when the drain begins, and
the end of the connection only after it.)",
     R"(Servers forget connections once they are upgraded: they are neither counted nor told, hold the
exit up to the kill, or are reset without a word. Without a code the client cannot tell a deploy from a
network failure.)",
     "live sessions drop with code 1006, and all redial at once", kWebSocket},
    {"LC207", "Streams", "streams",
     R"(A stream of server-sent events ends between two events and by its framing; long responses
finish.)",
     R"(A stream has no end of its own: servers wait for it to the end of the grace period and cut it
there, in the middle of an event, or cut it at once.)",
     "the last event arrives in pieces, and all clients reconnect at once", kStreams},
    {"LC208", "Late requests are served or refused before anything is done for them", "late requests",
     R"(Requests that come on open connections after the listener has closed are served as long as the
app can serve them. When it cannot: 503 with Retry-After and Connection: close, before anything has been
done for them.)",
     R"(Frameworks refuse everything from the signal on although all that is needed is still there; or
they refuse without saying when and where to try again, and without ending the connection, so that the
retry comes the same way.)",
     "errors for requests that the server could have answered", kLate},
};

}  // namespace

std::span<const Clause> protocol_clauses() {
  return kClauses;
}

}  // namespace lastcall::judge
