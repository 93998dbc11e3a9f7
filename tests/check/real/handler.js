// What all the Node servers here answer: / at once, /slow after 1.5 s, /upload when it is all there, /download with 4 MiB.
"use strict";

const large = Buffer.alloc(4 * 1024 * 1024, "x");

module.exports = (request, response) => {
  const body = request.url === "/download" ? large : "ok";
  const answer = () => response.writeHead(200, { "Content-Length": body.length }).end(body);
  if (request.url === "/upload") {
    request.resume().on("end", answer);
  } else {
    setTimeout(answer, request.url === "/slow" ? 1500 : 0);
  }
};
