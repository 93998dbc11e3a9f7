// Opens WebSockets with the package ws: node websocket_client.js PORT KIND... Says `open` when all are, and how each ended,
// as JSON, when all have.
"use strict";
module.paths.push("/usr/share/nodejs"); // Debian's packages
const { WebSocket } = require("ws");

const [port, ...kinds] = process.argv.slice(2);
let waiting = kinds.length;
let left = kinds.length;
const ends = [];

const open = (kind) => {
  const end = { kind, code: 0, reason: "", compressed: false, received: [], errors: [], at: 0 };
  ends.push(end);
  const plain = kind === "plain";
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${plain ? "chatty" : kind}`, { perMessageDeflate: !plain });
  socket.on("open", () => {
    end.compressed = socket.extensions.includes("permessage-deflate");
    if (kind === "fragment") {
      socket.send("a part of mine", { fin: false });
    }
    waiting -= 1;
    if (waiting === 0) {
      console.log("open");
    }
  });
  socket.on("message", (data) => end.received.push(Number(data.toString().split(" ")[0])));
  socket.on("error", (error) => end.errors.push(error.message));
  socket.on("close", (code, reason) => {
    Object.assign(end, { code, reason: reason.toString(), at: Date.now() / 1000 });
    left -= 1;
    if (left === 0) {
      console.log(JSON.stringify(ends));
    }
  });
};

kinds.forEach(open);
