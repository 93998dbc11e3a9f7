// A Node app: stops as the documentation advises, by server.close(). Logs every response, with the time, once it is out.
"use strict";
const http = require("http");
const fs = require("fs");

const say = (line) => fs.writeSync(1, line + "\n");
const bodies = { "/download": Buffer.alloc(4 * 1024 * 1024, "x"), "/large": Buffer.alloc(16 * 1024 * 1024, "x") };

const server = http.createServer((request, response) => {
  const path = request.url;
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

process.on("SIGTERM", () => {
  say("got SIGTERM");
  server.close(() => process.exit(0));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
