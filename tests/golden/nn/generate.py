#!/usr/bin/python3
"""Makes the fixtures of the model and encoder tests: model files, and what PyTorch computes with them.

Written with PyTorch 1.13.0 and NumPy 1.24.2 of Debian 12. For each NAME there is NAME.{pt,safetensors,npz}, the model
file, and NAME.io.npz: input (N, T, I), lengths (N) where they differ, h0 and c0 flat, layer1 ... (N, T, width), output,
h_n and c_n flat. References are computed in double from the weights as the file holds them, and rounded to float."""
import json
import os
import pathlib
import struct

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
NAMES = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16"}


def write_safetensors(path, state, metadata=None):
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for key, value in state.items():
        value = value.contiguous()
        raw = (value.view(torch.int16) if value.dtype == torch.bfloat16 else value).numpy().tobytes()
        header[key] = {"dtype": NAMES[value.dtype], "shape": list(value.shape),
                       "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write(name, suffix, state, metadata=None):
    path = HERE / (name + "." + suffix)
    if suffix == "pt":
        torch.save(state, path)
    elif suffix == "npz":
        np.savez(path, **{key: value.numpy() for key, value in state.items()})
    else:
        write_safetensors(path, state, metadata)


def write_io(name, **arrays):
    flat = {}
    for key, value in arrays.items():
        if value is not None:
            value = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
            flat[key] = value if value.dtype == np.int64 else value.astype(np.float32)
    np.savez(HERE / (name + ".io.npz"), **flat)


def state_of(**modules):
    return {(prefix + "." if prefix else "") + key: value
            for prefix, module in modules.items() for key, value in module.state_dict().items()}


def rounded(module, dtype):
    """The module with its weights rounded to a type, and its state_dict in that type."""
    for p in module.parameters():
        p.data = p.data.to(dtype).to(torch.float32)
    return {key: value.to(dtype) for key, value in module.state_dict().items()}


def frames(n, t, i):
    return torch.randn(n, t, i)


def rnn_chain():
    """torch.save of a model of two modules, as the tutorial builds it."""
    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn1 = torch.nn.RNN(7, 5, batch_first=True)
            self.rnn2 = torch.nn.RNN(5, 4, batch_first=True)

    model, x = Encoder(), frames(2, 12, 7)
    write("rnn_chain", "pt", model.state_dict())
    write("rnn_chain", "safetensors", model.state_dict())
    model.double()
    y1, h1 = model.rnn1(x.double())
    y2, h2 = model.rnn2(y1)
    write_io("rnn_chain", input=x, layer1=y1, layer2=y2, output=y2, h_n=torch.cat([h1.flatten(), h2.flatten()]))


def single_layers(module, x, h0, c0, lengths):
    """Layer by layer, so that the outputs of inner layers are known."""
    d = 2 if module.bidirectional else 1
    layers, h_n, c_n = [], [], []
    for k in range(module.num_layers):
        options = dict(bias=module.bias, bidirectional=module.bidirectional, batch_first=True)
        if isinstance(module, torch.nn.LSTM):
            options["proj_size"] = module.proj_size
        if isinstance(module, torch.nn.RNN):
            options["nonlinearity"] = module.nonlinearity
        layer = type(module)(x.shape[2], module.hidden_size, **options).double()
        for name, p in layer.named_parameters():
            p.data.copy_(getattr(module, name.replace("_l0", "_l%d" % k)).data.double())
        packed = x
        if lengths is not None:
            packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        h, c = h0[k * d:(k + 1) * d].double(), c0[k * d:(k + 1) * d].double()
        y, state = layer(packed, (h, c) if isinstance(module, torch.nn.LSTM) else h)
        if lengths is not None:
            y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
        h, c = state if isinstance(module, torch.nn.LSTM) else (state, None)
        layers.append(y)
        h_n.append(h.flatten())
        c_n.append(c.flatten() if c is not None else torch.zeros(0))
        x = y
    return layers, torch.cat(h_n), torch.cat(c_n)


def one_module(name, suffix, module, prefix="", n=2, t=12, states=False, lengths=None, dtype=torch.float32):
    state = {(prefix + "." if prefix else "") + key: value for key, value in rounded(module, dtype).items()}
    write(name, suffix, state)
    x = frames(n, t, module.input_size)
    d = module.num_layers * (2 if module.bidirectional else 1)
    width = getattr(module, "proj_size", 0) or module.hidden_size
    make = torch.randn if states else torch.zeros
    h0, c0 = make(d, n, width), make(d, n, module.hidden_size)
    layers, h_n, c_n = single_layers(module, x.double(), h0, c0, lengths)
    given = dict(h0=h0.flatten(), c0=c0.flatten() if len(c_n) else None) if states else {}
    write_io(name, input=x, lengths=None if lengths is None else np.array(lengths, np.int64), h_n=h_n,
             c_n=c_n if len(c_n) else None, output=layers[-1], **given,
             **{"layer%d" % (k + 1): y for k, y in enumerate(layers)})


def lstm_head():
    """An LSTM and an output layer with a softmax, in an .npz."""
    lstm, head, x = torch.nn.LSTM(5, 6, batch_first=True), torch.nn.Linear(6, 3), frames(1, 12, 5)
    write("lstm_head", "npz", state_of(lstm=lstm, out=head))
    lstm.double(), head.double()
    y, (h, c) = lstm(x.double())
    write_io("lstm_head", input=x, layer1=y, output=torch.softmax(head(y), 2), h_n=h.flatten(), c_n=c.flatten())


def relu_cell():
    """An RNNCell: names without _l0; what it computes is a one-layer RNN."""
    cell, x = torch.nn.RNNCell(4, 6, nonlinearity="relu"), frames(1, 12, 4)
    write("relu_cell", "safetensors", {"cell." + key: value for key, value in rounded(cell, torch.float16).items()})
    cell.double()
    h, ys = torch.zeros(1, 6, dtype=torch.float64), []
    for t in range(12):
        h = cell(x[:, t].double(), h)
        ys.append(h)
    y = torch.stack(ys, 1)
    write_io("relu_cell", input=x, layer1=y, output=y, h_n=h.flatten())


def gru_before():
    """A GRU whose reset gate acts before the recurrent product: h' = (1 - z) n + z h, n = tanh(W_in x + b_in +
    W_hn (r h) + b_hn). The metadata says so."""
    gru, x = torch.nn.GRU(3, 5), frames(1, 12, 3)
    write("gru_before", "safetensors", state_of(gru=gru), {"gru_reset": "before"})
    w_ih, w_hh, b_ih, b_hh = (p.detach().double().numpy() for p in gru.parameters())
    h, ys = np.zeros(5), []
    for row in x[0].double().numpy():
        sigmoid = lambda v: 1 / (1 + np.exp(-v))
        gx, gh = w_ih @ row + b_ih, w_hh[:10] @ h + b_hh[:10]
        r, z = sigmoid(gx[:5] + gh[:5]), sigmoid(gx[5:10] + gh[5:])
        n = np.tanh(gx[10:] + w_hh[10:] @ (r * h) + b_hh[10:])
        h = (1 - z) * n + z * h
        ys.append(h)
    write_io("gru_before", input=x, layer1=np.array([ys]), output=np.array([ys]), h_n=h)


def lstm_concatenated():
    """The tutorial's LSTM cell: one matrix on [h; x] with rows forget, input, output, candidate."""
    h_size, i_size = 4, 3
    w, b, x = torch.randn(4 * h_size, h_size + i_size) * .4, torch.randn(4 * h_size) * .4, frames(1, 12, i_size)
    write("lstm_concatenated", "safetensors", {"cell.weight": w, "cell.bias": b})
    w, b = w.double().numpy(), b.double().numpy()
    h, c, ys = np.zeros(h_size), np.zeros(h_size), []
    for row in x[0].double().numpy():
        f, i, o, g = np.split(w @ np.concatenate([h, row]) + b, 4)
        sigmoid = lambda v: 1 / (1 + np.exp(-v))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        ys.append(h)
    write_io("lstm_concatenated", input=x, layer1=np.array([ys]), output=np.array([ys]), h_n=h, c_n=c)


class Call:
    """What a hostile pickle would do."""

    def __reduce__(self):
        return os.system, ("echo executed > /tmp/specrnn-pickle-was-executed",)


def pickles():
    """What torch.save can write beside a state_dict, and what a pickle could ask for."""
    def state(w_ih, w_hh=torch.full((2, 2), .5)):
        return {"weight_ih_l0": w_ih, "weight_hh_l0": w_hh}

    good = torch.full((2, 3), .25)
    flat = torch.arange(90., 120.)
    transposed = torch.tensor([[0., 1.], [10., 11.], [20., 21.]]).t()
    files = {
        "views": state(transposed, flat[10:14].view(2, 2)),
        "parameters": state(torch.nn.Parameter(good), torch.nn.Parameter(torch.eye(2))),
        "system": state(good, Call()),
        "module": torch.nn.RNN(3, 2),
        "checkpoint": {"state_dict": state(good), "epoch": 3},
        "list": [good, good],
        "tensor": good,
        "expanded": state(torch.ones(1, 1).expand(2, 60000)),
        "long": state(torch.ones(2, 3, dtype=torch.int64)),
    }
    for name, value in files.items():
        torch.save(value, HERE / ("pickle_%s.pt" % name))
    torch.save(state(good), HERE / "pickle_protocol4.pt", pickle_protocol=4)
    np.savez(HERE / "object.npz", weight_ih_l0=np.array([{}, None], dtype=object))
    np.savez(HERE / "integer.npz", weight_ih_l0=np.ones((2, 3), np.int64), weight_hh_l0=np.eye(2))


def main():
    torch.manual_seed(20)
    pickles()
    torch.manual_seed(20)
    with torch.no_grad():
        rnn_chain()
        one_module("gru_reverse", "safetensors", torch.nn.GRU(3, 4, num_layers=2, bidirectional=True), "gru", states=True)
        one_module("lstm_hr", "safetensors", torch.nn.LSTM(4, 6, num_layers=2, proj_size=3), "lstm", states=True)
        one_module("lstm_packed", "pt", torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True), "", n=5, states=True,
                   lengths=[3, 12, 1, 12, 7])
        one_module("lstm_f64", "pt", torch.nn.LSTM(3, 4, bias=False), "a.b", dtype=torch.float64)
        one_module("gru_bf16", "safetensors", torch.nn.GRU(5, 3), "gru", dtype=torch.bfloat16)
        one_module("rnn_f16", "npz", torch.nn.RNN(5, 17, num_layers=3, bias=False), "rnn", dtype=torch.float16)
        lstm_head()
        relu_cell()
        gru_before()
        lstm_concatenated()


main()
