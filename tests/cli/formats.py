#!/usr/bin/python3
"""Every kind of file in every place of the command line that takes one: it is read, or refused with one line that names
it and says what it is. Speaks TAP, a case per place.

usage: formats.py SPECRNN SOURCE_ROOT
"""

import bz2
import gzip
import io
import lzma
import os
import pickle
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

# The place of the file is @. What a call makes is called out.*.
PLACES = [
    "info @",
    "features @ -o out.npy",
    "features t.wav --config @ -o out.npy",
    "features t.wav --config c.json --cmvn file --stats @ -o out.npy",
    "encode @ -o out.npy",
    "encode f.npy --model @ -o out.npy",
    "encode f.npy --model own.safetensors --lengths @ -o out.npy",
    "encode f.npy --model own.safetensors --h0 @ -o out.npy",
    "analyze @ -o out.d",
    "analyze t.wav --model @ -o out.d",
    "plot @ -o out.png",
    "plot @ --kind waveform -o out.png",
    "plot @ --kind heatmap -o out.png",
    "plot @ --kind weights -o out.png",
    "plot @ --kind hidden -o out.png",
    "plot t.wav --kind hidden --model @ -o out.png",
    "plot t.wav --labels @ -o out.png",
    "animate @ --duration 0.1 -o out.gif",
    "animate t.wav --model @ --duration 0.1 -o out.gif",
    "stats @ -o out.npz",
    "verify @ --against f.npy --config c.json",
    "verify t.wav --against @ --no-explain",
    "invert @ -o out.wav",
    "neighbours @ x",
    "model show @",
    "model verify @",
    "model convert @ -o out.safetensors",
    "model init --config c.json --normalizer @ -o out.safetensors",
    "model init --modules @ -o out.safetensors",
    "model quantize @ --dtype int8 -o out.safetensors",
    "model quantize own.safetensors --dtype int8 --sound @ -o out.safetensors",
]

# What is said of a sound's place about a file that is known and no sound: its name there.
NO_SOUNDS = {
    "safetensors": "safetensors",
    "npy": "a NumPy array",
    "pt": "a .pt of torch.save",
    "npz": "NumPy arrays",
    "zip": "a zip of neither arrays nor a model",
    "torch_old": "a pickle of torch.save before 1.6",
    "pickle": "a pickle, which is a program",
    "h5": "HDF5",
    "mat73": "HDF5",
    "tflite": "TensorFlow Lite",
    "onnx": "ONNX",
    "ark": "a Kaldi archive",
    "ark_text": "a Kaldi archive",
    "json": "JSON",
    "text": "text",
    "csv": "text",
    "png": "a picture (PNG)",
    "jpeg": "a picture (JPEG)",
    "pdf": "a document (PDF)",
    "gz": "a file packed by gzip (unpack it first)",
    "bz2": "a file packed by bzip2",
    "xz": "a file packed by xz",
    "tar": "an archive of tar",
    "elf": "a program (ELF)",
    "zeros": "it begins as no format does that is known",
}
FOREIGN_SOUNDS = {"m4a": "MP4", "mkv": "Matroska", "avi": "AVI", "wma": "ASF"}
SOUND_PLACES = [
    "features @", "analyze @", "encode @", "plot @ -o", "plot @ --kind waveform", "stats @", "verify @", "animate @",
    "model quantize own.safetensors",
]
# Beside sound these take arrays.
TAKES = {"encode @": {"npy", "npz"}, "plot @ -o": {"npy", "npz", "csv", "text"}, "animate @": {"npy", "npz", "csv", "text"}}

EMPTY = ("", ".wav", ".npy", ".npz", ".pt", ".csv", ".json", ".safetensors")


def zip_of(name, text):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def tar_of(name):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(name)
    return packed.getvalue()


