'use strict';
// Code shared by the primaries of all peers that use Node's cluster.

const cluster = require('node:cluster');

/** Starts workers, and ends when the last of them has ended. A worker that ends is not replaced. */
function fork(workers) {
  for (let number = 0; number < workers; number++) cluster.fork();
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
  });
  let left = workers;
  cluster.on('exit', () => {
    left -= 1;
    if (left === 0) process.exit();
  });
}

module.exports = { fork };
