#!/usr/bin/env python3
"""Makes the golden arrays and cases.json of this folder from its WAV files.

Needs librosa 0.11.0 (with soxr), torch 1.13 and torchaudio 0.13.1; README.md says what is what.
Arrays are float32 in C order, time first.
"""

import json
from pathlib import Path

import librosa
import numpy as np
import torch
import torchaudio

HERE = Path(__file__).resolve().parent
SPEECH = "speech_16k.wav"
PLUCK = "pluck_44k_stereo.wav"
cases = []


def save(name, array, peer, call, source=None):
    array = np.ascontiguousarray(np.asarray(array), dtype=np.float32)
    np.save(HERE / f"{name}.npy", array)
    entry = {"name": name, "shape": list(array.shape), "peer": peer, "call": call}
    cases.append(entry | ({"input": source} if source else {}))


def load(name, **options):
    return librosa.load(HERE / name, **options)[0]


def librosa_features(y, sr):
    def keep(name, array, call):
        save(name, array.T, "librosa", call, SPEECH)

    spectrum = librosa.stft(y, n_fft=512, hop_length=256)
    keep("librosa_stft_mag", np.abs(spectrum), "abs(stft(y, n_fft=512, hop_length=256))")
    keep("librosa_stft_db", librosa.amplitude_to_db(np.abs(spectrum)),
         "amplitude_to_db(abs(stft(y, n_fft=512, hop_length=256)))  # ref=1.0 amin=1e-5 top_db=80")
    spectrum = librosa.stft(y, n_fft=512, hop_length=128, win_length=400, window="hamming", center=False)
    keep("librosa_stft_mag_hamming_nocenter", np.abs(spectrum),
         "abs(stft(y, n_fft=512, hop_length=128, win_length=400, window='hamming', center=False))")
    mel = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=2048, hop_length=512, n_mels=128)
    keep("librosa_mel_db", librosa.power_to_db(mel, ref=np.max),
         "power_to_db(melspectrogram(y, sr, n_fft=2048, hop_length=512, n_mels=128), ref=max)")
    mel = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=400, hop_length=160, n_mels=40, htk=True, norm=None,
                                         fmin=20, fmax=7600, power=1.0)
    keep("librosa_mel_htk_power1", mel, "melspectrogram(n_fft=400, hop_length=160, n_mels=40, htk=True, norm=None, "
         "fmin=20, fmax=7600, power=1.0)")
    mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=20)
    keep("librosa_mfcc", mfcc, "feature.mfcc(y, sr, n_mfcc=20)  # n_fft=2048 hop=512 n_mels=128 dct ortho")
    keep("librosa_delta", librosa.feature.delta(mfcc), "feature.delta(mfcc)  # width 9, savgol, mode interp")
    mel = librosa.feature.melspectrogram(y=y * (2**31), sr=sr, n_fft=512, hop_length=256, n_mels=64, power=1.0)
    keep("librosa_pcen", librosa.pcen(mel, sr=sr, hop_length=256),
         "pcen(melspectrogram(y*2**31, n_fft=512, hop_length=256, n_mels=64, power=1), sr, hop_length=256)")


def librosa_filters():
    save("librosa_mel_filters_slaney_80", librosa.filters.mel(sr=16000, n_fft=400, n_mels=80), "librosa",
         "filters.mel(sr=16000, n_fft=400, n_mels=80)")
    save("librosa_mel_filters_htk_40", librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, htk=True, norm=None),
         "librosa", "filters.mel(sr=16000, n_fft=512, n_mels=40, htk=True, norm=None)")


