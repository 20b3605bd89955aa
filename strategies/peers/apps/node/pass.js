'use strict';
// A primary that accepts, reads nothing, and passes the socket on to a worker of its choice:
// node pass.js HOST PORT WORKERS random|sticky

const cluster = require('node:cluster');
const net = require('node:net');

const { fork } = require('./primary.js');
const { createServer, endsInGoodOrder, ready } = require('./service.js');

const [host, port, count, way] = process.argv.slice(2);
// As of net.core.somaxconn the kernel takes no more than it allows.
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
  const number = way === 'random'
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
    // The socket is gone if its client was quicker.
    if (message !== 'connection' || !socket) return;
    server.emit('connection', socket);
    socket.resume();
  });
  endsInGoodOrder(server);
  ready();
}
