'use strict';
// Node's cluster: node cluster.js HOST PORT WORKERS round-robin|none|reuseport

const cluster = require('node:cluster');

const { fork } = require('./primary.js');
const { createServer, endsInGoodOrder, ready } = require('./service.js');

const [host, port, workers, way] = process.argv.slice(2);
// As of net.core.somaxconn the kernel takes no more than it allows.
const backlog = 65535;

cluster.schedulingPolicy = way === 'round-robin' ? cluster.SCHED_RR : cluster.SCHED_NONE;
if (cluster.isPrimary) {
  fork(Number(workers));
} else {
  const server = createServer();
  const reusePort = way === 'reuseport';
  server.listen({ host, port: Number(port), backlog, reusePort }, ready);
  endsInGoodOrder(server);
}
