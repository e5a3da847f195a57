#!/usr/bin/python3
"""Times recurrent layers beside PyTorch and ONNX Runtime on this machine, in this run: ratios count, times do not.

    encoder_against_peers.py SPECRNN [--onnxruntime FOLDER] [--rounds N] [--goals]

Whole arrays: LSTM 80-Hx2 over 1000 frames and the tutorial's RNN 257-128-64 over 6000. Streams: GRU 80-H, one frame a
call, with PyTorch's layer called in the same way. One thread each; the smallest of N rounds in which all take turns,
each the fastest of five after one that does not count. FOLDER is where `npm install --ignore-scripts onnxruntime-node`
was run (its package holds the library for the CPU); without it, and without torch, those columns stay empty, and so
does PyTorch's on the reference BLAS, which is no measure of PyTorch. Prints which BLAS it is and two Markdown tables. Exit 1 where --goals are asked for and one is missed, 77 (skipped) where no peer is there."""
import argparse
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import blas

blas.hold_to_one_thread()

SIZES = (64, 128, 256, 512)
LSTM_GOAL, TUTORIAL_GOAL = 0.8, 0.4  # times ONNX Runtime's time
STREAM_GOALS = {64: 1.2, 128: 1.2, 256: 1.2, 512: 0.8}  # times the floor
STREAM_FRAMES = 200
RUNS = 5

# what is run: label, cell, inputs, width of each layer, frames, goal
WORKS = [(f"LSTM 80-{h}x2", "LSTM", 80, (h, h), 1000, LSTM_GOAL) for h in SIZES]
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
  for (let i = 0; i < +process.argv[6]; i++) {
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
        with open(os.path.join(self.package, "package.json"), encoding="utf-8") as file:
            self.version = json.load(file)["version"]
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
        return float(subprocess.run(["node", self.runner, self.package, model, str(frames), str(inputs), str(RUNS)],
                                    check=True, capture_output=True, text=True).stdout)


# ------------------------------------------------------------------------------------------------------ PyTorch, ours
def fastest_milliseconds(work):
    """Of RUNS calls after one that does not count."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)


def torch_milliseconds(torch, cell, inputs, widths, frames):
    layers, size = [], inputs
    for width in widths:
        layers.append(getattr(torch.nn, cell)(size, width))
        size = width
    x = torch.rand(frames, 1, inputs)

    def run():
        y = x
        for layer in layers:
            y, _ = layer(y)

    with torch.no_grad():
        return fastest_milliseconds(run)


def torch_stream_microseconds(torch, hidden):
    layer, frames = torch.nn.GRU(80, hidden), torch.rand(STREAM_FRAMES, 1, 1, 80)

    def run():
        state = None
        for frame in frames:
            _, state = layer(frame, state)

    with torch.no_grad():
        return 1e3 * fastest_milliseconds(run) / STREAM_FRAMES


def bench(command, *options):
    result = subprocess.run([command, "bench", "encoder", "--repetitions", str(RUNS), "--json", *options], check=True,
                            capture_output=True, text=True)
    return json.loads(result.stdout)


def our_milliseconds(command, folder, label, cell, inputs, widths, frames):
    model = os.path.join(folder, label.replace(" ", "-") + ".safetensors")
    if not os.path.exists(model):
        subprocess.run([command, "model", "init", "-o", model, "--cell", cell.lower(), "--input-size", str(inputs),
                        "--hidden-size", ",".join(map(str, widths))], check=True, capture_output=True)
    report = bench(command, "--model", model, "--mode", "offline", "--frames", str(frames))
    return report["us_per_frame"] * frames * 1e-3


def load_torch():
    """PyTorch on one thread; None where it is missing, or its BLAS would make the figures meaningless."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    print(f"BLAS of PyTorch: {blas.in_words()}\n")
    if blas.is_reference():
        print(f"{blas.ADVICE}: no figures of PyTorch\n")
        return None
    return torch


def print_head(*columns):
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def cell_of(value):
    return f"{value:.2f}" if value < math.inf else ""


def whole_arrays(command, rounds, torch, onnx):
    """True where every goal is met, as far as there is a peer to tell."""
    print_head("whole arrays", "here, ms", f"ONNX Runtime {onnx.version if onnx else '(none)'}, ms", "times its time",
               "goal", f"PyTorch {torch.__version__ if torch else '(none)'}, ms")
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for label, cell, inputs, widths, frames, goal in WORKS:
            work = (cell, inputs, widths, frames)
            ours = peer = pytorch = math.inf
            for _ in range(rounds):
                ours = min(ours, our_milliseconds(command, folder, label, *work))
                peer = min(peer, onnx.milliseconds(label, *work)) if onnx else peer
                pytorch = min(pytorch, torch_milliseconds(torch, *work)) if torch else pytorch
            ratio = ours / peer if onnx else math.inf
            print(f"| {label}, {frames} frames | {cell_of(ours)} | {cell_of(peer)} | {cell_of(ratio)} | {goal} |"
                  f" {cell_of(pytorch)} |", flush=True)
            good &= not onnx or ratio <= goal
    print()
    return good


def streams(command, rounds, torch):
    print_head("one step of a stream", "here, us", "floor, us", "times the floor", "goal", "PyTorch, us")
    reports, pytorch = [], dict.fromkeys(SIZES, math.inf)
    for _ in range(rounds):
        reports.append(bench(command, "--widths", ",".join(map(str, SIZES)), "--frames", str(STREAM_FRAMES))["widths"])
        for hidden in SIZES if torch else ():
            pytorch[hidden] = min(pytorch[hidden], torch_stream_microseconds(torch, hidden))
    good = True
    for i, hidden in enumerate(SIZES):
        ours = min(report[i]["us_per_frame"] for report in reports)
        floor = min(report[i]["floor_us"] for report in reports)
        print(f"| GRU 80-{hidden} | {cell_of(ours)} | {cell_of(floor)} | {cell_of(ours / floor)} |"
              f" {STREAM_GOALS[hidden]} | {cell_of(pytorch[hidden])} |")
        good &= ours / floor <= STREAM_GOALS[hidden]
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", metavar="SPECRNN")
    parser.add_argument("--onnxruntime", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--goals", action="store_true")
    options = parser.parse_args()
    torch = load_torch()
    onnx = OnnxRuntime(options.onnxruntime) if options.onnxruntime else None
    if not torch and not onnx:
        print("SKIPPED: neither a torch to measure nor ONNX Runtime is here")
        return 77
    good = whole_arrays(options.command, options.rounds, torch, onnx)
    good &= streams(options.command, options.rounds, torch)
    return 1 if options.goals and not good else 0


if __name__ == "__main__":
    sys.exit(main())
