#!/usr/bin/python3
"""Compares the encoder with the running PyTorch, which computes in double from the same float32 weights.

    compare_encoder.py LIBSPECRNN [--cases N] [--seed S]

Each case draws a chain of modules over every option (kind, sizes, layers, bias, projection, directions, nonlinearity,
layout, lengths, initial states, output layer, file format and number type of the weights), initialised by PyTorch, and
runs 200 steps or more. Every hidden state, the output, h_n and c_n must be within 2e-6 of the reference, times the
greatest magnitude in the compared array where that exceeds 1 (relu and c are unbounded: at 16 a float's last place is
1e-6 already). A case in which float32 itself cannot be that near (129 inputs and more into a few units) may be as far
off as rounding.py says of it: FLOAT_FACTOR times what the roundings of a float32 come to in that very case. How many
cases needed this is printed. A chain of plain RNNs, which may read 257 features as the main job does, must be within
1e-5. Streams are cut at random and must give the bits of the whole. What PyTorch's own float32 is off by is printed
beside it and decides nothing: it depends on its BLAS, whose file is printed, too.

The bounds can fail: at last a few cases are computed wrongly on purpose (WRONG below), and have to be refused.
Exit 77 (skipped) where torch is absent."""
import argparse
import io
import json
import os
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import blas

blas.hold_to_one_thread()
try:
    import numpy as np
    import torch
except ImportError as missing:
    print("SKIPPED: no comparison with PyTorch, as %s is not installed" % missing.name)
    sys.exit(77)

import rounding
from specrnn_model import Library

TOLERANCE = 2e-6
CHAIN_TOLERANCE = 1e-5
FLOAT_FACTOR = 2
MODEL_TOLERANCE = 1e-10
STEPS = 200