def torchaudio_features(y):
    to_mel = torchaudio.transforms.MelSpectrogram(16000, n_fft=400, hop_length=160, n_mels=80)
    to_db = torchaudio.transforms.AmplitudeToDB("power", top_db=80)
    save("torchaudio_mel_db", to_db(to_mel(y)).T, "torchaudio",
         "AmplitudeToDB('power', top_db=80)(MelSpectrogram(16000, n_fft=400, hop_length=160, n_mels=80))", SPEECH)
    to_mfcc = torchaudio.transforms.MFCC(16000, n_mfcc=13, melkwargs=dict(n_fft=400, hop_length=160, n_mels=40))
    save("torchaudio_mfcc", to_mfcc(y).T, "torchaudio",
         "MFCC(16000, n_mfcc=13, melkwargs=dict(n_fft=400, hop_length=160, n_mels=40))", SPEECH)


def kaldi_features(y):
    kaldi = torchaudio.compliance.kaldi
    peer = "torchaudio.compliance.kaldi"
    wave = y[None] * 32768
    save("kaldi_fbank_80", kaldi.fbank(wave, num_mel_bins=80, dither=0.0), peer,
         "fbank(y*32768, num_mel_bins=80, dither=0)  # 25/10 ms, povey, preemph .97, snip_edges, low_freq 20", SPEECH)
    save("kaldi_fbank_40_nosnip_energy",
         kaldi.fbank(wave, num_mel_bins=40, dither=0.0, snip_edges=False, use_energy=True, window_type="hamming",
                     high_freq=-400.0), peer,
         "fbank(y*32768, num_mel_bins=40, dither=0, snip_edges=False, use_energy=True, window_type='hamming', "
         "high_freq=-400)", SPEECH)
    save("kaldi_mfcc", kaldi.mfcc(wave, dither=0.0), peer, "mfcc(y*32768, dither=0)", SPEECH)


def whisper_features(y):
    spectrum = torch.stft(y, 400, 160, window=torch.hann_window(400), return_complex=True)
    power = spectrum[..., :-1].abs() ** 2
    filters = torch.from_numpy(librosa.filters.mel(sr=16000, n_fft=400, n_mels=80))
    level = torch.clamp(filters @ power, min=1e-10).log10()
    level = (torch.maximum(level, level.max() - 8.0) + 4.0) / 4.0
    save("whisper_logmel_80", level.T, "whisper formula", "log_mel_spectrogram(y, n_mels=80, padding=0)", SPEECH)


def librosa_audio():
    def keep(name, source, call, **options):
        save(name, load(source, **options), "librosa+soxr HQ", call, source)

    keep("librosa_load_16k_mono", PLUCK, f"load('{PLUCK}', sr=16000, mono=True)", sr=16000, mono=True)
    keep("librosa_load_sweep_22k", "sweep_48k.wav", "load('sweep_48k.wav', sr=22050)", sr=22050)
    keep("librosa_load_tone_16k", "tone_8k.wav", "load('tone_8k.wav', sr=16000)", sr=16000)
    keep("librosa_load_segment", PLUCK, f"load('{PLUCK}', sr=16000, offset=0.7, duration=1.3)", sr=16000, offset=0.7,
         duration=1.3)


def tutorial_pipeline():
    segment = load(SPEECH, sr=16000, offset=1.5, duration=3.0)
    spectrum = np.abs(librosa.stft(segment, n_fft=512, hop_length=256))
    save("seed_pipeline_db", librosa.amplitude_to_db(spectrum).T, "librosa",
         "the tutorial: load(sr=16000, mono), samples [1.5 s, 4.5 s), stft(n_fft=512, hop_length=256), "
         "amplitude_to_db -> (188, 257)", SPEECH)


def main():
    y, sr = librosa.load(HERE / SPEECH, sr=None)
    assert sr == 16000
    librosa_features(y, sr)
    librosa_filters()
    torchaudio_features(torch.from_numpy(y))
    kaldi_features(torch.from_numpy(y))
    whisper_features(torch.from_numpy(y))
    librosa_audio()
    tutorial_pipeline()
    (HERE / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
    for case in cases:
        print(case["name"], case["shape"])


if __name__ == "__main__":
    main()
