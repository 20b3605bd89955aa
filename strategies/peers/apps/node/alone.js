'use strict';
// One worker with a port of its own: node alone.js HOST PORT

const { createServer, endsInGoodOrder, ready } = require('./service.js');

const [host, port] = process.argv.slice(2);
const server = createServer();
// As of net.core.somaxconn the kernel takes no more of a backlog than it allows.
server.listen({ host, port: Number(port), backlog: 65535 }, ready);
endsInGoodOrder(server);
// A parent that has gone has no use for its workers.
process.on('disconnect', () => process.exit());
