#!/usr/bin/python3
"""Times recurrent layers beside PyTorch and ONNX Runtime on this machine, in this run: ratios count, times do not.

    encoder_against_peers.py SPECRNN [--onnxruntime FOLDER] [--rounds N]

LSTM 80-Hx2 over 1000 frames and the tutorial's RNN 257-128-64 over 6000, one thread each; the smallest of N rounds in
which all take turns. FOLDER is where `npm install --ignore-scripts onnxruntime-node` was run (its package holds the
library for the CPU); without it, and without torch, those columns stay empty. Prints a Markdown table. Exit 77
(skipped) where no peer is there."""
import argparse
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

LSTM_SIZES = (64, 128, 256, 512)
LSTM_GOAL, TUTORIAL_GOAL = 0.8, 0.4  # times ONNX Runtime's time

# what is run: label, cell, inputs, width of each layer, frames, goal
WORKS = [(f"LSTM 80-{h}x2", "LSTM", 80, (h, h), 1000, LSTM_GOAL) for h in LSTM_SIZES]
WORKS.append(("RNN 257-128-64", "RNN", 257, (128, 64), 6000, TUTORIAL_GOAL))
GATES = {"LSTM": 4, "RNN": 1}


# ------------------------------------------------------------------------- ONNX, as much of protobuf as a model needs
def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A field of a message: an integer, or bytes (a string, a message, packed numbers)."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name, shape, values):
    floats, int64 = 1, 7
    whole = isinstance(values[0], int)
    data = struct.pack(f"<{len(values)}{'q' if whole else 'f'}", *values)
    return b"".join(field(1, n) for n in shape) + field(2, int64 if whole else floats) + field(8, name) + field(9, data)


def value_info(name, shape):
    dimensions = b"".join(field(1, field(1, n)) for n in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dimensions)))


def attribute(name, value):
    kind_int, kind_ints = 2, 7
    if isinstance(value, list):
        return field(1, name) + b"".join(field(8, v) for v in value) + field(20, kind_ints)
    return field(1, name) + field(3, value) + field(20, kind_int)


def node(operator, inputs, outputs, **attributes):
    return (b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(4, operator) +
            b"".join(field(5, attribute(k, v)) for k, v in attributes.items()))


def onnx_model(cell, inputs, widths, frames):
    """x (frames, 1, inputs) -> y (frames, 1, widths[-1]): a node per layer. Values are PyTorch's draws in no order."""
    nodes, initializers, name, size = [], [tensor("one", (1,), [1])], "x", inputs
    for layer, width in enumerate(widths):
        rows, bound = GATES[cell] * width, 1 / math.sqrt(width)
        for part, shape in (("W", (1, rows, size)), ("R", (1, rows, width)), ("B", (1, 2 * rows))):
            values = [random.uniform(-bound, bound) for _ in range(math.prod(shape))]
            initializers.append(tensor(f"{part}{layer}", shape, values))
        nodes.append(node(cell, [name, f"W{layer}", f"R{layer}", f"B{layer}"], [f"h{layer}"], hidden_size=width))
        name, size = f"y{layer}", width
        nodes.append(node("Squeeze", [f"h{layer}", "one"], [name]))
    graph = (b"".join(field(1, n) for n in nodes) + field(2, "encoder") + b"".join(field(5, t) for t in initializers) +
             field(11, value_info("x", (frames, 1, inputs))) + field(12, value_info(name, (frames, 1, size))))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 14))


RUNNER = """
const ort = require(process.argv[2]);
const [model, frames, inputs] = [process.argv[3], +process.argv[4], +process.argv[5]];
(async () => {
  const session = await ort.InferenceSession.create(model,
    {intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all'});
  const x = new ort.Tensor('float32', Float32Array.from({length: frames * inputs}, () => Math.random() - 0.5),
    [frames, 1, inputs]);
  await session.run({x});
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = process.hrtime.bigint();
    await session.run({x});
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e6);
  }
  console.log(best);
})();
"""


class OnnxRuntime:
    def __init__(self, folder):
        self.package = os.path.abspath(os.path.join(folder, "node_modules", "onnxruntime-node"))
        self.scratch = tempfile.TemporaryDirectory()
        self.runner = self.path("run.js")
        with open(self.runner, "w", encoding="ascii") as file:
            file.write(RUNNER)

    def path(self, name):
        return os.path.join(self.scratch.name, name)

    def milliseconds(self, label, cell, inputs, widths, frames):
        model = self.path(label.replace(" ", "-") + ".onnx")
        if not os.path.exists(model):
            with open(model, "wb") as file:
                file.write(onnx_model(cell, inputs, widths, frames))
        return float(subprocess.run(["node", self.runner, self.package, model, str(frames), str(inputs)], check=True,
                                    capture_output=True, text=True).stdout)


# ------------------------------------------------------------------------------------------------------ PyTorch, ours
def torch_milliseconds(torch, cell, inputs, widths, frames):
    import time
    layers, size = [], inputs
    for width in widths:
        layers.append(getattr(torch.nn, cell)(size, width))
        size = width
    x, best = torch.rand(frames, 1, inputs), math.inf
    with torch.no_grad():
        for _ in range(3):
            start, y = time.perf_counter(), x
            for layer in layers:
                y, _ = layer(y)
            best = min(best, 1e3 * (time.perf_counter() - start))
    return best


def our_milliseconds(command, folder, label, cell, inputs, widths, frames):
    model = os.path.join(folder, label.replace(" ", "-") + ".safetensors")
    if not os.path.exists(model):
        subprocess.run([command, "model", "init", "-o", model, "--cell", cell.lower(), "--input-size", str(inputs),
                        "--hidden-size", ",".join(map(str, widths))], check=True, capture_output=True)
    result = subprocess.run([command, "bench", "encoder", "--model", model, "--mode", "offline", "--frames",
                             str(frames), "--repetitions", "5", "--json"], check=True, capture_output=True, text=True)
    return json.loads(result.stdout)["us_per_frame"] * frames * 1e-3


def load_torch():
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    return torch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", metavar="SPECRNN")
    parser.add_argument("--onnxruntime", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch = load_torch()
    onnx = OnnxRuntime(options.onnxruntime) if options.onnxruntime else None
    if not torch and not onnx:
        print("SKIPPED: neither torch nor ONNX Runtime is here")
        return 77
    print("| work | here, ms | ONNX Runtime, ms | times its time | goal | PyTorch, ms |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for label, cell, inputs, widths, frames, goal in WORKS:
            work = (cell, inputs, widths, frames)
            ours = peer = pytorch = math.inf
            for _ in range(options.rounds):
                ours = min(ours, our_milliseconds(options.command, folder, label, *work))
                peer = min(peer, onnx.milliseconds(label, *work)) if onnx else peer
                pytorch = min(pytorch, torch_milliseconds(torch, *work)) if torch else pytorch
            cells = [f"{t:.2f}" if t < math.inf else "" for t in (ours, peer, pytorch)]
            ratio = f"{ours / peer:.2f}" if onnx else ""
            print(f"| {label}, {frames} frames | {cells[0]} | {cells[1]} | {ratio} | {goal} | {cells[2]} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
