"""Code that the compare-* scripts share: they compare programs in interleaved rounds."""

import argparse
import contextlib
import datetime
import os
import pathlib
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time


class Trouble(Exception):
    """An error whose message the script prints before it ends."""


def say(text):
    print(text, end="", file=sys.stderr, flush=True)


def whole(text):
    """Reads an argument that is a whole number above zero."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("give a whole number above zero")
    return int(text)


# --- the host ---------------------------------------------------------------------


def halves():
    """Returns the CPUs for servers and those for load; disjoint if there are two or more."""
    cpus = sorted(os.sched_getaffinity(0))
    half = (len(cpus) + 1) // 2
    return cpus[:half], cpus[half:] or cpus


def pinned(cpus):
    """Returns a function for `preexec_fn` that pins a child to these CPUs."""
    return lambda: os.sched_setaffinity(0, cpus)


def listed(cpus):
    return ",".join(map(str, cpus))


def host(placement):
    model = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    return (f"{datetime.date.today()}, {os.cpu_count()} × "
            f"{model.group(1) if model else platform.machine()}, Linux {platform.release()}; "
            f"{placement}; load average before {os.getloadavg()[0]:.1f}")


def stolen_s():
    """Returns CPU seconds that the hypervisor gave to others so far (`steal` in proc(5)); 0 on
    hardware."""
    cpus = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()
    return int(cpus[8]) / os.sysconf("SC_CLK_TCK")


def free_port():
    """Returns a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- nginx ------------------------------------------------------------------------

NGINX = """
daemon off;
pid {folder}/nginx.pid;
worker_processes {workers};
error_log stderr error;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {http}
}}
"""


def nginx_program():
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        raise Trouble("nginx is not installed; run `apt-get install nginx-light`")
    return program


@contextlib.contextmanager
def nginx(program, http, port, cpus, workers):
    """Starts nginx with these lines in its `http` block and waits until it answers on the port.
    Yields the PID of its master process."""
    with tempfile.TemporaryDirectory(prefix="evenkeel-nginx-") as folder:
        config = pathlib.Path(folder) / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, workers=workers, http=http))
        command = [program, "-p", folder, "-c", str(config), "-e", "stderr"]
        server = subprocess.Popen(command, preexec_fn=pinned(cpus))
        try:
            await_port(port, server)
            yield server.pid
        finally:
            server.terminate()
            server.wait()


def await_port(port, server):
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise Trouble("nginx did not start; see its output above")


# --- tables -----------------------------------------------------------------------


def markdown(rows):
    """Returns a Markdown table. The first row is the head; the first column is text."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    align = lambda row: [row[0].ljust(widths[0])] + [
        cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
    return "\n".join("| " + " | ".join(align(row)) + " |" for row in [rows[0], rule, *rows[1:]])


def middle_and_half(ratios):
    """Formats the median and the quartiles."""
    ratios = list(ratios)
    low, middle, high = statistics.quantiles(ratios * 2 if len(ratios) == 1 else ratios, n=4,
                                             method="inclusive")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def middle_and_range(ratios):
    ratios = sorted(ratios)
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
