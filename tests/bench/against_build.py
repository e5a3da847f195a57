#!/usr/bin/env python3
"""Compares the speed of two builds of the command, old and new, which take turns on this machine.

    tests/bench/against_build.py OLD_SPECRNN NEW_SPECRNN [--rounds 9] [--rows PATTERN]

Rows: `bench features` in every configuration; `bench encoder` at four widths in every mode and type of weights; and as
whole processes `features` and `analyze` on 60 s and 600 s of noise, `plot` on 60 s. In each round every work runs three
times, old, new and old again, in an order that changes from round to round. Of each row the table shows the median over
the rounds of new / old, and beside it the same of old again / old: what this machine makes of no difference at all.

Exit status 0 where the geometric mean of new / old is at most 1.01 and each row is at most 1.03, or at most as far from
1 as old again was in any row of the same kind; 1 otherwise. A kind is one `bench`, or the whole processes. --rows takes the rows whose name holds the regular expression. Build both in
the same way (plain `meson setup`, the same compiler), and let the machine do nothing else.
"""
import argparse
import itertools
import json
import os
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import wave

import process

MEAN_LIMIT = 1.01
ROW_LIMIT = 1.03
LEAST_ROUNDS = 9
RATE_HZ = 16000
LENGTHS_S = (60, 600)
MODES = ("offline", "stream", "batch")
TYPES = ("f32", "bf16", "int8")
TRIES = 5  # of a process, whose time hangs more on what else the machine does than that of a loop
SIDES = ("old", "new", "again")


def make_noise(path, duration_s):
    """16-bit noise: a second of it, over and over."""
    draw = random.Random(1)
    second = struct.pack(f"<{RATE_HZ}h", *(int(draw.gauss(0, 3000)) for _ in range(RATE_HZ)))
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for _ in range(duration_s):
            file.writeframes(second)


class Bench:
    """A `specrnn bench`, which gives several rows."""

    def __init__(self, prefix, key, rows, time, *options):
        self.kind = " ".join(prefix.split()[:3])
        self.prefix, self.key, self.rows, self.time = prefix, key, rows, time
        self.options = ["bench", *options, "--json"]

    def run(self, specrnn):
        result = subprocess.run([specrnn, *self.options], check=True, capture_output=True, text=True)
        return {f"{self.prefix} {row[self.key]}": row[self.time] for row in json.loads(result.stdout)[self.rows]}


class Whole:
    """A whole process, which is one row: its wall time, the least of TRIES."""

    kind = "whole process"

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments

    def run(self, specrnn):
        return {self.name: min(process.timed([specrnn, *self.arguments]).wall_s for _ in range(TRIES))}


def works(folder):
    sounds = {duration_s: os.path.join(folder, f"{duration_s}s.wav") for duration_s in LENGTHS_S}
    for duration_s, path in sounds.items():
        make_noise(path, duration_s)
    found = [Bench("bench features", "configuration", "features", "ns_per_frame", "features")]
    for mode, dtype in itertools.product(MODES, TYPES):
        found.append(Bench(f"bench encoder {mode} {dtype}", "hidden", "widths", "us_per_frame", "encoder", "--widths",
                           "64,128,256,512", "--mode", mode, "--dtype", dtype, "--frames", "200", "--steps", "1"))
    for duration_s, sound in sounds.items():
        found.append(Whole(f"features {duration_s} s", "features", sound, "-o", os.path.join(folder, "mel.npy"),
                           "--sample-rate", str(RATE_HZ)))
        found.append(Whole(f"analyze {duration_s} s", "analyze", sound, "-o", os.path.join(folder, "pictures")))
    found.append(Whole("plot 60 s", "plot", sounds[60], "-o", os.path.join(folder, "plot.png")))
    return found


def wanted(work, pattern, specrnn):
    """Whether any row of a work is asked for: its own run says which rows it has, and warms the caches."""
    return any(pattern.search(row) for row in work.run(specrnn))


def measure(commands, found, n_rounds, pattern):
    """(kind, row) -> side -> its time in every round"""
    times = {}
    found = [work for work in found if wanted(work, pattern, commands["old"])]
    orders = list(itertools.permutations(SIDES))
    for round_number in range(n_rounds):
        for k, work in enumerate(found):
            for side in orders[(round_number + k) % len(orders)]:
                for row, time in work.run(commands[side]).items():
                    if pattern.search(row):
                        times.setdefault((work.kind, row), {side: [] for side in SIDES})[side].append(time)
        print(f"round {round_number + 1} of {n_rounds}", file=sys.stderr, flush=True)
    return times


def median_ratio(above, below):
    return statistics.median(a / b for a, b in zip(above, below))


def noise_of_kinds(times):
    """kind -> the largest ratio that old against old shows in one of its rows, whichever of the two was slower"""
    largest = {}
    for (kind, _), sides in times.items():
        ratio = median_ratio(sides["again"], sides["old"])
        largest[kind] = max(largest.get(kind, 1.0), ratio, 1 / ratio)
    return largest


def judge(times):
    """Prints the table. @return whether the new build may stand."""
    print("| row | new / old | old again / old | |\n|---|---|---|---|")
    ratios, noises, slower, noise_limits = [], [], 0, noise_of_kinds(times)
    for (kind, row), sides in times.items():
        ratio, noise = (median_ratio(sides[side], sides["old"]) for side in ("new", "again"))
        bad = ratio > max(ROW_LIMIT, noise_limits[kind])
        slower += bad
        ratios.append(ratio)
        noises.append(noise)
        print(f"| {row} | {ratio:.3f} | {noise:.3f} | {'SLOWER' if bad else ''} |")
    mean, noise = statistics.geometric_mean(ratios), statistics.geometric_mean(noises)
    good = mean <= MEAN_LIMIT and not slower
    print(f"| geometric mean | {mean:.4f} | {noise:.4f} | {'SLOWER' if mean > MEAN_LIMIT else ''} |\n")
    print(f"{'passes' if good else 'FAILS'}: geometric mean {mean:.4f} (at most {MEAN_LIMIT}), {slower} of {len(ratios)} "
          f"rows slower than {ROW_LIMIT} and than old against old")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD_SPECRNN")
    parser.add_argument("new", metavar="NEW_SPECRNN")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help=f"at least {LEAST_ROUNDS}, the default")
    parser.add_argument("--rows", type=re.compile, default=re.compile(""), metavar="PATTERN")
    arguments = parser.parse_args()
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"--rounds {arguments.rounds}: fewer than {LEAST_ROUNDS} rounds say nothing")
    commands = {"old": arguments.old, "new": arguments.new, "again": arguments.old}
    with tempfile.TemporaryDirectory() as folder:
        times = measure(commands, works(folder), arguments.rounds, arguments.rows)
    if not times:
        parser.error(f"--rows {arguments.rows.pattern}: no row has such a name")
    return 0 if judge(times) else 1


if __name__ == "__main__":
    sys.exit(main())
