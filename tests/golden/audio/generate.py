#!/usr/bin/env python3
"""What librosa.load gives for the WAV files of this folder: (samples,), float32. Needs librosa 0.11.0 with soxr."""

from pathlib import Path

import librosa
import numpy as np

HERE = Path(__file__).resolve().parent

CASES = [
    # array, input, arguments of librosa.load; res_type is its default, "soxr_hq"
    ("librosa_load_16k_mono", "pluck_44k_stereo", dict(sr=16000, mono=True)),
    ("librosa_load_sweep_22k", "sweep_48k", dict(sr=22050)),
    ("librosa_load_tone_16k", "tone_8k", dict(sr=16000)),
    ("librosa_load_segment", "pluck_44k_stereo", dict(sr=16000, offset=0.7, duration=1.3)),
]

for name, source, arguments in CASES:
    samples, _ = librosa.load(HERE / f"{source}.wav", **arguments)
    np.save(HERE / f"{name}.npy", samples.astype(np.float32))
    print(name, samples.shape)
