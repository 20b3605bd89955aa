'use strict';
// What the primaries of all peers on Node's cluster do alike.

const cluster = require('node:cluster');

/** Starts that many workers, and ends with them when it is asked to. A worker that ends is missed. */
function fork(workers) {
  for (let number = 0; number < workers; number++) cluster.fork();
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
  });
  cluster.on('exit', () => {
    if (Object.keys(cluster.workers).length === 0) process.exit();
  });
}

module.exports = { fork };
