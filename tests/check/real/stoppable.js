// stoppable as its README shows it.
"use strict";
const http = require("http");
const stoppable = require("stoppable");

const server = stoppable(http.createServer(require("./handler")), 15_000);
process.on("SIGTERM", () => server.stop());
server.listen(Number(process.env.PORT), "127.0.0.1");
