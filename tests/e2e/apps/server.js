// A Node app: stops as the documentation advises, by server.close(). Logs every response, with the time, once it is out. Has a
// WebSocket on /ws and an event stream on /events, which it leaves to end by themselves.
"use strict";
const http = require("http");
const fs = require("fs");
module.paths.push("/usr/share/nodejs"); // Debian's packages
const { WebSocketServer } = require("ws");

const say = (line) => fs.writeSync(1, line + "\n");
const bodies = { "/download": Buffer.alloc(4 * 1024 * 1024, "x"), "/large": Buffer.alloc(16 * 1024 * 1024, "x") };

const stream = (response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const timer = setInterval(() => response.write("data: tick\n\n"), 20);
  response.on("close", () => clearInterval(timer));
};

const server = http.createServer((request, response) => {
  const path = request.url;
  if (path === "/events") {
    stream(response);
    return;
  }
  const answer = () => {
    const body = bodies[path] ?? "ok";
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": body.length });
    response.end(body);
  };
  response.on("finish", () => say(`answered ${path} ${Date.now() / 1000}`));
  if (path === "/upload") {
    request.resume().on("end", answer);
  } else {
    setTimeout(answer, path === "/slow" ? 1500 : 4);
  }
});

new WebSocketServer({ server, path: "/ws" }).on("connection", (socket) => {
  socket.on("message", (message) => socket.send(message));
});

process.on("SIGTERM", () => {
  say("got SIGTERM");
  server.close(() => process.exit(0));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
