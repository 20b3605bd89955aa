// A small shop on Node: what `--worker-command 'node studies/apps/app.js'` runs.
//
// It takes its socket as systemd passes one (LISTEN_FDS), or else listens on PORT.
'use strict';
const http = require('node:http');

const orders = [];

function answer(response, status, value) {
  const body = JSON.stringify(value) + '\n';
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function order(request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    try {
      orders.push(JSON.parse(Buffer.concat(parts)));
    } catch {
      return answer(response, 400, { error: 'an order is JSON' });
    }
    orders.splice(0, orders.length - 1000); // the latest ones
    answer(response, 201, { orders: orders.length });
  });
}

const server = http.createServer((request, response) => {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /') answer(response, 200, { hello: 'from Node', process: process.pid });
  else if (route === 'GET /healthz') answer(response, 200, { ready: true });
  else if (route === 'POST /orders') order(request, response);
  else answer(response, 404, { error: 'not here' });
});

const { LISTEN_FDS, LISTEN_PID, PORT, HOST } = process.env;
const inherited = LISTEN_FDS === '1' && LISTEN_PID === String(process.pid);
server.listen(inherited ? { fd: 3 } : { port: PORT ?? 3000, host: HOST });

process.on('SIGTERM', () => {
  server.close(() => process.exit(0)); // answers what has begun
  server.closeIdleConnections();
});
