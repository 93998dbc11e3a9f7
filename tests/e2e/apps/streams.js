// A Node app of long-lived connections, on the package ws: WebSockets that are idle, that chat or are in the midst of a
// message, and event streams that go on where the client's Last-Event-ID says. Logs how each WebSocket ended.
"use strict";
const fs = require("fs");
const http = require("http");
module.paths.push("/usr/share/nodejs"); // Debian's packages
const { WebSocketServer } = require("ws");

const say = (line) => fs.writeSync(1, line + "\n");
const name = process.env.INSTANCE ?? "";

const PAGE = "<!doctype html><title>page</title>";
const LISTENING = `${PAGE}<script>
const seen = [];
const events = new EventSource("/events");
events.onmessage = event => seen.push([Number(event.lastEventId), event.data]);
</script>`;

// In halves, so that an end in mid-event would be nothing unusual.
const stream = (request, response) => {
  let id = Number(request.headers["last-event-id"] ?? 0);
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const timer = setInterval(() => {
    id += 1;
    response.write(`id: ${id}\nda`);
    setTimeout(() => response.write(`ta: ${name}\n\n`), 10);
  }, 25);
  response.on("close", () => {
    clearInterval(timer);
    say(`stream ended after ${id}`);
  });
};

const server = http.createServer((request, response) => {
  if (request.url.startsWith("/events")) {
    stream(request, response);
  } else {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(request.url === "/" ? LISTENING : PAGE);
  }
});

// The second of two messages is large enough to be compressed and the third to come in several reads.
const chat = (socket) => {
  let count = 0;
  return setInterval(() => {
    count += 1;
    socket.send(`${count} ` + "x".repeat([10, 3000, 100000][count % 3]));
  }, 1000 * Number(process.env.CHAT_EVERY_S ?? 0.1));
};

const sockets = new WebSocketServer({ server, perMessageDeflate: true });
sockets.on("connection", (socket, request) => {
  const timer = request.url === "/chatty" ? chat(socket) : undefined;
  if (request.url === "/fragment") {
    socket.send("the first part", { fin: false });
  } else {
    socket.send("0 hello");
  }
  socket.on("error", (error) => say(`error ${error.message}`));
  socket.on("close", (code) => {
    clearInterval(timer);
    say(`closed ${code}`);
  });
});

process.on("SIGTERM", () => {
  say(`got SIGTERM with ${sockets.clients.size} open`);
  server.close(() => sockets.close(() => process.exit(0)));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
