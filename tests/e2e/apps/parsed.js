// A Node app that writes down what its parser makes of the bytes it gets, one JSON line for each request, in the file
// that $PARSED names. With LENIENT=1 its parser is the lenient one. Every answer is an empty 200.
"use strict";
const http = require("http");
const fs = require("fs");

const file = fs.openSync(process.env.PARSED, "a");
const tell = (what) => fs.writeSync(file, JSON.stringify(what) + "\n");

const take = (request, response) => {
  const parts = [];
  const seen = (whole) =>
    tell({
      line: `${request.method} ${request.url}`,
      whole,
      body: Buffer.concat(parts).toString("latin1"),
      fields: request.headersDistinct,
      trailers: request.trailersDistinct,
    });
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    seen(true);
    response.writeHead(200, { "Content-Length": 0 }).end();
  });
  request.on("close", () => request.complete || seen(false));
};

// Longer heads than lastcall's own limit, so that it is lastcall's which counts.
const options = { insecureHTTPParser: process.env.LENIENT === "1", maxHeaderSize: 64 * 1024 };
const server = http.createServer(options, take);
server.on("checkExpectation", take);
server.on("clientError", (error, socket) => {
  tell({ error: error.code });
  socket.destroy();
});
server.listen(Number(process.env.PORT), "127.0.0.1");
