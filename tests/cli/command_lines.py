#!/usr/bin/python3
"""Command lines whose every result stays what it was: statuses, both outputs, every file, byte for byte.

    tests/cli/command_lines.py SPECRNN SOURCE_ROOT              compares with command_lines.json; speaks TAP
    tests/cli/command_lines.py SPECRNN SOURCE_ROOT --write      stores what it gives now, for lines that may change
    tests/cli/command_lines.py SPECRNN SOURCE_ROOT --keep DIR   leaves the folders there, to be looked at

The lines stand in command_lines.txt. Not compared are the version of the program, times of the clock, the figures of
benchmarks, and how a PNG or a zip is pressed: of these the pixels and entries count.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
import zipfile
import zlib
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
RECORD = HERE / "command_lines.json"
DIGEST_LENGTH = 16
KEPT = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
        if name in os.environ}


def groups():
    """Lists of command lines: those between two empty lines."""
    text = "\n".join(line for line in (HERE / "command_lines.txt").read_text().splitlines() if not line.startswith("#"))
    return [group.splitlines() for group in re.split(r"\n{2,}", text) if group.strip()]


# ------------------------------------------------------------------------------------------------------------ inputs


def noise(*shape):
    """The same numbers from every version of NumPy: in steps of 2^-16, below 1."""
    count = int(np.prod(shape))
    state, numbers = np.uint64(1), np.empty(count)
    for i in range(count):
        state = np.uint64((int(state) * 6364136223846793005 + 1442695040888963407) % 2**64)
        numbers[i] = (int(state) >> 47) / 2.0**16 - 1.0
    return numbers.reshape(shape)


def write_wav(name, samples, rate):
    """16 bits; samples (frames, channels) below 1."""
    with wave.open(name, "wb") as out:
        out.setparams((samples.shape[1], 2, rate, 0, "NONE", ""))
        out.writeframes((samples * 32767).astype("<i2").tobytes())


def write_float_wav(name, samples, rate):
    data = samples.astype("<f4").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 1, rate, 4 * rate, 4,
                       32, b"data", len(data))
    Path(name).write_bytes(head + data)


def make_inputs(folder, root):
    """What the lines read, made once."""
    os.makedirs(folder)
    for path in sorted((root / "samples/audio").iterdir()) + sorted((root / "tests/golden/nn").iterdir()):
        shutil.copy(path, folder)
    shutil.copy(root / "tests/golden/io/text.ark", folder)
    os.chdir(folder)
    write_wav("more.wav", 0.3 * noise(8000, 1), 22050)
    write_wav("stereo.wav", 0.5 * noise(16000, 2), 16000)
    write_wav("empty.wav", noise(0, 1), 16000)
    bad = 0.1 * noise(4000)
    bad[1234] = np.nan
    write_float_wav("bad.wav", bad, 16000)
    small = np.cumsum(noise(30, 8), axis=0).astype(np.float32)
    np.save("small.npy", small)
    np.save("other.npy", (small + 0.01 * noise(30, 8)).astype(np.float32))
    np.save("wide.npy", noise(5, 9).astype(np.float32))
    np.save("batch.npy", noise(3, 20, 8).astype(np.float32))
    np.savez("arrays.npz", a=small, b=small[:, :3].astype(np.float64), n=np.arange(5))
    np.savetxt("table.csv", small[:, :3], delimiter=",", header="x,y,z", comments="", fmt="%.6g")
    Path("labels.txt").write_text("0.2\t0.9\tfirst\n1.2\t1.5\tsecond\n")
    Path("text.txt").write_text("This is no sound.\n")


# ----------------------------------------------------------------------------------------------------------- digests


def png_content(data):
    """Pixels and chunks, without the one that names the program."""
    content, pixels, at = b"", b"", 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IDAT":
            pixels += body
        elif not (kind == b"tEXt" and body.startswith(b"Software")):
            content += kind + body
    return content + zlib.decompress(pixels)


def zip_content(data):
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return b"".join(entry.filename.encode() + b"\0" + archive.read(entry) for entry in archive.infolist())


def page_content(data):
    def picture(found):
        return png_content(b64decode(found.group(1)))

    return re.sub(rb"data:image/png;base64,([A-Za-z0-9+/=]+)", picture, data)


CLOCKS = [rb'("elapsed_s":\s*)[0-9.e+-]+', rb"(\nTime )[0-9.]+(?= s\n)"]
CONTENTS = [(b"\x89PNG", png_content), (b"PK\x03\x04", zip_content), (b"<!DOCTYPE html", page_content)]


def digest(data, line, version):
    if not data:
        return ""
    for magic, content in CONTENTS:
        if data.startswith(magic):
            data = content(data)
    data = data.replace(version, b"VERSION")
    for clock in CLOCKS:
        data = re.sub(clock, rb"\1TIME", data)
    if line.startswith("specrnn bench"):
        data = re.sub(rb"[0-9.]+(e[+-]?[0-9]+)?", b"#", data)
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]


# -------------------------------------------------------------------------------------------------------------- runs


def files_below(folder):
    """Path and content of every file that is no input."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink()}


