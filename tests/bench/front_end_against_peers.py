#!/usr/bin/python3
"""Times the front end beside its peers on this machine, in this run: ratios count, times do not.

    front_end_against_peers.py SPECRNN [--rounds N]

Part 1, whole processes: 600 s of sound (made by sox) to a mel array, and through `analyze`, with their peak memory; a
spectrogram of 60 s beside that of sox (more of it in plot_against_sox.py). Part 2, in a process: 60 s of noise
through the front ends, one thread each, beside FFTW alone (`specrnn bench features --json`) and torchaudio. Each
figure is the smallest of N rounds in which all took turns. What it prints is one Markdown table per part, and which BLAS
torchaudio computes with. Exit 77 (skipped) without sox or torchaudio, or where that is the reference BLAS, which is no
measure of torchaudio."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import process
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import blas

blas.hold_to_one_thread()

SECONDS = 60
RATE = 16000

# work, its name in `bench features`, goals: at most that many times FFTW alone, at least that many times faster than
# torchaudio
FRONT_ENDS = [
    ("mel 80, dB, 512/256", "mel 80 dB 512/256 float", 1.5, 5.0),
    ("mel 80, dB, 400/160", "mel 80 dB 400/160 float", 1.5, 5.0),
    ("Kaldi fbank 80", "kaldi fbank 80 float", 1.5, 5.0),
    ("mel 80, dB, 512/256, double", "mel 80 dB 512/256 double", 1.6, None),
    ("mel 80, dB, 400/160, double", "mel 80 dB 400/160 double", 1.6, None),
    ("Kaldi fbank 80, double", "kaldi fbank 80 double", 1.6, None),
]


def best_of(rounds, works):
    """The smallest time, the largest memory, the smallest CPU time of each work, all of them in turn."""
    results = [[] for _ in works]
    for _ in range(rounds):
        for result, work in zip(results, works):
            result.append(work())
    return [(min(r[0] for r in result), max(r[1] for r in result), min(r[2] for r in result)) for result in results]


def make_sound(path, seconds):
    subprocess.run(["sox", "-R", "-n", "-r", str(RATE), "-b", "16", path, "synth", str(seconds), "pinknoise",
                    "vol", "0.5"], check=True)


def whole_processes(specrnn, rounds, folder):
    """To be run before torch is loaded: a child begins as large as we are."""
    sound = os.path.join(folder, "600s.wav")
    make_sound(sound, 600)
    front_end = ["--sample-rate", str(RATE), "--n-fft", "512", "--hop-length", "256", "--n-mels", "80"]
    works = [
        [specrnn, "features", sound, "-o", os.path.join(folder, "mel.npy")] + front_end,
        [specrnn, "analyze", sound, "-o", os.path.join(folder, "pictures")],
    ]
    minute = os.path.join(folder, "60s.wav")
    make_sound(minute, 60)
    works += [
        [specrnn, "plot", minute, "-o", os.path.join(folder, "ours.png")],
        ["sox", minute, "-n", "spectrogram", "-o", os.path.join(folder, "sox.png")],
    ]
    mel, analyze, plot, sox = best_of(rounds, [lambda command=command: process.timed(command) for command in works])
    print("| whole process | time | of it CPU | peak memory | goal |")
    print("|---|---|---|---|---|")
    print("| `features`, 600 s to mel `.npy` | %.3f s | %.3f s | %.0f MB | 0.25 s |" % (mel[0], mel[2], mel[1]))
    print("| `analyze`, 600 s, five pictures | %.3f s | %.3f s | %.0f MB | 0.5 s, 64 MB |" %
          (analyze[0], analyze[2], analyze[1]))
    print("| `plot`, spectrogram of 60 s | %.3f s | %.3f s | %.0f MB | sox's time |" % (plot[0], plot[2], plot[1]))
    print("| `sox -n spectrogram`, the same | %.3f s | %.3f s | %.0f MB | |" % (sox[0], sox[2], sox[1]))
    print()


def torchaudio_works(torch, torchaudio):
    """Functions of no argument that compute what the first three of FRONT_ENDS name, as torchaudio does it."""
    from torchaudio.compliance import kaldi

    torch.set_num_threads(1)
    noise = 0.1 * torch.randn(1, SECONDS * RATE, generator=torch.Generator().manual_seed(1))
    decibels = torchaudio.transforms.AmplitudeToDB("power")

    def mel(n_fft, hop_length):
        transform = torchaudio.transforms.MelSpectrogram(RATE, n_fft=n_fft, hop_length=hop_length, n_mels=80)
        return lambda: decibels(transform(noise))

    return [mel(512, 256), mel(400, 160), lambda: kaldi.fbank(noise * 32768, num_mel_bins=80, dither=0.0)]


def timed(work):
    def run():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start, 0.0, 0.0
    return run


def in_process(specrnn, rounds, torch, torchaudio):
    reports = []

    def ours():
        text = subprocess.run([specrnn, "bench", "features", "--json", "--seconds", str(SECONDS), "--repetitions", "5"],
                              check=True, stdout=subprocess.PIPE).stdout
        reports.append({row["configuration"]: row for row in json.loads(text)["features"]})
        return 0.0, 0.0, 0.0

    with torch.no_grad():
        peers = best_of(rounds, [ours] + [timed(work) for work in torchaudio_works(torch, torchaudio)])[1:]
    print("| 60 s at 16 kHz, one thread | x FFTW alone | goal | x faster than torchaudio %s | goal | time |"
          % torchaudio.__version__)
    print("|---|---|---|---|---|---|")
    for i, (name, configuration, floor_goal, peer_goal) in enumerate(FRONT_ENDS):
        rows = [report[configuration] for report in reports]
        ratio = min(row["ns_per_frame"] for row in rows) / min(row["floor_ns_per_frame"] for row in rows)
        ours_ms = min(row["ms_per_input"] for row in rows)
        peer = "|"
        if peer_goal:
            peer = "%.1f (%.1f ms) | %.0f" % (1e3 * peers[i][0] / ours_ms, 1e3 * peers[i][0], peer_goal)
        print("| %s | %.2f | %.1f | %s | %.2f ms |" % (name, ratio, floor_goal, peer, ours_ms))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specrnn")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    if not shutil.which("sox"):
        print("SKIPPED: no comparison of speed, as sox is not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        whole_processes(arguments.specrnn, arguments.rounds, folder)
    try:
        import torch
        import torchaudio
    except ImportError as missing:
        print("SKIPPED: no comparison with torchaudio, as %s is not installed" % missing.name)
        return 77
    print(f"BLAS of torchaudio: {blas.in_words()}\n")
    if blas.is_reference():
        print(f"SKIPPED: no comparison with torchaudio: {blas.ADVICE}")
        return 77
    in_process(arguments.specrnn, arguments.rounds, torch, torchaudio)
    return 0


if __name__ == "__main__":
    sys.exit(main())
