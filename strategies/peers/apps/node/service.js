'use strict';
// The service of all peers on Node: the same targets and bodies as evenkeel's own worker. Each answer
// names the process that sent it.

const http = require('node:http');

const WORKER = String(process.pid);

// The pattern that `/bytes/N` repeats.
const PATTERN = Buffer.alloc(65536, 'abcdefghijklmnopqrstuvwxyz');

const TARGET = /^\/(bytes|spin|block|sleep)\/([^?]*)/;
const WHOLE_NUMBER = /^[0-9]+$/;

// The limit of evenkeel's own worker.
const MAX_MICROS = 60_000_000;

const UNKNOWN = 'no such target: ask for /, /bytes/N, /spin/US, /block/US or /sleep/US\n';
const NO_NUMBER =
  'not a number: ask for a whole number of bytes, or of microseconds up to 60000000\n';

function serve(request, response) {
  const url = request.url;
  if (url === '/') {
    text(response, 200, 'ok\n');
    return;
  }
  const target = TARGET.exec(url);
  if (target) {
    perform(response, target[1], target[2]);
  } else if (url.startsWith('/?')) {
    text(response, 200, 'ok\n');
  } else {
    text(response, 404, UNKNOWN);
  }
}

function perform(response, work, digits) {
  const amount = WHOLE_NUMBER.test(digits) ? Number(digits) : NaN;
  if (!(amount <= (work === 'bytes' ? Number.MAX_SAFE_INTEGER : MAX_MICROS))) {
    text(response, 400, NO_NUMBER);
    return;
  }
  switch (work) {
    case 'bytes':
      head(response, 200, amount);
      pour(response, amount);
      return;
    case 'sleep':
      // Node's timers have a resolution of one millisecond.
      setTimeout(text, Math.ceil(amount / 1000), response, 200, 'ok\n');
      return;
    case 'spin':
      spin(amount);
      break;
    case 'block':
      block(amount);
      break;
  }
  text(response, 200, 'ok\n');
}

function head(response, status, length) {
  response.writeHead(status, [
    'content-type', 'text/plain', 'x-evenkeel-worker', WORKER, 'content-length', String(length),
  ]);
}

function text(response, status, body) {
  head(response, status, body.length);
  response.end(body);
}

function pour(response, left) {
  while (left > PATTERN.length) {
    left -= PATTERN.length;
    if (!response.write(PATTERN)) {
      response.once('drain', () => pour(response, left));
      return;
    }
  }
  response.end(left < PATTERN.length ? PATTERN.subarray(0, left) : PATTERN);
}

// Uses the CPU clock of the process: that of a thread (getrusage(2)) advances with the kernel's timer.
function spin(micros) {
  const begin = process.cpuUsage();
  let now;
  do {
    now = process.cpuUsage();
  } while (now.user - begin.user + (now.system - begin.system) < micros);
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

function block(micros) {
  Atomics.wait(nobodyWakes, 0, 0, micros / 1000);
}

/** Creates an HTTP server that never closes an idle connection. */
function createServer() {
  const server = http.createServer({ noDelay: true, requestTimeout: 0, headersTimeout: 0 }, serve);
  server.keepAliveTimeout = 0;
  server.maxRequestsPerSocket = 0;
  return server;
}

/** Says that this worker is ready: by its process name, and by the message that pm2 documents. */
function ready() {
  process.title = 'evenkeel-peer-worker';
  process.send?.('ready');
}

/** Ends the process on SIGTERM, after what is in flight has been answered. */
function stopOnSigterm(server) {
  process.once('SIGTERM', () => {
    server.close(() => process.exit());
    // Closes connections whose last request has been answered.
    setInterval(() => server.closeIdleConnections(), 50);
  });
}

module.exports = { createServer, ready, stopOnSigterm };
