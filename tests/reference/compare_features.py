#!/usr/bin/python3
"""Compares the front ends with the running torchaudio, and both with the same operations in float64.

    compare_features.py LIBSPECRNN [--cases N] [--seed S]

Each case draws a configuration over every option that the peer has, and an input: silence, impulses, noise, tones,
clipped noise, DC, a ramp, speech-like bursts, or 0 samples to 3 frames of one of these. torchaudio runs it in float32,
as it stands, and in float64, its windows and filter banks included. Whisper's formula is written out with torch, over
librosa's filters of tests/golden; librosa's operations with numpy and scipy, in librosa's own order and precisions.

Gates: levels (of linear values too) agree within the front end's gate where the reference is within RANGE_DB of its
frame's maximum; below, power agrees within POWER_PART of it. The maximum is that of the spectrum, as a float32
transform spreads its rounding over all bins. Cepstra, deltas and CMVN mix loud and silent bands, where torchaudio's
float32 is noise that its BLAS decides: they are held to float64 alone. librosa transforms in float64, so its gate holds
everywhere. To float64 everything is as near as EXACT says, whatever float32 is off by.
Frame counts are equal; where the peer raises, we refuse or give no frames.
RANGE_DB and POWER_PART were settled by 7500 cases (--cases 1500, seeds 1 to 5): no case fails, power below the range is
within 5e-9 of the maximum; with 80 dB torchaudio's own rounding reaches the gate.

The table at the end has the largest errors of each front end, and those of torchaudio's float32, against float64.
Exit 77 (skipped) where torchaudio is absent."""
import argparse
import math
import os
import sys
import warnings
from collections import defaultdict

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import blas

blas.hold_to_one_thread()
try:
    import numpy as np
    import scipy.fft
    import scipy.signal
    import torch
    import torchaudio
    from torchaudio.compliance import kaldi
except ImportError as missing:
    print("SKIPPED: no comparison with torchaudio, as %s is not installed" % missing.name)
    sys.exit(77)

from specrnn_features import Features, Refused

warnings.filterwarnings("ignore")

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")
RANGE_DB = 60.0
POWER_PART = 1e-6
GATES = {"librosa": 1e-4, "torchaudio": 0.05, "torchaudio top_db 80": 0.01, "kaldi": 5e-3, "whisper": 1e-4}
# To float64, and a last place of the float32 that comes out. librosa's spectra are complex64; torchaudio's magnitudes
# reach 240 dB below their frame's maximum before they are clamped, where double, too, has four digits left.
EXACT = {"librosa": 1e-4, "torchaudio": 1e-3, "kaldi": 2.5e-5, "whisper": 5e-7}
LAST_PLACE = 2.0 ** -23
NAT_DB = 10 / math.log(10)


class Case:
    """One configuration: our options, the peer's function of a waveform tensor, and how to compare."""

    def __init__(self, preset, kind, options, peer, level_db, gate, power=2.0):
        self.preset, self.kind, self.options, self.peer = preset, kind, options, peer
        self.level_db = level_db  # dB per unit of a logarithmic level; None for linear values; 0 for cepstra
        self.gate, self.power = gate, power
        self.energy = None  # the column that is an energy in nat beside linear values
        processed = options.get("delta_order") or options.get("cmvn")
        self.name = " ".join((preset, kind) + (("deltas, cmvn",) if processed else ()))

    def levels(self, values):
        """Values as they are compared: linear ones become dB."""
        if self.level_db is not None:
            return values
        levels = 20 / self.power * np.log10(np.maximum(values, 1e-30))
        if self.energy is not None:
            levels[:, self.energy] = values[:, self.energy]
        return levels


def draw_input(random, length, rate):
    t = np.arange(length) / rate
    noise = random.standard_normal(length)
    kind = random.choice(["silence", "impulses", "noise", "quiet", "tone", "tones", "clipped", "dc", "ramp", "bursts"])
    if kind == "silence":
        x = np.zeros(length)
    elif kind == "impulses":
        x = (random.random(length) < 5e-3) * random.uniform(-1, 1, length)
    elif kind == "noise":
        x = 0.3 * noise
    elif kind == "quiet":
        x = 1e-4 * noise
    elif kind == "tone":
        x = 0.8 * np.sin(2 * np.pi * random.uniform(20, rate / 2) * t)
    elif kind == "tones":
        x = sum(random.uniform(0, 0.2) * np.sin(2 * np.pi * random.uniform(20, rate / 2) * t) for _ in range(5))
    elif kind == "clipped":
        x = np.clip(2 * noise, -1, 1)
    elif kind == "dc":
        x = np.full(length, random.uniform(-1, 1)) + 1e-3 * noise * random.integers(2)
    elif kind == "ramp":
        x = np.linspace(-1, 1, length)
    else:
        x = 0.5 * noise * (np.sin(2 * np.pi * 3 * t) > 0) * np.abs(np.sin(2 * np.pi * 150 * t))
    return kind, np.asarray(x, np.float32)


