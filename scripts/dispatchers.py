"""The sides that `compare-dispatchers` compares: evenkeel's fleets, Node's cluster, and nginx in front
of evenkeel's workers. Each is a context manager that ends its processes."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass

from rounds import Trouble, free_port, nginx, nginx_program, pinned

EVENKEEL = pathlib.Path(__file__).resolve().parent.parent / "target" / "release" / "evenkeel"

# Node's cluster as its documentation shows it: the primary accepts connections and hands sockets to
# workers in turn (SCHED_RR). The answer is as long as the one of evenkeel's workers to `/`.
NODE = """
const cluster = require('node:cluster'), http = require('node:http');
if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  let waiting = WORKERS;
  cluster.on('listening', (_worker, address) => { if (--waiting === 0) console.log(address.port); });
  for (let number = 0; number < WORKERS; number++) cluster.fork();
} else {
  http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 3 });
    response.end('ok\\n');
  }).listen(0, '127.0.0.1');
}
"""

NGINX = """
upstream workers {{ {servers} keepalive 1024; keepalive_requests 1000000000; }}
server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
        proxy_pass http://workers;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
    }}
}}
"""


@dataclass
class Side:
    """A running server: its URL and its processes."""

    name: str
    url: str
    dispatchers: list
    workers: list

    def cpu_s(self):
        """Returns CPU seconds so far: of the dispatchers, and of all processes."""
        dispatchers = sum(map(cpu_s, self.dispatchers))
        return dispatchers, dispatchers + sum(map(cpu_s, self.workers))


def cpu_s(pid):
    """Returns the CPU time of a process and all its threads, in seconds, from its CPU clock. The
    clock's number is computed as in clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


@contextlib.contextmanager
def evenkeel(strategy, workers, cpus):
    command = [str(EVENKEEL), "serve", "-q", "-s", strategy, "-w", str(workers),
               "--server-cpus", ",".join(map(str, cpus)), "--format", "json"]
    with process(command) as server:
        line = server.stdout.readline()
        if not line:
            raise Trouble(f"`{' '.join(command)}` did not start; see its output above")
        started = json.loads(line)
        of_kind = lambda kind: [each["pid"] for each in started["processes"]
                                if each["role"].startswith(kind)]
        yield Side(strategy, started["url"], of_kind("dispatcher"), of_kind("worker"))


@contextlib.contextmanager
def node_cluster(workers, cpus):
    program = shutil.which("node")
    if not program:
        raise Trouble("node is not installed; run `apt-get install nodejs`, or leave it out with "
                      "`--only reuseport --only proxy`")
    with tempfile.TemporaryDirectory(prefix="evenkeel-node-") as folder:
        script = pathlib.Path(folder) / "cluster.js"
        script.write_text(NODE.replace("WORKERS", str(workers)))
        with process([program, str(script)], cpus) as primary:
            port = primary.stdout.readline().strip()
            if not port:
                raise Trouble("Node's cluster did not start; see its output above")
            yield Side("Node cluster", f"http://127.0.0.1:{port}/", [primary.pid],
                       children(primary.pid))


@contextlib.contextmanager
def nginx_before(workers, cpus):
    """Starts nginx, with one worker process of its own, in front of these workers."""
    servers = " ".join(f"server 127.0.0.1:{listening_port(pid)};" for pid in workers)
    port = free_port()
    with nginx(nginx_program(), NGINX.format(servers=servers, port=port), port, cpus, 1) as master:
        yield Side("nginx", f"http://127.0.0.1:{port}/", children(master), workers)


@contextlib.contextmanager
def process(command, cpus=None):
    """Starts a child, which gets SIGTERM when the context ends."""
    pin = cpus and pinned(cpus)
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=pin)
    try:
        yield child
    finally:
        child.terminate()
        child.communicate()


def children(pid):
    return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def listening_port(pid):
    """Returns the port on which a process listens: that of its socket in the kernel's table with
    state 0A (proc_pid_net(5))."""
    links = (os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd"))
    own = {link.removeprefix("socket:[").rstrip("]") for link in links}
    for line in pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, state, inode = fields[1], fields[3], fields[9]
        if state == "0A" and inode in own:
            return int(local.split(":")[1], 16)
    raise Trouble(f"worker {pid} does not listen on an IPv4 port")