class ResetBefore(torch.nn.Module):
    """A GRU whose reset gate acts before the recurrent product, which torch does not have; its parameters are torch's."""

    def __init__(self, gru):
        super().__init__()
        self.gru = gru

    def cell(self, x, h, suffix):
        w = {k: getattr(self.gru, k + suffix, None) for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        size = self.gru.hidden_size
        zero = torch.zeros(3 * size, dtype=x.dtype)
        b_ih = zero if w["bias_ih"] is None else w["bias_ih"]
        b_hh = zero if w["bias_hh"] is None else w["bias_hh"]
        gx = w["weight_ih"] @ x + b_ih
        gh = w["weight_hh"][:2 * size] @ h + b_hh[:2 * size]
        r, z = torch.sigmoid(gx[:size] + gh[:size]), torch.sigmoid(gx[size:2 * size] + gh[size:])
        n = torch.tanh(gx[2 * size:] + w["weight_hh"][2 * size:] @ (r * h) + b_hh[2 * size:])
        return (1 - z) * n + z * h

    def sequence(self, x, h0):
        """x (T, I), h0 (L D, H) -> (T, D H), (L D, H)"""
        directions = 2 if self.gru.bidirectional else 1
        states = []
        for layer in range(self.gru.num_layers):
            outputs = []
            for d in range(directions):
                h, ys = h0[layer * directions + d], [None] * len(x)
                for t in (range(len(x) - 1, -1, -1) if d else range(len(x))):
                    h = self.cell(x[t], h, "_l%d%s" % (layer, "_reverse" if d else ""))
                    ys[t] = h
                outputs.append(torch.stack(ys))
                states.append(h)
            x = torch.cat(outputs, 1)
        return x, torch.stack(states)


def draw_module(rng, inputs, only_rnn=False):
    """A module, the options that a state_dict does not carry, and its width."""
    kind = "rnn" if only_rnn else rng.choice(["rnn", "lstm", "gru", "linear"], p=[.3, .32, .3, .08])
    hidden = int(rng.choice([1, 2, 5, 8, 15, 16, 17, 33, 64, 65, 100, 128]))
    if kind == "linear":
        return torch.nn.Linear(inputs, hidden, bias=bool(rng.random() < .7)), hidden
    options = dict(num_layers=int(rng.choice([1, 1, 2, 3])), bias=bool(rng.random() < .8))
    if not only_rnn:
        options["bidirectional"] = bool(rng.random() < .3)
    if kind == "lstm" and hidden > 1 and rng.random() < .3:
        options["proj_size"] = int(rng.integers(1, hidden))
    make = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
    module = make(inputs, hidden, **options)
    width = options.get("proj_size", hidden) * (2 if options.get("bidirectional") else 1)
    return module, width


class Case:
    def __init__(self, rng, only_rnn=False):
        self.rng = rng
        self.relu = bool(rng.random() < .4)
        self.before = not only_rnn and bool(rng.random() < .25)
        inputs = 257 if only_rnn and rng.random() < .3 else int(rng.choice([1, 2, 3, 13, 40, 80, 129, 257]))
        self.inputs = inputs
        self.modules = []
        width = inputs
        for i in range(int(rng.choice([1, 1, 2, 3]))):
            module, width = draw_module(rng, width, only_rnn)
            if isinstance(module, torch.nn.RNN) and self.relu:
                module.nonlinearity = "relu"
                module.mode = "RNN_RELU"
            self.modules.append(module)
        if all(isinstance(m, torch.nn.Linear) for m in self.modules):
            module = torch.nn.GRU(width, 7)
            self.modules.append(module)
            width = 7
        self.head = not only_rnn and bool(rng.random() < .3)
        if self.head:
            self.modules.append(torch.nn.Linear(width, int(rng.integers(1, 30))))
        self.softmax = bool(rng.random() < .5)
        self.batch_first = bool(rng.random() < .5)
        self.n = int(rng.choice([1, 1, 2, 5, 9]))
        self.t = STEPS + int(rng.integers(0, 60))
        self.lengths = [int(v) for v in rng.integers(1, self.t + 1, self.n)] if rng.random() < .35 else None
        if self.lengths:
            self.lengths[0] = max(self.lengths[0], STEPS)
        self.x = rng.standard_normal((self.n, self.t, inputs)).astype(np.float32)
        self.stated = bool(rng.random() < .4)

    # ------------------------------------------------------------------------------------------------------- files

    def state_dict(self):
        """The chain's names are in natural order, and one name is beyond 9 where there are enough modules."""
        names = ["net.rnn%d" % (9 + i) for i in range(len(self.modules))]
        if len(self.modules) == 1:
            names = [self.rng.choice(["", "rnn", "a.b.c"])]
        state = {}
        for name, module in zip(names, self.modules):
            for key, value in module.state_dict().items():
                state[(name + "." if name else "") + key] = value
        return state

    def file(self):
        """The weights in one of the formats; number types that round change the modules, too."""
        kind = self.rng.choice(["safetensors", "pt", "npz"])
        dtype = self.rng.choice([torch.float32, torch.float32, torch.float64, torch.float16, torch.bfloat16])
        if kind == "npz" and dtype == torch.bfloat16:
            dtype = torch.float32
        for module in self.modules:
            for p in module.parameters():
                p.data = p.data.to(dtype).to(torch.float32)
        state = {k: v.to(dtype) for k, v in self.state_dict().items()}
        if kind == "pt":
            buffer = io.BytesIO()
            torch.save(state, buffer)
            return buffer.getvalue()
        if kind == "npz":
            buffer = io.BytesIO()
            np.savez(buffer, **{k: v.numpy() for k, v in state.items()})
            return buffer.getvalue()
        return safetensors(state, self.rng)

    # ---------------------------------------------------------------------------------------------------- reference

    def states(self):
        """Initial states per recurrent module, (L D, N, H_out) and (L D, N, H)."""
        found = []
        for module in self.modules:
            if isinstance(module, torch.nn.Linear):
                found.append(None)
                continue
            d = module.num_layers * (2 if module.bidirectional else 1)
            out = getattr(module, "proj_size", 0) or module.hidden_size
            shape = (d, self.n)
            h = self.rng.standard_normal(shape + (out,)) if self.stated else np.zeros(shape + (out,))
            cell = self.rng.standard_normal(shape + (module.hidden_size,)) if self.stated else np.zeros(
                shape + (module.hidden_size,))
            found.append((h.astype(np.float32), cell.astype(np.float32)))
        return found

    def layer_outputs(self, module, x, state, dtype):
        """The outputs of every layer of a module over (N, T, I): layer by layer, as single-layer modules, so that inner
        layers are compared, too."""
        directions = 2 if module.bidirectional else 1
        outputs, h_n, c_n = [], [], []
        for layer in range(module.num_layers):
            kwargs = dict(bias=module.bias, bidirectional=module.bidirectional, batch_first=True)
            if isinstance(module, torch.nn.LSTM):
                kwargs["proj_size"] = module.proj_size
            if isinstance(module, torch.nn.RNN):
                kwargs["nonlinearity"] = module.nonlinearity
            single = type(module)(x.shape[2], module.hidden_size, **kwargs).to(dtype)
            with torch.no_grad():
                for name, p in single.named_parameters():
                    p.copy_(getattr(module, name.replace("_l0", "_l%d" % layer)).to(dtype))
            part = slice(layer * directions, (layer + 1) * directions)
            h0 = torch.from_numpy(state[0][part]).to(dtype)
            c0 = torch.from_numpy(state[1][part]).to(dtype)
            x, h, cell = self.run_single(single, x, h0, c0)
            outputs.append(x)
            h_n.append(h)
            c_n.append(cell)
        return outputs, torch.cat(h_n), torch.cat(c_n) if c_n[0] is not None else None

    def run_single(self, single, x, h0, c0):
        if isinstance(single, torch.nn.GRU) and self.before:
            reference = ResetBefore(single)
            y = torch.zeros(x.shape[:2] + (h0.shape[2] * h0.shape[0],), dtype=h0.dtype)
            h = torch.zeros_like(h0)
            for i in range(self.n):
                length = self.lengths[i] if self.lengths else self.t
                y[i, :length], h[:, i] = reference.sequence(x[i, :length], h0[:, i])
            return y, h, None
        packed = x
        if self.lengths:
            packed = torch.nn.utils.rnn.pack_padded_sequence(x, self.lengths, batch_first=True, enforce_sorted=False)
        lstm = isinstance(single, torch.nn.LSTM)
        y, state = single(packed, (h0, c0) if lstm else h0)
        if self.lengths:
            y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=self.t)
        return (y, state[0], state[1]) if lstm else (y, state, None)

    def reference(self, states, dtype):
        x = torch.from_numpy(self.x).to(dtype)
        layers, h_n, c_n = [], [], []
        with torch.no_grad():
            for i, (module, state) in enumerate(zip(self.modules, states)):
                if isinstance(module, torch.nn.Linear):
                    last = i + 1 == len(self.modules)
                    x = torch.nn.functional.linear(x, module.weight.to(dtype),
                                                   None if module.bias is None else module.bias.to(dtype))
                    if last and self.softmax:
                        x = torch.softmax(x, 2)
                    if self.lengths:
                        for k, length in enumerate(self.lengths):
                            x[k, length:] = 0
                    if not last:
                        layers.append(x)
                    continue
                outputs, h, cell = self.layer_outputs(module, x, state, dtype)
                x = outputs[-1]
                layers += outputs
                h_n.append(h.numpy().ravel())
                if cell is not None:
                    c_n.append(cell.numpy().ravel())
        return ([y.numpy() for y in layers], x.numpy(), np.concatenate(h_n),
                np.concatenate(c_n) if c_n else np.zeros(0))

    # ------------------------------------------------------------------------------------------------------ comparison

    def flat_states(self, states):
        """h0 layer after layer is what a module's (L D, N, H) is already."""
        h = [s[0].ravel() for s in states if s is not None]
        cell = [s[1].ravel() for s, m in zip(states, self.modules) if s is not None and isinstance(m, torch.nn.LSTM)]
        return np.concatenate(h), np.concatenate(cell) if cell else np.zeros(0, np.float32)

    def refer(self, data):
        """What PyTorch makes of the weights as they now are; `data` are they as a file."""
        self.data, self.initial = data, self.states()
        self.expected = self.reference(self.initial, torch.float64)

    def run(self, library):
        """The worst difference of anything from PyTorch in double."""
        model = library.load(self.data, nonlinearity=2 if self.relu else 1, gru_reset=2 if self.before else 1,
                             activation=2 if self.softmax else 1)
        h0, c0 = self.flat_states(self.initial)
        x = self.x if self.batch_first else self.x.transpose(1, 0, 2)
        given = dict(h0=h0, c0=c0) if self.stated else {}
        got = model.forward(x, self.batch_first, self.lengths, **given)
        layers = [y if self.batch_first else y.transpose(1, 0, 2) for y in got[0]]
        output = got[1] if self.batch_first else got[1].transpose(1, 0, 2)
        if not model.info.bidirectional and not self.lengths:
            self.check_stream(model, layers, output, given)
        model.close()
        return distance((layers, output) + tuple(got[2:]), self.expected)

    def torch_float(self):
        return distance(self.reference(self.initial, torch.float32), self.expected)

    def rounded(self, draws=rounding.DRAWS, map_error=rounding.MAP_ERROR):
        """How far the roundings of a float32 take this case, in the draw that they take farthest."""
        exact, *rest = rounding.chain(rounding.Rounding(self.t, draws, map_error), self, self.initial)
        apart = distance(exact, self.expected)
        assert apart < MODEL_TOLERANCE, "rounding.py and PyTorch are %.3g apart in float64" % apart
        return max(distance(draw, exact) for draw in rest)

    def allowed(self, tolerance, off):
        """Whether a result may be that far off."""
        return off <= tolerance or off <= FLOAT_FACTOR * self.rounded()

    def check_stream(self, model, layers, output, given):
        """Sequence k of the batch alone, in random parts: the same bits."""
        k = int(self.rng.integers(0, self.n))
        cuts, left = [], self.t
        while left:
            cuts.append(min(left, int(self.rng.choice([1, 2, 3, 31, 32, 33, 70]))))
            left -= cuts[-1]
        state = None
        if given:
            h = [given["h0"][l.h_offset * self.n:][:l.width * self.n].reshape(self.n, l.width)[k]
                 for l, m in zip(model.layers, self.flat_layers()) if m is not None]
            cell = [given["c0"][l.c_offset * self.n:][:l.hidden_size * self.n].reshape(self.n, l.hidden_size)[k]
                    for l, m in zip(model.layers, self.flat_layers()) if m == "lstm"]
            state = (np.concatenate(h), np.concatenate(cell) if cell else np.zeros(0, np.float32))
        hidden, streamed = model.stream(self.x[k], cuts, state)
        for whole, part in zip(layers + [output], hidden + [streamed]):
            if not np.array_equal(whole[k].view(np.uint32), part.view(np.uint32)):
                raise AssertionError("a stream differs from the whole")

    def flat_layers(self):
        """Per layer of the chain: "lstm", "other", or None for a linear one."""
        found = []
        for module in self.modules:
            if isinstance(module, torch.nn.Linear):
                found.append(None)
            else:
                found += ["lstm" if isinstance(module, torch.nn.LSTM) else "other"] * module.num_layers
        return found

    def __str__(self):
        return "; ".join(str(m) for m in self.modules) + " n=%d t=%d lengths=%s states=%s relu=%s before=%s" % (
            self.n, self.t, bool(self.lengths), self.stated, self.relu, self.before)


