#!/usr/bin/python3
"""Writes ticks.txt: what matplotlib's MaxNLocator (with AutoLocator's steps) answers for 495 ranges.

A line is: number of intervals, 1 where only whole numbers are allowed, low, high, then the ticks that lie in the range.
Run with Debian's matplotlib 3.6.3:

    /usr/bin/python3 tests/golden/plot/generate_ticks.py > tests/golden/plot/ticks.txt
"""
import random
import sys

from matplotlib.ticker import MaxNLocator

STEPS = [1, 2, 2.5, 5, 10]
# Ranges of everyday pictures, each with every number of intervals.
PLAIN = [
    (0, 1), (0, 3), (-0.5, 187.5), (-0.5, 256.5), (0, 8000), (0, 22.05), (-80, 0), (-1, 1), (-0.97, 0.93), (0, 600),
    (-0.5, 0.5), (-0.5, 1.5), (0, 1e-6), (1e5, 1e5 + 0.5), (99.9, 100.1), (-1e9, 3e9), (0.1, 0.3), (2.5, 7.5),
    (1000, 1001), (123456, 123457), (-37.2, -36.9), (1e-200, 3e-200), (-5, 0), (0, 10), (0, 64.000001),
]
RANDOM_COUNT = 270


def random_range(generator):
    centre = generator.choice([0, 1, -1]) * 10 ** generator.uniform(-6, 6)
    width = 10 ** generator.uniform(-6, 6)
    if abs(centre) / width > 1e9:  # beyond what a double tells apart well
        centre = 0
    low = centre - width * generator.random()
    return float(f"{low:.9g}"), float(f"{low + width:.9g}")


def main():
    generator = random.Random(20)
    cases = [(n, 0, *r) for r in PLAIN for n in range(1, 10)]
    while len(cases) < len(PLAIN) * 9 + RANDOM_COUNT:
        low, high = random_range(generator)
        if low < high:
            cases.append((1 + len(cases) % 9, len(cases) % 5 == 0, low, high))
    for n, integer, low, high in cases:
        ticks = MaxNLocator(nbins=n, steps=STEPS, integer=bool(integer)).tick_values(low, high)
        step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
        slack = 1e-10 * step + 2 * sys.float_info.epsilon * max(abs(low), abs(high))
        seen = [t for t in ticks if low - slack <= t <= high + slack]
        print(n, int(integer), repr(low), repr(high), *(repr(float(t)) for t in seen))


main()
