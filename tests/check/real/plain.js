// Node alone, as its documentation stops a server.
"use strict";
const http = require("http");

const server = http.createServer(require("./handler"));
process.on("SIGTERM", () => server.close());
server.listen(Number(process.env.PORT), "127.0.0.1");
