"""What other designs of a study would gain, computed from one study of two strategies with long windows.

A window is cut into intervals, and each interval counts as a turn of the fleet. So the same blocks show
what several turns on one launch would give, and what the order of the trials, a median, and the load of
the host that its counters report have to do with the ratio."""

import math
import random
import statistics

WINDOW_MS, WARMUP_MS = 1000, 100
# Turns on one launch that are compared. The program cuts a window into 20 intervals.
TURNS = (1, 2, 5, 20)
# Draws with replacement, for the standard error of a median.
DRAWS = 2000

HEAD = ["question", "machine", "figure", "answer"]


def rows(blocks, launch_s, machine):
    """Answers each question for these blocks: pairs of a candidate's trial and a baseline's, each with
    whether the candidate ran first."""
    turns = [turns_of(candidate, baseline) for candidate, baseline, _ in blocks]
    logs = [statistics.fmean(block) for block in turns]
    yield from turns_on_a_launch(turns, launch_s, machine)
    yield order_of_trials(logs, [first for *_, first in blocks], machine)
    yield median_or_mean(logs, machine)
    yield without_the_host(blocks, logs, machine)


def turns_of(candidate, baseline):
    """Returns the log of the ratio of throughputs in each interval that both have."""
    pairs = zip(candidate["intervals"], baseline["intervals"])
    return [math.log(a["requests"] / b["requests"]) for a, b in pairs if a["requests"] and b["requests"]]


def turns_on_a_launch(turns, launch_s, machine):
    """Divides the variance of the log ratio between launches and turns on one launch, and returns the
    standard error that a minute gives for each number of turns."""
    between_turns = statistics.fmean(statistics.variance(block) for block in turns)
    of_means = statistics.variance(statistics.fmean(block) for block in turns)
    of_launch = max(0.0, of_means - between_turns / statistics.fmean(map(len, turns)))
    yield ["sd between launches; between turns", machine, "log of the ratio",
           f"{math.sqrt(of_launch):.3f}; {math.sqrt(between_turns):.3f}"]
    turn_s = WINDOW_MS / 1e3 / max(TURNS)
    for number in TURNS:
        block_s = 2 * (launch_s + WARMUP_MS / 1e3 / 2 + number * turn_s)
        error = math.sqrt((of_launch + between_turns / number) * block_s / 60)
        yield [f"{number} of {turn_s * 1e3:.0f} ms on each launch", machine, "se per minute", f"{error:.4f}"]


def order_of_trials(logs, is_first, machine):
    first = [log for log, first in zip(logs, is_first) if first]
    second = [log for log, first in zip(logs, is_first) if not first]
    if min(len(first), len(second)) < 2:
        return ["candidate first or second", machine, "difference of the logs", "–"]
    apart = statistics.fmean(first) - statistics.fmean(second)
    error = math.sqrt(sum(statistics.variance(side) / len(side) for side in (first, second)))
    return ["candidate first or second", machine, "difference of the logs", f"{apart:+.3f} ± {error:.3f}"]


def median_or_mean(logs, machine):
    chance = random.Random(1)
    medians = [statistics.median(chance.choices(logs, k=len(logs))) for _ in range(DRAWS)]
    of_mean = statistics.stdev(logs) / math.sqrt(len(logs))
    return ["median of the blocks", machine, "se, over that of the mean",
            f"{statistics.stdev(medians) / of_mean:.2f}"]


def without_the_host(blocks, logs, machine):
    """Returns what is left of the deviation if what the host's counters report (steal, and other
    processes) is regressed out: the difference of both trials' shares explains the log of the ratio."""
    taken = [taken_by_host(candidate) - taken_by_host(baseline) for candidate, baseline, _ in blocks]
    before = statistics.stdev(logs)
    if statistics.pstdev(taken) == 0:
        return ["host's load regressed out", machine, "sd of the log", f"{before:.3f} → –"]
    slope, intercept = statistics.linear_regression(taken, logs)
    left = [log - intercept - slope * share for log, share in zip(logs, taken)]
    # One degree of freedom more than for the mean.
    after = math.sqrt(sum(rest * rest for rest in left) / (len(left) - 2))
    return ["host's load regressed out", machine, "sd of the log", f"{before:.3f} → {after:.3f}"]


def taken_by_host(trial):
    """Returns the mean share of the CPUs that the hypervisor and other processes took in a trial."""
    shares = [interval["host"] for interval in trial["intervals"] if "host" in interval]
    return statistics.fmean(share["steal"] + share["others"] for share in shares) if shares else 0.0
