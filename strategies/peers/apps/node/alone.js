'use strict';
// One worker with its own port: node alone.js HOST PORT

const { createServer, stopOnSigterm, ready } = require('./service.js');

const [host, port] = process.argv.slice(2);
const server = createServer();
// The kernel limits the backlog to net.core.somaxconn.
server.listen({ host, port: Number(port), backlog: 65535 }, ready);
stopOnSigterm(server);
// Ends when the parent is gone.
process.on('disconnect', () => process.exit());
