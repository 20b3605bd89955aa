'use strict';
// @socket.io/sticky: a primary that looks for a session in the first bytes of a connection, and passes
// the socket to the worker of that session. Connections without a session go to the workers in turn.
// node sticky.js HOST PORT WORKERS MODULES

const cluster = require('node:cluster');
const http = require('node:http');
const path = require('node:path');

const { fork } = require('./primary.js');
const { createServer, stopOnSigterm, ready } = require('./service.js');

const [host, port, workers, modules] = process.argv.slice(2);
const { setupPrimary, setupWorker } = require(path.join(modules, '@socket.io/sticky'));

if (cluster.isPrimary) {
  // The first bytes are sent with the socket, as bytes.
  cluster.setupPrimary({ serialization: 'advanced' });
  const server = http.createServer();
  setupPrimary(server, { loadBalancingMethod: 'round-robin' });
  fork(Number(workers));
  // The kernel limits the backlog to net.core.somaxconn.
  server.listen({ host, port: Number(port), backlog: 65535 });
} else {
  const httpServer = createServer();
  // It needs Socket.IO's server and its session events. There are no sessions here.
  setupWorker({ httpServer, engine: { on() {} } });
  stopOnSigterm(httpServer);
  ready();
}
