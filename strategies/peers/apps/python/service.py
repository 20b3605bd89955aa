"""The service of all peers on Python: the same targets and bodies as evenkeel's own worker."""

import os
import re
import time

TARGET = re.compile(r"/(bytes|spin|block|sleep)/(.*)", re.DOTALL)

# The limit of evenkeel's own worker.
MAX_MICROS = 60_000_000
MAX_BYTES = 2**64 - 1

OK = b"ok\n"
UNKNOWN = b"no such target: ask for /, /bytes/N, /spin/US, /block/US or /sleep/US\n"
NO_NUMBER = b"not a number: ask for a whole number of bytes, or of microseconds up to 60000000\n"

# The pattern that `/bytes/N` repeats.
PATTERN = (b"abcdefghijklmnopqrstuvwxyz" * 2521)[:65536]


def work_of(path):
    """Returns kind and amount of the work that a path other than `/` requests. The kind is None if
    the target is unknown, and the amount is None if it is not a valid number."""
    target = TARGET.fullmatch(path)
    if not target:
        return None, None
    kind, digits = target.groups()
    most = MAX_BYTES if kind == "bytes" else MAX_MICROS
    # `int` also accepts signs, spaces and underscores.
    amount = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 64 else None
    return kind, amount if amount is not None and amount <= most else None


def pattern(length):
    """Yields the body of `/bytes/N` in pieces, so that it is never in memory as a whole."""
    while length > len(PATTERN):
        yield PATTERN
        length -= len(PATTERN)
    yield PATTERN[:length]


def spin(micros):
    """Uses CPU time, measured by the clock of this thread, so that preemption does not count."""
    until = time.thread_time_ns() + 1000 * micros
    while time.thread_time_ns() < until:
        pass


def block(micros):
    """Blocks this thread without using CPU time."""
    time.sleep(micros / 1e6)


def ready():
    """Sets the process name, which marks the process as a worker that is ready."""
    with open("/proc/self/comm", "w") as name:
        name.write("evenkeel-worker")


def worker():
    """Returns the value of the field `x-evenkeel-worker`."""
    return str(os.getpid())
