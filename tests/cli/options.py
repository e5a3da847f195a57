#!/usr/bin/python3
"""Every option of every subcommand, from the tables of the program itself (specrnn --options-json). Speaks TAP.

    tests/cli/options.py SPECRNN SOURCE_ROOT

Numbers: each is tried at 0, -1, its ends and beyond, nan, inf, '' and 'abc'. What is no value ends with status 2, one line
that names the option, and no file; what is one never ends by a signal, and says what it says in lines of its own.

Pairs: each option is given to each kind that it can meet (of features, of pictures, of models, of inputs). It is used, so
that what comes out is another thing for one of its values, or refused. Where it has an effect together with another option
alone, that stands in WITH, and is tried; where it never changes a result, in NEUTRAL, with the reason.
"""
import concurrent.futures
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from PIL import Image

PATIENCE_S = 120
Image.MAX_IMAGE_PIXELS = None

NEUTRAL = {
    "stack": "of several inputs alone",
    "batch-first": "what arrays are unless a model says otherwise",
    "output": "where results go",
    "jobs": "results do not depend on it",
    "plans": "the same transforms, planned otherwise",
    "memory-limit": "what may be read, not what comes out",
    "precision": "of the last digits of a number, which a picture does not show",
    "json": "another form of the same facts",
    "config": "a file of options",
    "format": "of folders and standard output",
}

# The sound that an option is about.
OF_SOUND = {"nan": "bad.wav", "truncated": "cut.wav"}

# What makes an option count that has no effect by itself, in one kind or in all.
WITH = {
    "layout": "--dpi 100 --width 7 --height 4", # a smaller picture has no room for fixed margins
    "normalized": "--no-relative-to-max --vmin -90 --vmax 30",
    "maximum": "--no-relative-to-max --vmin -90 --vmax 30 --top-db 20",
    "symmetric": "--vmin auto --vmax auto",
    "relative-to-max": "--no-symmetric --dpi 100",
    "remove-dc-offset": "--n-fft 64 --hop-length 64 --n-mels 8",
    "window-position": "--n-fft 1024 --win-length 512",
    "round-to-power-of-two": "--preset kaldi",
    "ref": "--top-db none",
    "channel": "--channels one",
    "pcen-eps": "--scale pcen --pcen-gain 0.5",
    "cmvn-window": "--cmvn sliding --cmvn-min-window 2",
    "cmvn-min-window": "--cmvn sliding --cmvn-window 12",
    "lifter-kind": "--lifter 22",
    "seed": "--dither 1",
    "energy-floor": "--use-energy",
    "amin": "--top-db none",
    "maximum-value": "--maximum fixed",
    "htk-compat": "--use-energy",
    "percentile-low": "--pool mean",
    "tolerance": "--test 5",
    "layer": "--kind hidden",
    "delta-width": "--delta-order 1 --delta-kind regression",
}

# What keeps an option's ends within seconds and megabytes, where it alone would ask for much: a day of sound.
LIGHTER = {"fit-duration": "--sample-rate 1000"}

CONTRADICTED = ["mel bands", "is no LSTM", "features per frame; the model reads", "of several arrays"]

TEXTS = {
    "axis": ["linear", "log", "mel"], "labels": ["labels.txt"], "title": ["Another"], "modules": ["graph.json"], "order": ["activity", "similarity"],
    "model": ["gru.safetensors", "lstm.safetensors"], "compare": ["gru.safetensors"], "names": ["always"],
    "chain": ["output,rnn"], "concatenated": ["rnn"], "layer": ["1", "2", "output"], "pool": ["mean"], "h0": ["normal:0.5"], "c0": ["normal:0.5"], "lengths": ["5,3,7"],
    "stats": ["stats.npz"], "kind": ["mel", "hidden"], "normalizer": ["stats.npz"], "cell": ["gru", "lstm"],
    "hidden-size": ["7"], "nonlinearity": ["relu"], "gru-reset": ["before"], "output-activation": ["softmax"],
}

