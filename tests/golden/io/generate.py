#!/usr/bin/python3
"""Makes the fixtures of tests/unit/test_io*.c with NumPy (1.24.2 when they were committed).

Every array holds the values 0, 1, 2, ... (divided by 8 where the type has fractions), so that the tests can state them.
"""
import io
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent


def ramp(shape, dtype):
    count = int(np.prod(shape, dtype=int))
    values = np.arange(count, dtype=np.float64)
    if np.dtype(dtype).kind in "fc":
        values = values / 8
    if np.dtype(dtype).kind == "c":
        values = values - 1j * values
    return values.reshape(shape).astype(dtype)


def save(name, array, version=(1, 0)):
    with open(HERE / name, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


for dtype in ("<f4", "<f8", "<f2", "<i8", "<i4", "<i2", "|i1", "<u8", "<u4", "<u2", "|u1", "|b1", "<c8", "<c16"):
    save(f"v1_{dtype[1:]}.npy", ramp((3, 5), dtype))
for dtype in (">f4", ">f8", ">f2", ">i8", ">i4", ">i2", ">u8", ">c8", ">c16"):
    save(f"big_{dtype[1:]}.npy", ramp((3, 5), dtype))
save("v2_f4.npy", ramp((3, 5), "<f4"), (2, 0))
save("v3_f4.npy", ramp((3, 5), "<f4"), (3, 0))
save("fortran_f4.npy", np.asfortranarray(ramp((2, 3, 4), "<f4")))
save("fortran_big_c8.npy", np.asfortranarray(ramp((4, 3), ">c8")))
save("scalar_f8.npy", np.array(2.5))
save("vector_i8.npy", ramp((7,), "<i8"))
save("empty_f4.npy", np.zeros((0, 257), "<f4"))
save("rank8_u1.npy", ramp((1, 2, 1, 3, 1, 2, 1, 2), "|u1"))

# What is refused.
save("rank9_u1.npy", np.zeros((1,) * 9, "|u1"))
save("datetime.npy", np.zeros(3, "<M8[s]"))
save("text.npy", np.array("config"))
save("structured.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
with open(HERE / "object.npy", "wb") as file:
    np.lib.format.write_array(file, np.array([{}, None], dtype=object), allow_pickle=True)

members = {
    "features": ramp((4, 3), "<f4"),
    "times": ramp((4,), "<f8"),
    "config": np.array('{"window": "hann", "µ": "日本 🎵"}'),
    "names": np.array(["a.wav", "", "b/ü.wav"]),
    "empty": np.zeros((0, 3), "<f4"),
}
np.savez(HERE / "stored.npz", **members)
np.savez_compressed(HERE / "deflated.npz", **members)
np.savez(HERE / "object.npz", bad=np.array([{}], dtype=object), good=ramp((2,), "<f4"))

# A Kaldi archive, by its description: two float matrices, one of doubles, a vector; and what is refused.
def kaldi(key, kind, array):
    sizes = b"".join(b"\4" + np.int32(n).tobytes() for n in array.shape)
    return key.encode() + b" \0B" + kind + b" " + sizes + array.tobytes()


with open(HERE / "many.ark", "wb") as file:
    file.write(kaldi("utt1", b"FM", ramp((3, 2), "<f4")))
    file.write(kaldi("utt/2", b"FM", ramp((0, 2), "<f4")))
    file.write(kaldi("double", b"DM", ramp((2, 2), "<f8")))
    file.write(kaldi("vector", b"FV", ramp((5,), "<f4")))
(HERE / "compressed.ark").write_bytes(b"utt1 \0BCM " + bytes(32))
(HERE / "text.ark").write_bytes(b"utt1  [\n  1 2 ]\n")
