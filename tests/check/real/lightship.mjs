// lightship as its README shows it, on a fixed port; its shutdown handler waits for server.close(), in time enough for the
// slowest request.
import http from "node:http";
import { createLightship } from "lightship";
import handler from "./handler.js";

const lightship = await createLightship({
  detectKubernetes: false,
  port: Number(process.env.ADMIN_PORT),
  shutdownDelay: 0,
  shutdownHandlerTimeout: 15_000,
});
const server = http.createServer(handler);
lightship.registerShutdownHandler(() => new Promise((closed) => server.close(closed)));
server.listen(Number(process.env.PORT), "127.0.0.1", () => lightship.signalReady());