SIZE = "--dpi 30 --width 4 --height 3"
# Kind: command line without the output. The model reads the sound, and arrays of 8 features.
KINDS = {f"features --kind {kind}": f"features s.wav --kind {kind}" for kind in ("stft", "mel", "mfcc", "wave")}
KINDS |= {f"plot --kind {kind}": f"plot s.wav --kind {kind} {SIZE}"
          for kind in ("spectrogram", "mel", "mfcc", "waveform", "hidden", "histogram")}
KINDS |= {f"plot --kind {kind} of an array": f"plot a.npy --kind {kind} {SIZE}"
          for kind in ("heatmap", "lines", "scatter", "histogram")}
KINDS |= {
    "plot --kind hidden of an array": f"plot a.npy --kind hidden --model lstm.safetensors {SIZE}",
    "plot --kind gates": f"plot a.npy --kind gates --model lstm.safetensors {SIZE}",
    "plot --kind cell": f"plot a.npy --kind cell --model lstm.safetensors {SIZE}",
    "plot --kind weights": f"plot lstm.safetensors --kind weights {SIZE}",
    "plot --kind difference": f"plot a.npy b.npy --kind difference {SIZE}",
    "encode of sound": "encode s.wav",
    "encode of arrays": "encode c.npy --model lstm.safetensors",
    "animate --kind computation": "animate s.wav --kind computation --dpi 30",
    "animate --kind hidden": "animate s.wav --kind hidden --dpi 30 --frames 2",
    "model init of an RNN": "model init --cell rnn --kind mel --hidden-size 4",
    "model init of an LSTM": "model init --cell lstm --kind mel --hidden-size 4",
    "model init of a GRU": "model init --cell gru --kind mel --hidden-size 4",
    "stats": "stats s.wav",
}
EXTENSIONS = {"features": "npy", "plot": "png", "encode": "npz", "animate": "gif", "model init": "safetensors", "stats": "npz"}

# What a subcommand needs beside the option.
MINIMAL = {
    "analyze": "s.wav", "plot": "s.wav -o out.png", "animate": "s.wav -o out.gif", "features": "s.wav -o out.npy",
    "encode": "s.wav -o out.npz", "neighbours": "v.npz s", "info": "s.wav", "stats": "s.wav -o out.npz",
    "verify": "s.wav --against f.npy", "invert": "f.npz -o out.wav", "model init": "-o out.safetensors --input-size 8",
    "model show": "", "model verify": "lstm.safetensors", "model convert": "lstm.safetensors -o out.safetensors",
    "model quantize": "lstm.safetensors --dtype int8 -o out.safetensors", "bench features": "", "bench encoder": "",
    "bench plan": "-o plans",
}
NUMBERS = [0, 1, 2, 3, 5, 7, 8, 20, 40, 100, 200, 400, 512, 1000, 4000, 8000, 16000, 32768, 0.05, 0.1, 0.25, 0.5, 0.9, 1.5,
           -1, -100, 1e-3, 1e-6]


