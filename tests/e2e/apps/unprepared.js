// A Node app that has never heard of SIGTERM: it dies of it, and every request in flight with it.
"use strict";
const http = require("http");

http
  .createServer((request, response) => {
    const answer = () => setTimeout(() => response.end("ok"), request.url === "/slow" ? 1000 : 4);
    request.resume().on("end", answer);
  })
  .listen(Number(process.env.PORT), "127.0.0.1");