def difference(a, b):
    if a.shape != b.shape:
        raise AssertionError("shapes %s and %s" % (a.shape, b.shape))
    return float(np.max(np.abs(a.astype(np.float64) - b)) / max(1.0, np.max(np.abs(b)))) if a.size else 0.0


def distance(got, want):
    """The worst difference in ([layers], output, h_n, c_n)."""
    assert len(got[0]) == len(want[0])
    return max(difference(a, b) for a, b in zip(list(got[0]) + list(got[1:]), list(want[0]) + list(want[1:])))


def safetensors(state, rng):
    """A safetensors file, its tensors in any order and with leading white space, as the format allows."""
    names = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16"}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for key in rng.permutation(list(state)):
        value = state[key].contiguous()
        raw = (value.view(torch.int16) if value.dtype == torch.bfloat16 else value).numpy().tobytes()
        header[key] = {"dtype": names[value.dtype], "shape": list(value.shape),
                       "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = b" " * int(rng.integers(0, 3)) + json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--chains", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    library = Library(arguments.library)
    torch.set_num_threads(1)
    print("BLAS: %s" % blas.in_words())
    failed = compare(library, range(arguments.cases), "configurations", TOLERANCE, arguments.seed)
    chains = range(arguments.cases, arguments.cases + arguments.chains)
    failed += compare(library, chains, "chains of RNNs", CHAIN_TOLERANCE, arguments.seed)
    failed += sum(accept_wrong(library, what, make, least, arguments.seed) for what, (make, least) in WRONG.items())
    sys.exit(1 if failed else 0)


def draw_case(seed, index, only_rnn=False):
    torch.manual_seed(seed * 100003 + index)
    return Case(np.random.default_rng([seed, index]), only_rnn)


def compare(library, indices, what, tolerance, seed):
    """Runs cases and prints what they came to. @return how many failed."""
    worst, torch_worst, failed, beyond = 0.0, 0.0, 0, 0
    for index in indices:
        case = draw_case(seed, index, only_rnn="RNN" in what)
        try:
            case.refer(case.file())
            off = case.run(library)
            good = case.allowed(tolerance, off)
        except (AssertionError, RuntimeError) as error:
            failed += 1
            print("case %d: %s: %s" % (index, error, case))
            continue
        worst, torch_worst = max(worst, off), max(torch_worst, case.torch_float())
        beyond += good and off > tolerance
        if not good:
            failed += 1
            print("case %d is off by %.3g (roundings come to %.3g, PyTorch in float: %.3g): %s" % (
                index, off, case.rounded(), case.torch_float(), case))
    print("%d %s against PyTorch %s in double: at most %.3g off (PyTorch in float: %.3g), %g allowed, %d beyond as "
          "float32's roundings are, %d failed" %
          (len(indices), what, torch.__version__, worst, torch_worst, tolerance, beyond, failed))
    return failed


# ------------------------------------------------------------------------------------------------- wrong on purpose

def weights_in_bfloat16(case, library):
    """The reference has the weights whole, the library the nearest bfloat16."""
    case.refer(safetensors({k: v.to(torch.bfloat16) for k, v in case.state_dict().items()}, case.rng))
    return case.run(library)


def a_bias_dropped(case, library):
    state = {k: v.clone() for k, v in case.state_dict().items()}
    biases = [k for k in state if "bias" in k]
    if not biases:
        return None
    state[biases[0]][0] = 0
    case.refer(safetensors(state, case.rng))
    return case.run(library)


def a_map_ten_times_less_exact(case, library):
    """No library has one: the analysis itself computes it."""
    if all(getattr(m, "mode", "RNN_RELU") == "RNN_RELU" for m in case.modules):
        return None
    case.refer(case.file())
    return case.rounded(1, 10 * rounding.MAP_ERROR)


# What is done to a case, and in how many of 100 cases it has to be found. One bias of one unit is seen by no more than
# the gates that it opens; an activation that is 1e-6 off can still be within the 2e-6 that are promised.
WRONG = {"weights in bfloat16": (weights_in_bfloat16, 100), "a bias left out": (a_bias_dropped, 95),
         "tanh and sigmoid ten times less exact": (a_map_ten_times_less_exact, 20)}
WRONG_CASES = 20


def accept_wrong(library, what, make, least, seed):
    """Has wrong results judged. @return 1 where too many pass."""
    refused, cases = 0, 0
    for index in range(WRONG_CASES):
        case = draw_case(seed, index)
        off = make(case, library)
        if off is not None:
            cases += 1
            refused += not case.allowed(TOLERANCE, off)
    good = cases > 0 and 100 * refused >= least * cases
    print("%s: %d of %d cases refused, at least %d %% asked for%s" % (
        what, refused, cases, least, "" if good else ": THE BOUND DOES NOT FIND IT"))
    return 0 if good else 1


main()
