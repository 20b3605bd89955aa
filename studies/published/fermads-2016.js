// The worker of fermads-2016-node.toml: answers `ok`. With a port of its own it is one process; with an inherited
// socket it is Node's cluster, in which the primary gives connections to workers in turn: node fermads-2016.js WORKERS
'use strict';
const cluster = require('node:cluster');
const http = require('node:http');

const { LISTEN_FDS, PORT, HOST } = process.env;
const socket = LISTEN_FDS ? { fd: 3 } : { port: PORT, host: HOST };

cluster.schedulingPolicy = cluster.SCHED_RR;
if (LISTEN_FDS && cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.argv[2]); worker++) cluster.fork();
} else {
  http
    .createServer((request, response) => {
      response.writeHead(200);
      response.end('ok');
    })
    .listen(socket);
}
