#!/usr/bin/python3
"""Every kind of picture that the command draws, beside the stored one, as an eye would compare them.

    tests/cli/pictures.py SPECRNN SOURCE_ROOT            compares with tests/golden/plot/kinds
    tests/cli/pictures.py SPECRNN SOURCE_ROOT --write    stores what is drawn now: look at it before you commit it

The tolerance is that of tests/unit/test_plot_golden.c: means of blocks of 4 x 4 pixels may differ by 30 of 255 in one
place (a letter half a pixel aside in another version of FreeType), and by 1 on the average. In the end a picture is
compared with one of other data, which must fail.
"""
import os
import subprocess
import sys
import tempfile
import wave

import numpy as np
from PIL import Image

BLOCK, MOST, MOST_ON_AVERAGE = 4, 30.0, 1.0
SIZE = "--width 5 --height 2.4 --dpi 60"
TALL = "--width 5 --height 5 --dpi 60"

# name: arguments; WAV stands for the sample sound, other names for files made below.
PICTURES = {
    "spectrogram": f"plot WAV --offset 1 --duration 2 {SIZE}",
    "spectrogram-log": f"plot WAV --axis log --duration 2 --theme dark {SIZE}",
    "spectrogram-mel": f"plot WAV --axis mel --duration 2 --labels labels.txt {SIZE}",
    "analysis": "analyze WAV --offset 1 --duration 0:01.5 --dpi 50",
    "spectrogram-silence": f"plot silence.wav {SIZE}",
    "spectrograms": f"plot WAV WAV --duration 1 {SIZE}",
    "mel": f"plot WAV --kind mel --preset whisper --duration 2 {SIZE}",
    "mel-silence": f"plot silence.wav --kind mel --preset whisper --theme dark {SIZE}",
    "mfcc-silence": f"plot silence.wav --kind mfcc {SIZE}",
    "mfcc": f"plot WAV --kind mfcc --duration 2 {SIZE}",
    "waveform": f"plot WAV --kind waveform --theme dark {SIZE}",
    "hidden": f"plot WAV --kind hidden --duration 2 {TALL}",
    "hidden-activity": f"plot states.npy --order activity {SIZE}",
    "hidden-similarity": f"plot states.npy --order similarity --step 0.1 {SIZE}",
    "hidden-two-models": f"plot features.npy --kind hidden --model lstm.safetensors --compare gru.safetensors {TALL}",
    "gates-lstm": f"plot features.npy --kind gates --model lstm.safetensors {TALL}",
    "gates-gru": f"plot features.npy --kind gates --model gru.safetensors {TALL}",
    "cell": f"plot features.npy --kind cell --model lstm.safetensors {SIZE}",
    "weights": f"plot lstm.safetensors --kind weights {TALL}",
    "histogram": f"plot WAV --kind histogram --layer 2 --duration 1 {SIZE}",
    "heatmap": f"plot features.npy {SIZE}",
    "heatmap-constant": f"plot constant.npy {SIZE}",
    "heatmap-nan": f"plot nan.npy --theme dark {SIZE}",
    "lines": f"plot lines.npy --kind lines {SIZE}",
    "lines-log": f"plot losses.npy --kind lines --log-y {SIZE}",
    "scatter": f"plot lines.npy --kind scatter {SIZE}",
    "difference": f"plot features.npy other.npy --kind difference {SIZE}",
    "animation-grid": "animate features.npy --model lstm.safetensors --dpi 60",
    "animation-hidden": "animate features.npy --kind hidden --model gru.safetensors --frames 3 --dpi 60",
}


def make_inputs(specrnn):
    t, k = np.arange(60)[:, None], np.arange(8)[None, :]
    features = np.sin(0.15 * t * (1 + k % 3) + k) * (1 + 0.1 * k)
    arrays = {
        "features": features,
        "other": features + 0.01 * (t > 30) * (k == 3),
        "states": np.tanh(np.sin(0.2 * t + k % 4) * (1 + k)),
        "lines": np.cumsum(features[:, :4], axis=0),
        "losses": np.exp(-0.05 * t * (1 + k[:, :3])) + 1e-3,
    }
    arrays["constant"] = np.where(k % 2, np.nextafter(np.float32(3.25), np.float32(4)), np.float32(3.25)) + 0 * t
    arrays["nan"] = np.nan * features
    for name, array in arrays.items():
        np.save(name + ".npy", array.astype(np.float32))
    for cell in ("lstm", "gru"):
        arguments = ["--cell", cell, "--input-size", "8", "--hidden-size", "12", "--num-layers", "2", "--seed", "1"]
        command = [specrnn, "model", "init", "-o", cell + ".safetensors"] + arguments
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with wave.open("silence.wav", "wb") as silence:
        silence.setparams((1, 2, 16000, 0, "NONE", None))
        silence.writeframes(bytes(2 * 16000))
    with open("labels.txt", "w", encoding="utf-8") as labels:
        labels.write("0.2\t0.9\tπρώτο\n0.8\t1.5\tsecond\n1.7\t1.7\tmark\n")


def draw(specrnn, root, arguments):
    """RGB as (height, width, 3); of an animation its second picture, of an analysis its overview."""
    output = {"animate": "out.gif", "analyze": "out"}.get(arguments.split()[0], "out.png")
    words = [os.path.join(root, "samples/audio/test.wav") if word == "WAV" else word for word in arguments.split()]
    subprocess.run([specrnn] + words + ["-o", output], check=True, stdout=subprocess.DEVNULL)
    image = Image.open("out/overview.png" if output == "out" else output)
    if output == "out.gif":
        image.seek(1)
    return np.asarray(image.convert("RGB"))


def differences(a, b):
    """The largest and the mean difference of blocks."""
    if a.shape != b.shape:
        return 255.0, 255.0
    height, width = (n // BLOCK * BLOCK for n in a.shape[:2])
    delta = a[:height, :width].astype(float) - b[:height, :width]
    means = np.abs(delta.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3).mean(axis=(1, 3)))
    return means.max(), means.mean()


def alike(a, b):
    largest, mean = differences(a, b)
    return largest <= MOST and mean <= MOST_ON_AVERAGE


def main():
    specrnn, root = (os.path.abspath(path) for path in sys.argv[1:3])
    stored = os.path.join(root, "tests/golden/plot/kinds")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_inputs(specrnn)
        drawn = {name: draw(specrnn, root, arguments) for name, arguments in PICTURES.items()}
        os.chdir(root)
    for name, picture in drawn.items():
        path = os.path.join(stored, name + ".png")
        if sys.argv[3:] == ["--write"]:
            Image.fromarray(picture).save(path, optimize=True)
            continue
        expected = np.asarray(Image.open(path).convert("RGB"))
        if not alike(picture, expected):
            failures += 1
            print("%s: blocks differ by %.1f at most and %.2f on the average" % (name, *differences(picture, expected)))
    extra = {name[:-4] for name in os.listdir(stored) if name.endswith(".png")} - set(PICTURES)
    for name in sorted(extra):
        print(f"{name}: stored, but never drawn")
    if alike(drawn["hidden-activity"], drawn["heatmap"]):
        print("the comparison does not see other data")
        failures += 1
    return failures > 0 or bool(extra)


if __name__ == "__main__":
    sys.exit(main())
