// http-terminator as its README shows it, with time enough for the slowest request.
"use strict";
const http = require("http");
const { createHttpTerminator } = require("http-terminator");

const server = http.createServer(require("./handler"));
const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: 15_000 });
process.on("SIGTERM", () => terminator.terminate());
server.listen(Number(process.env.PORT), "127.0.0.1");
