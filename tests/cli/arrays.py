#!/usr/bin/python3
"""Arrays for the cases of encode and model: python3 arrays.py ACTION ARGUMENT...

unpack IO.npz            input.npy and, where there are any, h0.npy, c0.npy, lengths.npy, of a fixture of tests/golden/nn
compare IO.npz OUT.npz   the largest difference between a fixture's arrays and what encode wrote; names what is missing
equal A B                whether two arrays, FILE.npy or FILE.npz:NAME, have the same type, shape and bits
shape A                  shape and type
print EXPRESSION A...    prints an expression over a = [arrays ...]
"""
import sys

import numpy as np


def load(name):
    file, _, key = name.partition(":")
    return np.load(file)[key] if key else np.load(file)


def unpack(io):
    with np.load(io) as arrays:
        for key in ("input", "h0", "c0", "lengths"):
            if key in arrays:
                np.save(key + ".npy", arrays[key])


def states(out, key):
    """A state as one row of numbers: h_n, or h_n.MODULE of one module after the other."""
    if key in out:
        return out[key].ravel()
    return np.concatenate([out[name].ravel() for name in sorted(out.files) if name.startswith(key + ".")])


def compare(io, out):
    worst = 0.0
    with np.load(io) as expected, np.load(out) as actual:
        for key in expected.files:
            if key in ("input", "h0", "c0", "lengths"):
                continue
            value = states(actual, key) if key in ("h_n", "c_n") else actual[key]
            if value.shape != expected[key].shape or value.dtype != np.float32:
                sys.exit("%s: %s %s, not %s" % (key, value.dtype, value.shape, expected[key].shape))
            worst = max(worst, float(np.max(np.abs(value.astype(np.float64) - expected[key]))))
    print(worst)


def equal(a, b):
    a, b = load(a), load(b)
    same = a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    print("equal" if same else "differ: %s %s, %s %s" % (a.dtype, a.shape, b.dtype, b.shape))


def shape(a):
    a = load(a)
    print(a.shape, a.dtype)


def show(expression, *names):
    print(eval(expression, {"np": np, "a": [load(name) for name in names]}))


{"unpack": unpack, "compare": compare, "equal": equal, "shape": shape, "print": show}[sys.argv[1]](*sys.argv[2:])
