"""What windows of different lengths make of the load of `skewed`, in virtual time: a random split of the
requests over four workers, and a common queue for all of them, with the same arrivals and work."""

import heapq
import math
import random
import statistics

WORKERS, UTILIZATION = 4, 0.7
# Seconds of work, and their shares.
SHORT_S, LONG_S, LONG_SHARE = 0.001, 0.020, 0.05
RATE_RPS = UTILIZATION * WORKERS / ((1 - LONG_SHARE) * SHORT_S + LONG_SHARE * LONG_S)

# Windows and warm-ups in seconds.
LENGTHS_S = ((0.2, 0.1), (0.7, 0.1), (0.7, 0.2), (0.8, 0.2), (1.0, 0.4), (1.5, 0.4), (2.0, 0.5))
RUNS = 250
# A run that is as good as endless, and its warm-up.
ENDLESS_S = (300, 5)


def run(chance, until_s):
    """Returns arrival and response time under the split and under the common queue, of each request
    of a fleet that starts empty."""
    split, common = [0.0] * WORKERS, [0.0] * WORKERS
    at, requests = 0.0, []
    while (at := at + chance.expovariate(RATE_RPS)) < until_s:
        work = LONG_S if chance.random() < LONG_SHARE else SHORT_S
        worker = chance.randrange(WORKERS)
        split[worker] = max(at, split[worker]) + work
        done = max(at, heapq.heappop(common)) + work
        heapq.heappush(common, done)
        requests.append((at, split[worker] - at, done - at))
    return requests


def logs(requests, window_s, warmup_s):
    """Returns the log of split over common queue in mean, p50 and p99."""
    seen = [request for request in requests if warmup_s < request[0] < warmup_s + window_s]
    of = lambda side: sorted(request[side] for request in seen)
    split, common = of(1), of(2)
    at = lambda times, quantile: times[int(quantile * len(times))]
    figures = [(statistics.fmean(split), statistics.fmean(common)),
               *((at(split, quantile), at(common, quantile)) for quantile in (0.5, 0.99))]
    return [math.log(ours / theirs) for ours, theirs in figures]


def table():
    """Returns the rows of a table: geometric mean and standard deviation of the log per window."""
    chance = random.Random(1)
    rows = [["window (warm-up)", "mean", "p50", "p99"]]
    until_s = max(window + warmup for window, warmup in LENGTHS_S)
    runs = [run(chance, until_s) for _ in range(RUNS)]
    for window, warmup in LENGTHS_S:
        metrics = zip(*(logs(requests, window, warmup) for requests in runs))
        cells = [f"{math.exp(statistics.fmean(of)):.2f} ({statistics.stdev(of):.2f})"
                 for of in metrics]
        rows.append([f"{window * 1e3:.0f} ms ({warmup * 1e3:.0f})", *cells])
    endless = logs(run(chance, sum(ENDLESS_S)), *ENDLESS_S)
    rows.append([f"{ENDLESS_S[0]} s", *(f"{math.exp(log):.2f}" for log in endless)])
    return rows
