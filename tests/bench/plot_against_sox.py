#!/usr/bin/env python3
"""Time of `specrnn plot` beside `sox FILE -n spectrogram`: whole processes, the same file, one after the other in turn.

    tests/bench/plot_against_sox.py build/tools/specrnn [SOUND] [--runs 31] [--limit 1.0]

Without SOUND sox makes 60 s of speech-like sound: the samples of samples/audio, repeated. Prints medians in
milliseconds: wall time, processor time of the child (os.wait4), and largest memory; then the ratio of the wall times.
With --limit the exit status is 1 where that ratio is larger.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import process

DURATION_S = 60


def make_sound(path):
    samples = os.path.join(os.path.dirname(__file__), "..", "..", "samples", "audio", "test.wav")
    subprocess.run(["sox"] + [samples] * 12 + [path, "trim", "0", str(DURATION_S)], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("specrnn")
    parser.add_argument("sound", nargs="?")
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--limit", type=float)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sound = arguments.sound or os.path.join(folder, "speech.wav")
        if not arguments.sound:
            make_sound(sound)
        commands = {
            "specrnn plot": [arguments.specrnn, "plot", sound, "-o", os.path.join(folder, "a.png")],
            "specrnn plot to stdout": [arguments.specrnn, "plot", sound, "-o", "-"],
            "sox spectrogram": ["sox", sound, "-n", "spectrogram", "-o", os.path.join(folder, "b.png")],
        }
        times = {name: [] for name in commands}
        for _ in range(arguments.runs):
            for name, command in commands.items():
                times[name].append(process.timed(command))
    medians = {name: process.Run(*map(statistics.median, zip(*rows))) for name, rows in times.items()}
    for name, median in medians.items():
        least_s = min(row.wall_s for row in times[name])
        print(f"{name:24} wall {1e3 * median.wall_s:6.1f} ms (least {1e3 * least_s:.1f})  "
              f"processor {1e3 * median.processor_s:6.1f} ms  memory {median.memory_mb:5.1f} MB")
    ratio = medians["specrnn plot"].wall_s / medians["sox spectrogram"].wall_s
    print(f"ratio of wall times {ratio:.2f}")
    return arguments.limit is not None and ratio > arguments.limit


if __name__ == "__main__":
    sys.exit(main())