def contents(root):
    """One small file of each kind, by name."""
    golden, audio = root / "tests/golden/nn", root / "samples/audio"
    made = {
        "wav": (audio / "test.wav").read_bytes(),
        "ogg": (audio / "voice_high.ogg").read_bytes(),
        "safetensors": (golden / "rnn_chain.safetensors").read_bytes(),
        "npy": Path("f.npy").read_bytes(),
        "pt": (golden / "rnn_chain.pt").read_bytes(),
        "npz": (golden / "lstm_head.npz").read_bytes(),
        "zip": zip_of("hello.txt", "hello"),
        "torch_old": b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.",
        "pickle": pickle.dumps({"a": [1, 2]}, protocol=4),
        "h5": b"\x89HDF\r\n\x1a\n" + bytes(600),
        "mat73": b"MATLAB 7.3 MAT-file".ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n" + bytes(100),
        "tflite": b"\x1c\0\0\0TFL3" + bytes(300),
        "onnx": b"\x08\x08\x12\x07pytorch" + bytes(200),
        "ark": b"utt1 \0BFM \4\1\0\0\0\4\1\0\0\0" + bytes(4),
        "ark_text": b"utt1  [\n 1 2\n 3 4 ]\n",
        "json": b'{"weights": [1, 2]}',
        "text": b"Dear reader,\nthis is a letter.\n",
        "csv": b"1,2,3\n4,5,6\n",
        "utf16": "1,2\n3,4\n".encode("utf-16"),
        "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100),
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(100),
        "pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        "gz": gzip.compress(bytes(5000)),
        "bz2": bz2.compress(bytes(5000)),
        "xz": lzma.compress(bytes(5000)),
        "tar": tar_of("c.json"),
        "elf": b"\x7fELF\2\1\1" + bytes(300),
        "m4a": b"\0\0\0\x20ftypM4A " + bytes(100),
        "mkv": b"\x1a\x45\xdf\xa3" + bytes(100),
        "avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(60),
        "wma": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(100),
        "zeros": bytes(5000),
        "half_npy": Path("f.npy").read_bytes()[:300],
        "half_pt": (golden / "rnn_chain.pt").read_bytes()[:300],
        "half_safetensors": (golden / "rnn_chain.safetensors").read_bytes()[:300],
    }
    made.update({"empty" + ending: b"" for ending in EMPTY})
    return made


def make_files(specrnn, root):
    Path("c.json").write_text('{"n_mels": 7}')
    for call in ("features t.wav --config c.json -o f.npy", "model init --config c.json --hidden-size 3 -o own.safetensors"):
        subprocess.run([specrnn, *call.split()], check=True)
    files = {}
    for name, content in contents(root).items():
        files[name] = "in_" + name
        Path(files[name]).write_bytes(content)
    os.mkdir("in_folder")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("in_socket")
    files.update(folder="in_folder", socket="in_socket", missing="in_missing", null="/dev/null", endless="/dev/zero")
    return files


def expected_of_sound(place, name):
    """What the line has to hold, or None."""
    if not any(place.startswith(start) for start in SOUND_PLACES):
        return None
    if any(place.startswith(start) and name in names for start, names in TAKES.items()):
        return None
    if name in NO_SOUNDS:
        return "this is no sound: " + NO_SOUNDS[name]
    return FOREIGN_SOUNDS.get(name)


def fault_of(specrnn, place, name, path):
    for made in Path(".").glob("out*"):
        shutil.rmtree(made) if made.is_dir() else made.unlink()
    call = [word.replace("@", path) for word in place.split()]
    try:
        done = subprocess.run([specrnn, *call], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    except subprocess.TimeoutExpired:
        return "does not end"
    said = done.stderr.decode().splitlines()
    errors = [line for line in said if ": warning: " not in line]
    if done.returncode == 0:
        return None if not errors else "succeeds and says: " + " / ".join(said)
    if place.startswith("verify") and done.returncode == 1 and not said and b"departs" in done.stdout:
        return None
    if done.returncode not in (1, 2) or len(errors) != 1:
        return f"status {done.returncode}: " + " / ".join(said)
    line = errors[0]
    if not re.match("specrnn: ([^:]*/)?(%s|f.npy|--lengths %s): " % (path, path), line):
        return "names another file: " + line
    if "recognised" in line or (done.returncode == 2 and name in ("missing", "folder") and "--lengths" not in line):
        return line
    wanted = expected_of_sound(place, name)
    if wanted and wanted not in line:
        return f"{line!r}, without {wanted!r}"
    return "makes a file" if any(Path(".").glob("out*")) else None


def main():
    specrnn, root = sys.argv[1], Path(sys.argv[2]).resolve()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shutil.copy(root / "samples/audio/test.wav", "t.wav")
        files = make_files(specrnn, root)
        print(f"1..{len(PLACES)}")
        for number, place in enumerate(PLACES, start=1):
            faults = [(name, fault_of(specrnn, place, name, path)) for name, path in files.items()]
            faults = [(name, fault) for name, fault in faults if fault]
            for name, fault in faults:
                print(f"# {name}: {fault}")
            print(f"{'not ok' if faults else 'ok'} {number} - {place}", flush=True)
            failed = failed or bool(faults)
        os.chdir("/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
