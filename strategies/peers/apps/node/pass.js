'use strict';
// A primary that accepts connections, reads nothing, and passes each socket to a worker:
// node pass.js HOST PORT WORKERS random|sticky

const cluster = require('node:cluster');
const net = require('node:net');

const { fork } = require('./primary.js');
const { createServer, stopOnSigterm, ready } = require('./service.js');

const [host, port, count, mode] = process.argv.slice(2);
// The kernel limits the backlog to net.core.somaxconn.
const backlog = 65535;

/** FNV-1a: the same worker for the same address. */
function hash(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

function choose(workers, socket) {
  const number = mode === 'random'
    ? Math.floor(Math.random() * workers.length)
    : hash(socket.remoteAddress ?? '') % workers.length;
  return workers[number];
}

function accept(workers) {
  net.createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    choose(workers, socket).send('connection', socket, (error) => error && socket.destroy());
  }).listen({ host, port: Number(port), backlog });
}

if (cluster.isPrimary) {
  fork(Number(count));
  const workers = Object.values(cluster.workers);
  accept(workers);
} else {
  const server = createServer();
  process.on('message', (message, socket) => {
    // The socket is missing if the client has closed it already.
    if (message !== 'connection' || !socket) return;
    server.emit('connection', socket);
    socket.resume();
  });
  stopOnSigterm(server);
  ready();
}