class Trial:
    """A folder with inputs, in which command lines run, each in a folder of its own below it."""

    def __init__(self, specrnn, folder):
        self.specrnn, self.folder = os.path.abspath(specrnn), Path(folder)
        os.chdir(folder)
        n = 48000
        t = np.arange(n) / 16000
        x = np.stack([0.4 * np.sin(2 * np.pi * 440 * t) * (t < 2.5), 0.2 * np.sin(2 * np.pi * 700 * t * t)], 1) + 0.02
        x += 1e-3 * np.sin(12345.0 * np.arange(2 * n).reshape(-1, 2) ** 1.5)
        x[2400:9000] = 0
        with wave.open("s.wav", "wb") as out:
            out.setparams((2, 2, 16000, 0, "NONE", ""))
            out.writeframes((x * 32767).astype("<i2").tobytes())
        data = Path("s.wav").read_bytes()
        Path("cut.wav").write_bytes(data[:-20000])
        bad = (0.5 * np.sin(0.1 * np.arange(48000))).astype("<f4")
        bad[777] = np.nan
        Path("bad.wav").write_bytes(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + bad.nbytes, b"WAVE", b"fmt ", 16, 3, 1, 16000,
                                                64000, 4, 32, b"data", bad.nbytes) + bad.tobytes())
        k = np.arange(8)[None, :]
        a = np.sin(0.3 * np.arange(400)[:, None] * (1 + k % 3) + k) + 1.2 + 0.1 * k
        np.save("a.npy", a.astype(np.float32))
        np.save("b.npy", (a + 0.01 * (np.sin(np.arange(400))[:, None] + 0.3) * (k == 3)).astype(np.float32))
        np.save("c.npy", a[:96].reshape(3, 32, 8).astype(np.float32))
        np.savez("v.npz", vectors=a[:3], names=np.array(["s", "t", "u"]))
        Path("graph.json").write_text('{"input_shape": [128], "nodes": [{"name": "x", "kind": "gru", "hidden_size": 4}]}')
        Path("labels.txt").write_text("0.05\t0.1\tone\n0.2\t0.2\ttwo\n")
        for cell in ("lstm", "gru"):
            self.prepare(f"model init -o {cell}.safetensors --cell {cell} --input-size 8 --hidden-size 6 --num-layers 2 --test 3")
        self.prepare("features s.wav -o f.npy --kind stft")
        self.prepare("features s.wav -o f.npz --kind stft --power complex")
        self.prepare("stats s.wav -o stats.npz")
        self.inputs = sorted(path for path in self.folder.iterdir() if path.is_file())

    def prepare(self, line):
        subprocess.run([self.specrnn] + line.split(), check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def run(self, words):
        """Status, lines on standard error, and the digest of every file that came, its metadata left out."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            for path in self.inputs:
                os.symlink(path, Path(place, path.name))
            done = subprocess.run([self.specrnn] + words, cwd=place, capture_output=True, timeout=PATIENCE_S, check=False,
                                  stdin=subprocess.DEVNULL)
            made = {str(path.relative_to(place)): self.digest(path)
                    for path in sorted(Path(place).rglob("*")) if path.is_file() and not path.is_symlink()}
        return done.returncode, done.stderr.decode("utf-8", "replace").splitlines(), made

    @staticmethod
    def digest(path):
        if path.suffix in (".png", ".gif"):
            image = Image.open(path)
            content = b"".join(
                [repr((image.size, getattr(image, "n_frames", 1), image.info.get("duration"))).encode()]
                + [(image.seek(i) or image.convert("RGB").tobytes()) for i in range(getattr(image, "n_frames", 1))])
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                content = b"".join(key.encode() + arrays[key].tobytes() for key in sorted(arrays.files) if "config" not in key)
        else:
            content = path.read_bytes()
        return hashlib.sha256(content).hexdigest()


def spelt(option, value):
    if option["type"] in ("flag", "switch"):
        return ["--" + option["name"] if value else "--no-" + option["name"]]
    return [f"--{option['name']}={value}"]


# ------------------------------------------------------------------------------------------------------------ numbers


def is_inside(option, x):
    low, high = option["minimum"], option["maximum"]
    whole = option["type"] != "count" or x == int(x)
    return (low is None or x >= low) and (high is None or x <= high) and whole


def bad_values(option):
    low, high = option["minimum"], option["maximum"]
    numbers = [0, -1, 1.5] + ([low - max(1.0, abs(low)) * 0.5] if low is not None else [])
    numbers += [high + max(1.0, abs(high))] if high is not None else []
    words = ["nan", "", "abc", "1x"] + ([] if high is None or option["type"] == "whole" else ["inf"])
    if option["type"] == "whole":
        return words + ["-1", "1.5", "18446744073709551616"]
    return words + [f"{x:.17g}" for x in numbers if not is_inside(option, x)]


def good_values(option):
    values = [x for x in (0, -1, option["minimum"], option["maximum"]) if x is not None and is_inside(option, x)]
    return [f"{x:.17g}" for x in values] + ([option["word"]] if option.get("word") else [])


def check_number(trial, command, option, thorough):
    """Faults of one option of one subcommand; of an option that others have too, every value is tried with one of them."""
    base = command["name"].split() + MINIMAL[command["name"]].split()
    faults = []
    for value in bad_values(option) if thorough else ["abc"]:
        status, lines, made = trial.run(base + spelt(option, value))
        named = len(lines) == 1 and (option["name"] in lines[0] or option.get("key", "?") in lines[0])
        if status != 2 or not named or made:
            faults.append(f"{value!r}: status {status}, {lines}, {sorted(made)}")
    if not thorough or command["name"].split()[0] == "bench":
        return faults  # what is a value may take minutes there
    if option["name"] in ("width", "height", "dpi"):
        return faults  # and pictures of gigabytes
    for value in good_values(option):
        status, lines, _ = trial.run(base + LIGHTER.get(option["name"], "").split() + spelt(option, value))
        if status not in (0, 1, 2) or not all(line.startswith("specrnn: ") for line in lines):
            faults.append(f"{value!r}: status {status}, {lines}")
    return faults


# -------------------------------------------------------------------------------------------------------------- pairs


def values_of(option):
    if option["type"] == "flag":
        return [True]
    if option["type"] == "switch":
        return [True, False]
    if option["type"] == "choice":
        return option["choices"]
    if option["type"] == "text":
        return TEXTS.get(option["name"], [])
    numbers = [f"{x:g}" for x in NUMBERS if option["type"] == "whole" and x == int(x) >= 0 or is_inside(option, x)]
    return ([option["word"]] if option.get("word") else []) + numbers


def is_named(option, lines):
    """Whether a message names the option, or the other one that it contradicts."""
    names = [option["name"], option["name"].replace("-", "_"), option.get("key", option["name"])] + CONTRADICTED
    return any(name in line for line in lines for name in names)


def is_used_or_refused(trial, line, option):
    """None, or what is wrong."""
    name = line.split()[0] if not line.startswith("model") else "model init"
    out = ["-o", "out." + EXTENSIONS[name]]
    values = values_of(option)
    if not values:
        return "no value to try: add one to TEXTS"
    sound = OF_SOUND.get(option["name"], "s.wav")
    for extra in ("", WITH.get(option["name"])):
        if extra is None:
            break
        base = line.replace("s.wav", sound).split() + extra.split()
        status, _, plain = trial.run(base + out)
        if extra and status:
            break  # the option that would bring it in is refused itself
        for value in values:
            status, lines, made = trial.run(base + spelt(option, value) + out)
            if status not in (0, 1, 2) or not all(line.startswith("specrnn: ") for line in lines):
                return f"{value}: status {status}, {lines}"
            if status and not lines:
                return f"{value}: refused without a word"
            if status == 2 and not extra and not is_named(option, lines):
                return f"{value}: refused without its name: {lines}"
            if status or made != plain:
                return None
    return f"neither used nor refused; tried {values}"


def main(specrnn):
    tables = json.loads(subprocess.run([specrnn, "--options-json"], capture_output=True, check=True).stdout)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(specrnn, folder)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            cases, tried = [], set()
            for command in sorted(tables, key=lambda command: command["name"] != "features"):
                for option in command["options"]:
                    if option["type"] in ("number", "count", "whole"):
                        shared = (option.get("table", command["name"]), option["name"])
                        cases.append((f"numbers: specrnn {command['name']} --{option['name']}",
                                      pool.submit(check_number, trial, command, option, shared not in tried)))
                        tried.add(shared)
            for title, line in KINDS.items():
                command = next(c for c in tables if line.startswith(c["name"]))
                for option in command["options"]:
                    if option["name"] not in NEUTRAL and f"--{option['name']} " not in line + " ":
                        cases.append((f"pairs: {title}, --{option['name']}",
                                      pool.submit(is_used_or_refused, trial, line, option)))
            print(f"1..{len(cases)}")
            failed = False
            for number, (title, case) in enumerate(cases, start=1):
                try:
                    faults = case.result() or []
                except Exception as exception:  # the others are told all the same
                    faults = repr(exception)
                print(f"{'not ok' if faults else 'ok'} {number} - {title}")
                for fault in [faults] if isinstance(faults, str) else faults:
                    print(f"# {fault}")
                failed = failed or bool(faults)
    return failed


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
