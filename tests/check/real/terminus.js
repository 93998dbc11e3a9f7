// @godaddy/terminus as its README shows it, with the time and the exit status that it recommends for Kubernetes.
"use strict";
const http = require("http");
const { createTerminus } = require("@godaddy/terminus");

const server = http.createServer(require("./handler"));
createTerminus(server, { timeout: 15_000, useExit0: true, healthChecks: { "/ready": () => Promise.resolve() } });
server.listen(Number(process.env.PORT), "127.0.0.1");
