'use strict';
// @socket.io/sticky: a primary that reads the first bytes of a connection for a session's number, and
// passes the socket on to the worker of that session; one without a session goes round.
// node sticky.js HOST PORT WORKERS MODULES

const cluster = require('node:cluster');
const http = require('node:http');
const path = require('node:path');

const { fork } = require('./primary.js');
const { createServer, endsInGoodOrder, ready } = require('./service.js');

const [host, port, workers, modules] = process.argv.slice(2);
const { setupPrimary, setupWorker } = require(path.join(modules, '@socket.io/sticky'));

if (cluster.isPrimary) {
  // The first bytes travel with the socket, as bytes.
  cluster.setupPrimary({ serialization: 'advanced' });
  const server = http.createServer();
  setupPrimary(server, { loadBalancingMethod: 'round-robin' });
  fork(Number(workers));
  // As of net.core.somaxconn the kernel takes no more of a backlog than it allows.
  server.listen({ host, port: Number(port), backlog: 65535 });
} else {
  const httpServer = createServer();
  // Of Socket.IO it asks for the server and for news of sessions, of which there are none here.
  setupWorker({ httpServer, engine: { on() {} } });
  endsInGoodOrder(httpServer);
  ready();
}
