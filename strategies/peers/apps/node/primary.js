'use strict';
// What the primaries of all peers on Node's cluster do alike.

const cluster = require('node:cluster');

/** Starts that many workers, and ends with the last of them. One that ends is not replaced. */
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
