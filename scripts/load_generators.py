"""The load generators that `compare-load-generators` knows: the command line of each
and how to read its output. Another generator is one more row in `generators`."""

import json
import pathlib
import re
import shutil
from dataclasses import dataclass
from typing import Callable, Optional

RELEASE = pathlib.Path(__file__).resolve().parent.parent / "target" / "release"


@dataclass
class Load:
    """The load that every generator offers."""

    url: str
    seconds: int
    connections: int
    threads: int
    cpus: list
    close: bool  # one connection per request, instead of keep-alive


@dataclass
class Sample:
    """Figures of one generator in one round; a latency that it does not report is None."""

    requests: int
    p50_us: Optional[float] = None
    p99_us: Optional[float] = None
    rps: float = 0.0
    cpu_s: float = 0.0


@dataclass
class Generator:
    name: str
    program: str
    get_it: str
    command: Callable[[Load], Optional[list]]  # arguments; None if it cannot offer this load
    read: Callable[[str], Sample]

    def path(self):
        return shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin")


def evenkeel(load):
    each = ["--requests-per-connection", "1"] if load.close else []
    cpus = ",".join(map(str, load.cpus))
    return ["load", "-q", load.url, "-c", str(load.connections), "-t", str(load.threads),
            "-d", f"{load.seconds}s", "--load-cpus", cpus, "--format", "json", *each]


def read_evenkeel(text):
    trial = json.loads(text)
    return Sample(trial["requests"], trial["latency_us"]["p50"], trial["latency_us"]["p99"])


def wrk(load):
    close = ["-H", "Connection: close"] if load.close else []
    return [f"-c{load.connections}", f"-t{load.threads}", f"-d{load.seconds}s", "--latency",
            *close, load.url]


def read_wrk(text):
    units = {"us": 1, "ms": 1e3, "s": 1e6}
    quantiles = {percent: float(number) * units[unit]
                 for percent, number, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", text)}
    return Sample(find(r"(\d+) requests in", text), quantiles.get("50"), quantiles.get("99"))


def h2load(load):
    # With `connection: close` its timed mode never ends (as of version 1.52).
    return None if load.close else ["--h1", "-c", str(load.connections), "-t", str(load.threads),
                                    "-D", str(load.seconds), load.url]


def read_h2load(text):
    return Sample(find(r"requests: (\d+) total", text))


def oha(load):
    close = ["--disable-keepalive"] if load.close else []
    return ["--no-tui", "--output-format", "json", "-c", str(load.connections),
            "-z", f"{load.seconds}s", *close, load.url]


def read_oha(text):
    report = json.loads(text)
    quantiles = report["latencyPercentiles"]
    requests = sum(report["statusCodeDistribution"].values())
    return Sample(requests, quantiles["p50"] * 1e6, quantiles["p99"] * 1e6)


def rewrk(load):
    return None if load.close else ["-c", str(load.connections), "-t", str(load.threads),
                                    "-d", f"{load.seconds}s", "-h", load.url, "--json"]


def read_rewrk(text):
    # Its percentiles are means of the slowest share.
    return Sample(json.loads(text)["requests_total"])


def hey(load):
    close = ["-disable-keepalive"] if load.close else []
    return ["-c", str(load.connections), "-cpus", str(load.threads), "-z", f"{load.seconds}s",
            *close, load.url]


def read_hey(text):
    quantiles = {percent: float(seconds) * 1e6
                 for percent, seconds in re.findall(r"(50|99)%+ in ([\d.]+) secs", text)}
    return Sample(find(r"\[200\]\s+(\d+) responses", text), quantiles.get("50"), quantiles.get("99"))


def autocannon(load):
    close = ["-H", "Connection=close"] if load.close else []
    return ["--json", "-c", str(load.connections), "-d", str(load.seconds), *close, load.url]


def read_autocannon(text):
    report = json.loads(text)
    # It reports whole milliseconds; 0 is not a measurement.
    in_us = lambda ms: ms * 1e3 or None
    return Sample(report["2xx"], in_us(report["latency"]["p50"]), in_us(report["latency"]["p99"]))


def bare(*pause):
    def command(load):
        port = load.url.split(":")[-1].rstrip("/")
        numbers = [port, load.connections, load.threads, load.seconds, *pause]
        return None if load.close else list(map(str, numbers))

    return command


def read_bare(text):
    return Sample(find(r"(\d+) requests", text))


def find(pattern, text):
    return int(re.search(pattern, text).group(1))


def generators():
    build = "cargo build --release --workspace --bins --examples"
    example = lambda name: str(RELEASE / "examples" / name)
    return [
        Generator("evenkeel", str(RELEASE / "evenkeel"), build, evenkeel, read_evenkeel),
        Generator("wrk", "wrk", "Debian package wrk", wrk, read_wrk),
        Generator("h2load", "h2load", "Debian package nghttp2-client", h2load, read_h2load),
        Generator("oha", "oha", "cargo install oha", oha, read_oha),
        Generator("rewrk", "rewrk", "cargo install rewrk", rewrk, read_rewrk),
        Generator("hey", "hey", "Debian package hey", hey, read_hey),
        Generator("autocannon", "autocannon", "npm install -g autocannon", autocannon, read_autocannon),
        Generator("bare epoll", example("bare_epoll"), build, bare(), read_bare),
        Generator("bare io_uring", example("bare_io_uring"), build, bare(), read_bare),
        # With the pause that the engine takes under this load: see
        # loadgen/src/engine/coalesce.rs.
        Generator("bare epoll+pause", example("bare_epoll"), build, bare(200), read_bare),
        Generator("bare io_uring+pause", example("bare_io_uring"), build, bare(200), read_bare),
    ]
