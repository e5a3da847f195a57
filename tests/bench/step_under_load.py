#!/usr/bin/python3
"""Times single steps of recurrent models while another core is busy, on noise, on silence after it, on fading sound.

    step_under_load.py SPECRNN [--busy computing|copying] [--hidden H] [--steps N] [--paced-steps N] [--hop MS]
                       [--realtime] [--limit MS] [--ratio-limit X]

RNN (tanh, relu), GRU and LSTM of one and two layers on 80 inputs, without biases, so that their states decay to
nothing in silence: N steps of each phase back to back, then GRU and LSTM of two layers at the pace of a stream, a step
every --hop milliseconds (0 paced steps: none); with --realtime at the priority that an audio callback's thread has,
which needs rights, and which Linux takes away from who works for more than 0.95 s of a second. Meanwhile a process on
a core of its own computes, or copies more memory than a cache holds, so that the weights of a paced step come from
memory.

Prints two Markdown tables, in microseconds: a step, p99.9 and max as the worst of the three phases; back to back, what
silence and fading cost of what noise costs; at a pace, from when a frame was due to the end of its step; and how often
something else took the core away from the process. Exit 1 where a p99.9 of the steps is above --limit milliseconds, or
a cost above --ratio-limit; 77 (skipped) on a machine with one core."""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile

CELLS = {"RNN tanh": ("rnn", "tanh"), "RNN relu": ("rnn", "relu"), "GRU": ("gru", "tanh"), "LSTM": ("lstm", "tanh")}
INPUTS = 80
MODELS = [(name, layers) for name in CELLS for layers in (1, 2)]
PACED_MODELS = [("GRU", 2), ("LSTM", 2)]
PHASES = ("step", "step_silence", "step_fading")
RATIOS = ("silence_ratio", "fading_ratio")
BUSY_BYTES = {"computing": 1 << 10, "copying": 64 << 20}  # that it works on: the first stay in its own cache
REALTIME_PRIORITY = 50  # of 1 to 99


def keep_busy(core, manner, started):
    os.sched_setaffinity(0, {core})
    size = BUSY_BYTES[manner]
    source, target = bytearray(size), bytearray(size)
    started.set()
    while True:
        target[:] = source


class BusyCore:
    """A process that works on `core` for as long as the block lasts."""

    def __init__(self, core, manner):
        self.started = multiprocessing.Event()
        self.process = multiprocessing.Process(target=keep_busy, args=(core, manner, self.started), daemon=True)

    def __enter__(self):
        self.process.start()
        self.started.wait()

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


def make_model(specrnn, folder, name, layers, hidden):
    cell, nonlinearity = CELLS[name]
    path = os.path.join(folder, f"{cell}-{nonlinearity}-{layers}.safetensors")
    subprocess.run([specrnn, "model", "init", "-o", path, "--cell", cell, "--nonlinearity", nonlinearity, "--no-bias",
                    "--input-size", str(INPUTS), "--hidden-size", str(hidden), "--num-layers", str(layers)],
                   check=True, stdout=subprocess.DEVNULL)
    return path


def measure(options, core, model, steps, hop_ms):
    command = [options.specrnn, "bench", "encoder", "--json", "--model", model, "--repetitions", "1",
               "--frames", "1000", "--steps", str(steps), "--hop", str(hop_ms)]

    def take_place():
        os.sched_setaffinity(0, {core})
        if options.realtime:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REALTIME_PRIORITY))

    child = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=take_place)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    return {**json.loads(text), "interruptions": usage.ru_nivcsw}


def worst(facts, figure):
    return max(facts[f"{phase}_{figure}_us"] for phase in PHASES)


def cost_cells(facts):
    return [f"{facts[ratio]:.2f}" for ratio in RATIOS]


def lateness_cells(facts):
    return [f"{facts['due_p999_us']:.0f}", f"{facts['due_max_us']:.0f}"]


def run_table(options, folder, core, paced):
    """True where every figure keeps its limit."""
    steps, hop_ms = (options.paced_steps, options.hop) if paced else (options.steps, 0)
    pace = f"one every {hop_ms:g} ms" if paced else "back to back"
    columns = [f"{steps} steps, {pace}", "p50", "p99.9", "max"]
    columns += ["due, p99.9", "due, max"] if paced else ["silence", "fading"]
    columns.append("interrupted")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    good = True
    for name, layers in PACED_MODELS if paced else MODELS:
        model = make_model(options.specrnn, folder, name, layers, options.hidden)
        facts = measure(options, core, model, steps, hop_ms)
        cells = [f"{name}, {layers} layer{'s' if layers > 1 else ''}", f"{facts['step_p50_us']:.1f}",
                 f"{worst(facts, 'p999'):.1f}", f"{worst(facts, 'max'):.0f}"]
        cells += lateness_cells(facts) if paced else cost_cells(facts)
        print(f"| {' | '.join(cells)} | {facts['interruptions']} |", flush=True)
        good &= options.limit is None or worst(facts, "p999") <= 1e3 * options.limit
        good &= paced or options.ratio_limit is None or max(facts[r] for r in RATIOS) <= options.ratio_limit
    print()
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specrnn", metavar="SPECRNN")
    parser.add_argument("--busy", choices=BUSY_BYTES, default="computing")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--paced-steps", type=int, default=2000)
    parser.add_argument("--hop", type=float, default=10.0)
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--limit", type=float)
    parser.add_argument("--ratio-limit", type=float)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("SKIPPED: there is no other core to be busy")
        return 77
    with tempfile.TemporaryDirectory() as folder, BusyCore(cores[-1], options.busy):
        good = run_table(options, folder, cores[0], False)
        if options.paced_steps:
            good &= run_table(options, folder, cores[0], True)
    if not good:
        print("a limit is not kept", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
