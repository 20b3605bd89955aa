'use strict';
// The module http-proxy: round robin over workers that each have a port.
// node proxy.js HOST PORT MODULES WORKER-HOST:WORKER-PORT,...

const { fork } = require('node:child_process');
const http = require('node:http');
const path = require('node:path');

const [host, port, modules, addresses] = process.argv.slice(2);
const httpProxy = require(path.join(modules, 'http-proxy'));

const workers = addresses.split(',').map((address) => {
  const [host, port] = address.split(':');
  fork(path.join(__dirname, 'alone.js'), [host, port]).on('exit', () => process.exit(1));
  return { target: { host, port: Number(port) } };
});

// Without an agent the module opens a connection to a worker for each request.
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });
const proxy = httpProxy.createProxyServer({ agent });
proxy.on('error', (_error, _request, response) => {
  // An answer that has begun cannot be replaced.
  if (response.headersSent) response.destroy();
  else response.writeHead(502).end();
});

let turn = 0;
const server = http.createServer(
  { noDelay: true, requestTimeout: 0, headersTimeout: 0 },
  (request, response) => {
    turn = (turn + 1) % workers.length;
    proxy.web(request, response, workers[turn]);
  },
);
server.keepAliveTimeout = 0;
// The kernel limits the backlog to net.core.somaxconn.
server.listen({ host, port: Number(port), backlog: 65535 });
process.once('SIGTERM', () => {
  server.close(() => process.exit());
  setInterval(() => server.closeIdleConnections(), 50);
});
