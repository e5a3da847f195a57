#!/usr/bin/env python3
"""Time of every picture of `specrnn analyze` on three seconds of sound, one by one, and of all of them at once.

    tests/bench/pictures_of_analyze.py build/tools/specrnn [SOUND] [--runs 31] [--limit]

Each row is a whole process, from its start to the finished file: the pictures by the `specrnn plot` that draws the same
figure, then `encode`, which computes all that `analyze` draws, `analyze`, and `analyze --report`. Rows take turns.
Prints medians: wall time, processor time of the child (os.wait4), and largest memory, beside the goal. No `plot` draws
the overview; what `analyze` takes beyond `encode` bounds it, as it is all five pictures. With --limit the exit status is
1 where a goal of the table is missed.
"""
import argparse
import os
import statistics
import sys
import tempfile

import process

SEGMENT = ["--offset", "1.5", "--duration", "3"]
FRONT_END = ["--preset", "librosa", "--sample-rate", "16000", "--n-fft", "512", "--hop-length", "256"]
PICTURE_GOAL_MS = 40.0
ANALYZE_GOAL_MS = 150.0
ANALYZE_GOAL_MB = 60.0


def rows_of(specrnn, sound, folder):
    """(name, command, goal in ms or None, goal in MB or None)"""
    picture = os.path.join(folder, "picture.png")
    plot = [specrnn, "plot", sound, "-o", picture] + SEGMENT
    analyze = [specrnn, "analyze", sound, "-o", os.path.join(folder, "all")] + SEGMENT
    hidden = ["--kind", "hidden"]
    return [
        ("spectrogram.png", plot + FRONT_END, PICTURE_GOAL_MS, None),
        ("layer1.png", plot + hidden + ["--layer", "1"], PICTURE_GOAL_MS, None),
        ("layer2.png", plot + hidden + ["--layer", "2"], PICTURE_GOAL_MS, None),
        ("features.png", plot + hidden, PICTURE_GOAL_MS, None),
        ("waveform alone", plot + ["--kind", "waveform"], PICTURE_GOAL_MS, None),
        ("encode, no picture", [specrnn, "encode", sound, "-o", os.path.join(folder, "h.npz")] + SEGMENT, None, None),
        ("analyze, all five", analyze, ANALYZE_GOAL_MS, ANALYZE_GOAL_MB),
        ("analyze --report", analyze + ["--report"], None, None),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("specrnn")
    default = os.path.join(os.path.dirname(__file__), "..", "..", "samples", "audio", "test.wav")
    parser.add_argument("sound", nargs="?", default=os.path.normpath(default))
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--limit", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(arguments.specrnn, arguments.sound, folder)
        measured = [[] for _ in rows]
        for _ in range(arguments.runs):
            for k, (_, command, _, _) in enumerate(rows):
                measured[k].append(process.timed(command))
        print(f"{'':20} {'wall ms':>8} {'least':>6} {'goal':>5} {'processor ms':>13} {'memory MB':>10} {'goal':>5}")
        medians = {}
        missed = False
        for (name, _, goal_ms, goal_mb), runs in zip(rows, measured):
            median = process.Run(*map(statistics.median, zip(*runs)))
            wall_ms = medians[name] = 1e3 * median.wall_s
            least_ms = 1e3 * min(run.wall_s for run in runs)
            missed |= goal_ms is not None and wall_ms > goal_ms or goal_mb is not None and median.memory_mb > goal_mb
            goals = [f"{goal:.0f}" if goal else "" for goal in (goal_ms, goal_mb)]
            print(f"{name:20} {wall_ms:8.1f} {least_ms:6.1f} {goals[0]:>5} {1e3 * median.processor_s:13.1f} "
                  f"{median.memory_mb:10.1f} {goals[1]:>5}")
    pictures = medians["analyze, all five"] - medians["encode, no picture"]
    print(f"the five pictures of analyze together {pictures:.1f} ms, so the overview less than that")
    return arguments.limit and missed


if __name__ == "__main__":
    sys.exit(main())
