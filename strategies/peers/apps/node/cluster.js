'use strict';
// Node's cluster: node cluster.js HOST PORT WORKERS round-robin|none|reuseport

const cluster = require('node:cluster');

const { fork } = require('./rolling.js');
const { createServer, stopOnSigterm, ready } = require('./service.js');

const [host, port, workers, mode] = process.argv.slice(2);
// The kernel limits the backlog to net.core.somaxconn.
const backlog = 65535;

cluster.schedulingPolicy = mode === 'round-robin' ? cluster.SCHED_RR : cluster.SCHED_NONE;
if (cluster.isPrimary) {
  fork(Number(workers));
} else {
  const server = createServer();
  const reusePort = mode === 'reuseport';
  server.listen({ host, port: Number(port), backlog, reusePort }, ready);
  stopOnSigterm(server);
}