def draw_length(random, n_fft, hop):
    if random.random() < 0.3:
        edge = int(random.choice([0, 1, n_fft // 2, n_fft // 2 + 1, n_fft - 1, n_fft, n_fft + hop, n_fft + 2 * hop]))
        return max(0, edge + int(random.integers(-1, 2)))
    return int(random.integers(n_fft, 12000))


WINDOWS = {
    "hann": lambda n, periodic, **k: torch.hann_window(n, periodic=periodic),
    "hamming": lambda n, periodic, **k: torch.hamming_window(n, periodic=periodic),
    "blackman": lambda n, periodic, **k: torch.blackman_window(n, periodic=periodic),
    "rectangular": lambda n, **k: torch.ones(n),
    "kaiser": lambda n, periodic, **k: torch.kaiser_window(n, periodic=periodic, beta=12.0),
}


def draw_torchaudio(random):
    n_fft = int(random.choice([64, 101, 256, 400, 441, 512, 1024, random.integers(32, 1100)]))
    win = int(random.choice([n_fft, random.integers(max(16, n_fft // 2), n_fft + 1)]))
    hop = int(random.choice([win // 2, win // 4, random.integers(1, n_fft) + 8]))
    rate = int(random.choice([8000, 11025, 16000, 22050, 44100]))
    power = float(random.choice([1.0, 2.0, 2.0, 0.5, 3.0]))
    kind = str(random.choice(["stft", "mel", "mel", "mfcc"]))
    window = str(random.choice(list(WINDOWS)))
    periodic = bool(random.random() < 0.7)
    center = bool(random.random() < 0.8)
    pad_mode = str(random.choice(["reflect", "reflect", "constant", "edge"]))
    normalized = str(random.choice(["none", "none", "window", "frame_length"]))
    options = dict(sample_rate_hz=rate, n_fft=n_fft, win_length=win, hop_length=hop, window=window,
                   window_periodic=periodic, center=center, pad_mode=pad_mode, normalized=normalized)
    stft = dict(n_fft=n_fft, win_length=win, hop_length=hop, center=center,
                pad_mode={"edge": "replicate"}.get(pad_mode, pad_mode),
                normalized=False if normalized == "none" else normalized,
                window_fn=lambda n: WINDOWS[window](n, periodic=periodic))
    if kind == "mfcc":
        power = 2.0
    options["power"] = power
    # No corner falls on a bin: there float32 gives a filter 6e-6 of weight where it has none (125 Hz, n_fft 64, 8 kHz).
    mels = dict(n_mels=int(random.choice([20, 40, 64, 80, 128])), f_min=float(random.choice([0.0, 20.0, 130.0])),
                f_max=random.choice([None, 0.45 * rate]), mel_scale=str(random.choice(["htk", "slaney"])),
                norm=random.choice([None, "slaney"]))
    if kind != "stft":
        options.update(n_mels=mels["n_mels"], fmin=mels["f_min"], mel_scale=mels["mel_scale"],
                       mel_norm=mels["norm"] or "none")
        if mels["f_max"]:
            options["fmax"] = mels["f_max"]
    db = power in (1.0, 2.0) and random.random() < 0.7
    top_db = random.choice([None, 80.0]) if db else None
    options.update(scale="db" if db or kind == "mfcc" else "linear")
    if kind == "mfcc":
        n_mfcc = int(random.integers(1, mels["n_mels"] + 1))
        options.update(n_mfcc=n_mfcc)
    else:
        options.update(top_db=top_db or "none")

    deltas, width = int(random.choice([0, 0, 1, 2])), int(random.choice([3, 5, 9]))
    sliding, least = int(random.choice([0, 0, 5, 30])), int(random.choice([1, 4, 20]))
    centered = bool(random.random() < 0.5)
    if not (db or kind == "mfcc"):
        deltas = sliding = 0
    options.update(delta_order=deltas, delta_width=width)
    if sliding:
        options.update(cmvn="sliding", cmvn_window=sliding, cmvn_min_window=least, cmvn_center=centered)

    def peer(x):
        if kind == "mfcc":
            y = torchaudio.transforms.MFCC(rate, n_mfcc, melkwargs=dict(stft, power=power, **mels))(x)
        elif kind == "mel":
            y = torchaudio.transforms.MelSpectrogram(rate, power=power, **stft, **mels)(x)
        else:
            y = torchaudio.transforms.Spectrogram(power=power, **stft)(x)
        if db and kind != "mfcc":
            y = torchaudio.transforms.AmplitudeToDB("power" if power == 2.0 else "magnitude", top_db)(y)
        rows = [y]
        for _ in range(deltas):
            rows.append(torchaudio.functional.compute_deltas(rows[-1], width))
        y = torch.cat(rows).T
        if sliding:
            y = torchaudio.functional.sliding_window_cmn(y, sliding, least, centered).reshape(y.shape)
        return y

    gate = GATES["torchaudio top_db 80" if top_db else "torchaudio"]
    level_db = 1.0 if db else None
    if kind == "mfcc" or deltas or sliding:
        level_db, gate = 0, GATES["torchaudio"]
    return Case("torchaudio", kind, options, peer, level_db, gate, power), n_fft, hop, rate


def draw_kaldi(random):
    rate = int(random.choice([8000, 11025, 16000, 44100]))
    length_ms = float(random.choice([25.0, 20.0, 32.0]))
    shift_ms = float(random.choice([10.0, 12.5, 5.0]))
    kind = str(random.choice(["stft", "mel", "mel", "mfcc"]))
    win, hop = int(rate * 0.001 * length_ms), int(rate * 0.001 * shift_ms)
    window = str(random.choice(["povey", "hamming", "hann", "rectangular", "blackman"]))
    shared = dict(frame_length=length_ms, frame_shift=shift_ms, sample_frequency=float(rate), dither=0.0,
                  window_type={"hann": "hanning"}.get(window, window),
                  snip_edges=bool(random.random() < 0.6), raw_energy=bool(random.random() < 0.5),
                  energy_floor=float(random.choice([0.0, 1.0, 1e6])),
                  preemphasis_coefficient=float(random.choice([0.97, 0.0, 0.5])),
                  remove_dc_offset=bool(random.random() < 0.7), subtract_mean=False)
    options = dict(sample_rate_hz=rate, win_length=win, hop_length=hop, window=window,
                   snip_edges=shared["snip_edges"], raw_energy=shared["raw_energy"],
                   energy_floor=shared["energy_floor"], preemphasis=shared["preemphasis_coefficient"],
                   remove_dc_offset=shared["remove_dc_offset"])
    level_db, power, gate = NAT_DB, 2.0, GATES["kaldi"]
    if kind != "stft":
        n_mels = int(random.choice([23, 40, 80]))
        bands = dict(num_mel_bins=n_mels, low_freq=float(random.choice([20.0, 0.0, 64.0])),
                     high_freq=float(random.choice([0.0, -400.0, 3600.0])), use_energy=bool(random.random() < 0.4),
                     htk_compat=bool(random.random() < 0.3))
        options.update(n_mels=n_mels, fmin=bands["low_freq"], fmax=bands["high_freq"],
                       use_energy=bands["use_energy"], htk_compat=bands["htk_compat"])
        shared.update(bands)
    if kind == "mel":
        shared.update(use_power=bool(random.random() < 0.8), use_log_fbank=bool(random.random() < 0.8))
        power = 2.0 if shared["use_power"] else 1.0
        options.update(power=power, scale="ln" if shared["use_log_fbank"] else "linear")
        level_db = NAT_DB * 2.0 / power if shared["use_log_fbank"] else None
        gate = GATES["kaldi"] if shared["use_log_fbank"] else GATES["kaldi"] * NAT_DB * 2.0 / power
    if kind == "mfcc":
        shared.update(num_ceps=int(random.integers(1, n_mels + 1)),
                      cepstral_lifter=float(random.choice([22.0, 0.0, 10.0])))
        options.update(n_mfcc=shared["num_ceps"], lifter=shared["cepstral_lifter"])
        level_db = 0
    function = {"stft": kaldi.spectrogram, "mel": kaldi.fbank, "mfcc": kaldi.mfcc}[kind]

    def peer(x):
        return function(x[None] * 32768, **shared)

    n_fft = 1 << (win - 1).bit_length()
    case = Case("kaldi", kind, options, peer, level_db, gate, power)
    if level_db is None and shared["use_energy"]:
        case.energy = -1 if shared["htk_compat"] else 0
    return case, n_fft, hop, rate


def draw_whisper(random):
    filters = np.load(os.path.join(GOLDEN, "librosa_mel_filters_slaney_80.npy"))

    def peer(x):
        stft = torch.stft(x, 400, 160, window=torch.hann_window(400), return_complex=True)
        mel = torch.from_numpy(filters).to(x.dtype) @ (stft[..., :-1].abs() ** 2)
        level = torch.clamp(mel, min=1e-10).log10()
        level = torch.maximum(level, level.max() - 8.0)
        return ((level + 4.0) / 4.0).T

    return Case("whisper", "mel", {}, peer, 40.0, GATES["whisper"]), 400, 160, 16000


def slaney_filters(rate, n_fft, n_mels, fmin, fmax, htk, norm):
    """librosa.filters.mel, in its own operations."""
    if htk:
        low, high = (2595.0 * np.log10(1.0 + f / 700.0) for f in (fmin, fmax))
        points = 700.0 * (10.0 ** (np.linspace(low, high, n_mels + 2) / 2595.0) - 1.0)
    else:
        step, corner = np.log(6.4) / 27.0, 1000.0 / (200.0 / 3)
        low, high = (f / (200.0 / 3) if f < 1000 else corner + np.log(f / 1000.0) / step for f in (fmin, fmax))
        mels = np.linspace(low, high, n_mels + 2)
        points = np.where(mels >= corner, 1000.0 * np.exp(step * (mels - corner)), 200.0 / 3 * mels)
    ramps = points[:, None] - np.fft.rfftfreq(n_fft, 1.0 / rate)
    widths = np.diff(points)
    filters = np.maximum(0, np.minimum(-ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]))
    filters = filters.astype(np.float32)
    if norm:
        filters *= (2.0 / (points[2:] - points[:-2]))[:, None]
    return filters


def to_db(power, ref, amin, top_db):
    db = 10.0 * np.log10(np.maximum(amin, power))
    db -= 10.0 * np.log10(np.maximum(amin, np.abs(power.max() if ref == "max" else ref)))
    return db if top_db is None else np.maximum(db, db.max() - top_db)


def pcen(rows, rate, hop):
    t = 0.4 * rate / hop
    b = (np.sqrt(1 + 4 * t ** 2) - 1) / (2 * t ** 2)
    smooth = scipy.signal.lfilter([b], [1, b - 1], rows, axis=0, zi=np.full((1, rows.shape[1]), 1 - b))[0]
    gain = np.exp(-0.98 * (np.log(1e-6) + np.log1p(smooth / 1e-6)))
    return 2 ** 0.5 * np.expm1(0.5 * np.log1p(rows * gain / 2))


def draw_librosa(random):
    n_fft = int(random.choice([101, 256, 400, 512, 1023, 2048]))
    win = int(random.choice([n_fft, random.integers(16, n_fft + 1)]))
    hop = int(random.choice([max(1, win // 4), random.integers(8, n_fft)]))
    rate = int(random.choice([8000, 16000, 22050]))
    kind = str(random.choice(["stft", "mel", "mel", "mfcc"]))
    window = str(random.choice(["hann", "hamming", "blackman", "rectangular", "kaiser"]))
    center, pad_mode = bool(random.random() < 0.8), str(random.choice(["constant", "constant", "reflect", "edge"]))
    power = 2.0 if kind == "mfcc" else float(random.choice([1.0, 2.0]))
    n_mels, htk, norm = int(random.choice([20, 40, 128])), bool(random.random() < 0.3), bool(random.random() < 0.7)
    fmin, fmax = float(random.choice([0.0, 50.0])), float(random.choice([rate / 2, 0.45 * rate]))
    ref, top_db = "max" if random.random() < 0.5 else 1.0, random.choice([None, 80.0])
    scale = "pcen" if kind == "mel" and random.random() < 0.3 else "db"
    order = int(random.choice([0, 1, 2])) if kind == "mfcc" else 0
    n_mfcc, lifter = int(random.integers(1, 21)), float(random.choice([0.0, 22.0]))
    options = dict(sample_rate_hz=rate, n_fft=n_fft, win_length=win, hop_length=hop, window=window, center=center,
                   pad_mode=pad_mode, power=power, n_mels=n_mels, mel_scale="htk" if htk else "slaney",
                   mel_norm="slaney" if norm else "none", fmin=fmin, fmax=fmax, ref=ref, top_db=top_db or "none",
                   scale=scale, n_mfcc=n_mfcc, lifter=lifter, delta_order=order)
    shape = {"rectangular": "boxcar", "kaiser": ("kaiser", 12.0)}.get(window, window)
    left = (n_fft - win) // 2
    taps = np.pad(scipy.signal.get_window(shape, win), (left, n_fft - win - left))

    def peer(x):
        x, real = x.numpy(), x.numpy().dtype
        if not len(x):
            raise ValueError("librosa pads no samples to a frame of zeros; here they are an error")
        if center:
            if pad_mode == "reflect" and len(x) <= n_fft // 2:
                raise ValueError("too short to reflect")
            x = np.pad(x, n_fft // 2, mode=pad_mode)
        frames = np.lib.stride_tricks.sliding_window_view(x, n_fft)[::hop]
        spectrum = np.fft.rfft(taps * frames)
        rows = np.abs(spectrum.astype(np.complex64 if real == np.float32 else complex))
        rows = rows ** 2 if power == 2.0 else rows
        if kind != "stft":
            rows = rows @ slaney_filters(rate, n_fft, n_mels, fmin, fmax, htk, norm).astype(real).T
        if scale == "pcen":
            return torch.from_numpy(pcen(rows, rate, hop))
        amin = 1e-10
        rows = to_db(rows ** 2 if power == 1.0 else rows, ref, amin, top_db)
        if kind == "mfcc":
            rows = scipy.fft.dct(rows, axis=1, type=2, norm="ortho")[:, :n_mfcc]
            if lifter:
                rows *= 1 + lifter / 2 * np.sin(np.pi * np.arange(1, n_mfcc + 1, dtype=rows.dtype) / lifter)
        deltas = [scipy.signal.savgol_filter(rows, 9, deriv=d, polyorder=d, axis=0, mode="interp")
                  for d in range(1, order + 1)]
        return torch.from_numpy(np.concatenate([rows] + deltas, axis=1))

    level_db = 0 if kind == "mfcc" or scale == "pcen" else 1.0
    return Case("librosa", kind, options, peer, level_db, GATES["librosa"], power), n_fft, hop, rate


DRAW = {"librosa": draw_librosa, "torchaudio": draw_torchaudio, "kaldi": draw_kaldi, "whisper": draw_whisper}


def run_peer(case, samples, dtype):
    torch.set_default_dtype(dtype)
    try:
        return case.peer(torch.from_numpy(samples).to(dtype)).to(torch.float64).numpy()
    finally:
        torch.set_default_dtype(torch.float32)


def spectrum_tops(features, case, samples):
    """Of each frame, the largest power in the spectrum of its samples as they came, under a mel filter."""
    plain = {key: value for key, value in case.options.items() if not key.startswith(("delta", "cmvn"))}
    plain.update(power=2.0, scale="linear", use_energy=False, remove_dc_offset=False, preemphasis=0,
                 window="rectangular")
    config = features.configure(case.preset, "stft", **plain)
    widest = 0.01 if case.options.get("mel_norm") == "slaney" or case.preset == "whisper" else 1.0
    return features.compute(config, samples).astype(float).max(axis=1, keepdims=True) * widest


def level_of_power(case, power):
    db = 10 * np.log10(np.maximum(power, 1e-30))
    if case.preset == "whisper":
        return (db / 10 + 4) / 4
    return db / (case.level_db or 1.0)


def errors(case, got, want, tops):
    """(largest error of level, largest error of power as a part of the frame's maximum)"""
    if not want.size:
        return 0.0, 0.0
    if case.level_db == 0 or case.preset == "librosa":
        return float(np.max(np.abs(case.levels(got) - case.levels(want)))), 0.0
    got, want = case.levels(got), case.levels(want)
    level_db = case.level_db or 1.0
    top = np.maximum(want.max(axis=1, keepdims=True), level_of_power(case, tops))
    near = (top - want) * level_db <= RANGE_DB
    unit = level_db / 10
    part = np.where(near, 0.0, np.abs(10 ** ((got - top) * unit) - 10 ** ((want - top) * unit)))
    if case.energy is not None:
        near[:, case.energy], part[:, case.energy] = True, 0.0
    return float(np.max(np.where(near, np.abs(got - want), 0.0))), float(part.max())


def mirrors_short_input(case, samples):
    """torchaudio cannot mirror what is shorter than a window; Kaldi, which it follows, does (ExtractWindow)."""
    options = case.options
    return case.preset == "kaldi" and not options["snip_edges"] and 0 < len(samples) < options["win_length"]


def compare(features, case, samples, table):
    """A fault in words, or None."""
    ours, refusal = None, ""
    try:
        ours = features.compute(features.configure(case.preset, case.kind, **case.options), samples).astype(float)
    except Refused as problem:
        refusal = str(problem)
    try:
        single, double = run_peer(case, samples, torch.float32), run_peer(case, samples, torch.float64)
    except Exception as problem:  # whatever the peer raises
        table[case.name]["raised"] += 1
        return None if ours is None or not len(ours) or mirrors_short_input(case, samples) else "the peer raises (%s); we give %s" % (problem, ours.shape)
    if ours is None:
        return None if not single.size else "we refuse (%s); the peer gives %s" % (refusal, single.shape)
    if not ours.size and not single.size:
        return None
    if ours.shape != single.shape:
        return "shapes %s and %s" % (ours.shape, single.shape)
    row = table[case.name]
    row["cases"] += 1
    tops = spectrum_tops(features, case, samples) if case.level_db != 0 and case.preset != "librosa" else None
    found = [errors(case, *pair, tops) for pair in ((ours, single), (ours, double), (single, double))]
    for name, (level, part) in zip(("peer", "ours", "theirs"), found):
        row[name] = max(row[name], level)
        row[name + " part"] = max(row[name + " part"], part)
    if not found[1][0] <= EXACT[case.preset] + LAST_PLACE * np.max(np.abs(double)):
        return "level is off by %.3g from float64 (torchaudio in float: %.3g)" % (found[1][0], found[2][0])
    if case.level_db != 0 and not found[0][0] <= case.gate:
        return "level is off by %.3g from torchaudio (%.3g and %.3g from float64)" % (
            found[0][0], found[1][0], found[2][0])
    if not found[0][1] <= POWER_PART:
        return "power is off by %.3g of the maximum (%.3g and %.3g from float64)" % (
            found[0][1], found[1][1], found[2][1])
    return None


def print_table(table):
    """The largest errors as a table for README."""
    print("Largest errors of level: dB, but nat for kaldi and its own unit for whisper. librosa is its operations in numpy")
    print("and scipy. Cepstra, deltas and CMVN take in near-silent bands, where float32 is noise.\n")
    print("| front end | cases | we refuse as it raises | ours to float64 | reference to float64 | ours to reference |")
    print("|---|---|---|---|---|---|")
    for name in sorted(table):
        r = table[name]
        print("| %s | %d | %d | %.1e | %.1e | %.1e |" % (
            name, r["cases"], r["raised"], r["ours"], r["theirs"], r["peer"]))
    print("\nLargest errors of power below the range, in parts of the frame's maximum: %.1e ours, %.1e theirs." % (
        max(r["ours part"] for r in table.values()), max(r["theirs part"] for r in table.values())))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library")
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    features, failures = Features(arguments.library), 0
    table = defaultdict(lambda: defaultdict(float))
    torch.set_num_threads(1)
    print("BLAS: %s" % blas.in_words())
    for number in range(arguments.cases):
        random = np.random.default_rng([arguments.seed, number])
        preset = str(random.choice(["librosa"] * 2 + ["torchaudio"] * 3 + ["kaldi"] * 2 + ["whisper"]))
        case, n_fft, hop, rate = DRAW[preset](random)
        kind, samples = draw_input(random, draw_length(random, n_fft, hop), rate)
        fault = compare(features, case, samples, table)
        if fault:
            failures += 1
            print("case %d: %s %s of %d samples of %s, %s: %s" % (
                number, case.preset, case.kind, len(samples), kind, case.options, fault))
    print_table(table)
    print("%d cases, %d failures" % (arguments.cases, failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
