"""What the peers on Python answer: the targets of evenkeel's own worker, with the same bodies."""

import os
import re
import time

TARGET = re.compile(r"/(bytes|spin|block|sleep)/(.*)", re.DOTALL)

# Evenkeel's own worker takes no longer time either.
MOST_MICROS = 60_000_000
MOST_BYTES = 2**64 - 1

OK = b"ok\n"
UNKNOWN = b"no such target: ask for /, /bytes/N, /spin/US, /block/US or /sleep/US\n"
NO_NUMBER = b"not a number: ask for a whole number of bytes, or of microseconds up to 60000000\n"

# What `/bytes/N` repeats.
PATTERN = (b"abcdefghijklmnopqrstuvwxyz" * 2521)[:65536]


def work_of(path):
    """Kind and amount of the work that a path other than `/` asks for: the kind is None where there
    is no such work, and the amount where it is no number that we take."""
    target = TARGET.fullmatch(path)
    if not target:
        return None, None
    kind, digits = target.groups()
    most = MOST_BYTES if kind == "bytes" else MOST_MICROS
    # `int` would take signs, spaces and underscores too.
    amount = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 64 else None
    return kind, amount if amount is not None and amount <= most else None


def pattern(length):
    """The body of `/bytes/N` in pieces, so that it is never in memory as a whole."""
    while length > len(PATTERN):
        yield PATTERN
        length -= len(PATTERN)
    yield PATTERN[:length]


def spin(micros):
    """Burns CPU time of this thread: by its own clock, so that being preempted does not count."""
    until = time.thread_time_ns() + 1000 * micros
    while time.thread_time_ns() < until:
        pass


def block(micros):
    """Keeps this thread without using a CPU."""
    time.sleep(micros / 1e6)


def ready():
    """Tells by the name of the process that it is a worker that is ready to serve."""
    with open("/proc/self/comm", "w") as name:
        name.write("evenkeel-worker")


def worker():
    """Who answers, for `x-evenkeel-worker`."""
    return str(os.getpid())
