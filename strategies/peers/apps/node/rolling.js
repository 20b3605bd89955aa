'use strict';
// A primary of Node's cluster that its users write for deployments without interruption: it replaces its
// workers one by one on SIGHUP, and any that dies; SIGTTIN and SIGTTOU add and remove one.

const { once } = require('node:events');
const cluster = require('node:cluster');

// Time for a worker to answer what it has; then it is asked to close the connections that clients keep open.
const DRAIN_MS = 2000;

const areReady = new Set();
let isEnding = false;

/** Starts workers. Ends on SIGTERM, or when no worker is left. */
function fork(workers) {
  for (let number = 0; number < workers; number++) cluster.fork();
  cluster.on('message', (worker, message) => {
    if (message === 'ready') areReady.add(worker);
  });
  cluster.on('exit', (worker) => {
    // One that has never been ready would not be the next time either.
    const hasDied = areReady.delete(worker) && !worker.exitedAfterDisconnect && !isEnding;
    if (hasDied) cluster.fork();
    else if (Object.keys(cluster.workers).length === 0) process.exit();
  });
  process.once('SIGTERM', () => {
    isEnding = true;
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
  });
  process.on('SIGHUP', replaceAll);
  process.on('SIGTTIN', () => cluster.fork());
  process.on('SIGTTOU', () => retire(Object.values(cluster.workers).at(-1)));
}

/** Starts a new worker for each old one, which then ends. */
async function replaceAll() {
  for (const old of Object.values(cluster.workers)) {
    const worker = cluster.fork();
    // The message "ready", which comes when it listens; or its end.
    await Promise.race([once(worker, 'message'), once(worker, 'exit')]);
    if (worker.isDead()) return;
    // One that has died meanwhile has a successor already.
    retire(old.isDead() ? worker : old);
  }
}

/** Lets a worker take no more connections, and ends it when it has answered what it has. */
function retire(worker) {
  worker.disconnect();
  const timer = setTimeout(() => worker.process.kill('SIGTERM'), DRAIN_MS);
  worker.once('exit', () => clearTimeout(timer));
}

module.exports = { fork };