def run_line(line, folder, specrnn, version):
    command, _, source = line.partition(" < ")
    words = [specrnn] + shlex.split(command)[1:]
    before = files_below(folder)
    with open(folder / source if source else os.devnull, "rb") as stdin:
        done = subprocess.run(words, cwd=folder, stdin=stdin, capture_output=True, check=False,
                              env={**KEPT, "LANG": "C.UTF-8", "HOME": str(folder)})
    after = files_below(folder)
    given = {"status": done.returncode, "stdout": digest(done.stdout, line, version),
             "stderr": digest(done.stderr, line, version)}
    for name in sorted({*before, *after}):
        if name not in after:
            given[name] = "is gone"
        elif before.get(name) != after[name]:
            given[name] = digest(after[name], line, version)
    return given


def run_group(lines, folder, inputs, specrnn, version):
    folder.mkdir(parents=True)
    for path in inputs.iterdir():
        (folder / path.name).symlink_to(path)
    return [(line, run_line(line, folder, specrnn, version)) for line in lines]


def run_all(specrnn, root, scratch):
    make_inputs(scratch / "inputs", root)
    version = subprocess.run([specrnn, "--version"], capture_output=True, check=True).stdout.split()[-1]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(run_group, lines, scratch / str(i), scratch / "inputs", specrnn, version)
                for i, lines in enumerate(groups())]
        return [result for run in runs for result in run.result()]


def has_fused_products():
    """The levels of the CPU below round once more."""
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return flags and {"fma", "avx2"} <= set(flags.group(1).split())


def main(specrnn, root, *options):
    if not has_fused_products():
        print("1..0 # SKIPPED: what is stored was computed with fused multiply-add, AVX2, which this machine lacks")
        return 0
    specrnn, root = os.path.abspath(specrnn), Path(root).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        if options[:1] == ("--keep",):
            scratch = options[1]
        results = run_all(specrnn, root, Path(scratch).resolve())
    if options[:1] == ("--write",):
        RECORD.write_text("[\n" + ",\n".join(json.dumps(result) for result in results) + "\n]\n")
        return 0
    recorded = [tuple(entry) for entry in json.loads(RECORD.read_text())]
    print(f"1..{len(results)}")
    same = len(recorded) == len(results)
    for number, ((line, given), (_, expected)) in enumerate(zip(results, recorded), start=1):
        differing = [key for key in {**given, **expected} if given.get(key) != expected.get(key)]
        print(f"{'not ok' if differing else 'ok'} {number} - {line.replace('#', '')}")
        for key in differing:
            print(f"# {key}: {given.get(key)}, was {expected.get(key)}")
        same = same and not differing
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
