"""How far float32 can take a chain of recurrent layers from exact numbers: a running error analysis.

The chain is computed in float64 in several draws side by side. Draw 0 is exact; in the others every rounding that a
float32 makes is replaced by a random number of its size, where it happens, so that the recurrence carries it on as it
carries the real one: through the weights, gates and states of this very case. What the draws are apart from draw 0 is
the size of what float32 can come to, and depends on nothing but the operation: on no other implementation, and on no
BLAS, whose order of addition changes with the processor and the package.

    y = x * z, x + z       rounded by at most UNIT of y
    tanh, sigmoid          off by at most MAP_ERROR, the bound of src/kernels/kernels.h
    a sum of n products    every partial sum s_k is rounded; over all orders of the terms t the mean of the sum of
                           s_k^2 is S^2 (n + 1)(2 n + 1) / (6 n) + (n + 1)(Q - S^2 / n) / 6 with S = sum t, Q = sum t^2
"""
import numpy as np

UNIT = 2.0 ** -24
MAP_ERROR = 1e-7
DRAWS = 16


class Terms:
    """What is to be added up: the sum, the sum of the squares, and how many there are."""

    def __init__(self, total=0.0, squares=0.0, count=0):
        self.total, self.squares, self.count = total, squares, count

    def __add__(self, other):
        return Terms(self.total + other.total, self.squares + other.squares, self.count + other.count)

    def at(self, index):
        return Terms(self.total[index], self.squares[index], self.count)


def product(weight, x):
    return Terms(x @ weight.T, x ** 2 @ (weight ** 2).T, weight.shape[1])


def constant(bias):
    return Terms() if bias is None else Terms(bias, bias ** 2, 1)


class Rounding:
    """Arrays have the draws in front; the noise of draw 0 is zero."""

    def __init__(self, seed, draws=DRAWS, map_error=MAP_ERROR):
        self.random, self.draws, self.map_error = np.random.default_rng(seed), draws, map_error

    def noise(self, draw, shape):
        values = draw(shape)
        values[0] = 0
        return values

    def uniform(self, shape):
        return self.noise(lambda size: self.random.uniform(-1, 1, size), shape)

    def value(self, y):
        return y + UNIT * np.abs(y) * self.uniform(y.shape)

    def tanh(self, x):
        return np.tanh(x) + self.map_error * self.uniform(x.shape)

    def sigmoid(self, x):
        return 0.5 + 0.5 * np.tanh(0.5 * x) + self.map_error * self.uniform(x.shape)

    def sum(self, terms):
        n, total = terms.count, terms.total
        walk = total ** 2 * ((n + 1) * (2 * n + 1) / (6 * n))
        walk += (n + 1) / 6 * np.maximum(terms.squares - total ** 2 / n, 0)
        # Many roundings, each uniform within UNIT of its partial sum.
        return total + UNIT * np.sqrt(walk / 3) * self.noise(self.random.standard_normal, total.shape)


# ------------------------------------------------------------------------------------------------------------- cells
# (rounding, weights, what the input gives at this step, h, c) -> h, c

def rnn_tanh(r, w, given, h, c):
    return r.tanh(r.sum(given + w.recurrent(h))), c


def rnn_relu(r, w, given, h, c):
    return np.maximum(r.sum(given + w.recurrent(h)), 0), c


def lstm(r, w, given, h, c):
    i, f, g, o = np.split(r.sum(given + w.recurrent(h)), 4, -1)
    c = r.value(r.value(r.sigmoid(f) * c) + r.sigmoid(i) * r.tanh(g))
    h = r.value(r.sigmoid(o) * r.tanh(c))
    return (h if w.hr is None else r.sum(product(w.hr, h))), c


def gru_update(r, h, z, g):
    return r.value(z * r.value(h - g) + g)


def gru(r, w, given, h, c):
    size = h.shape[-1]
    gates, new = np.s_[..., :2 * size], np.s_[..., 2 * size:]
    recurrent = w.recurrent(h)
    reset, z = np.split(r.sigmoid(r.sum(given.at(gates) + recurrent.at(gates))), 2, -1)
    g = r.tanh(r.value(r.sum(given.at(new)) + reset * r.sum(recurrent.at(new))))
    return gru_update(r, h, z, g), c


def gru_before(r, w, given, h, c):
    size = h.shape[-1]
    gates, new = np.s_[..., :2 * size], np.s_[..., 2 * size:]
    reset, z = np.split(r.sigmoid(r.sum(given.at(gates) + w.recurrent(h).at(gates))), 2, -1)
    g = r.tanh(r.sum(given.at(new) + w.recurrent(r.value(reset * h)).at(new)))
    return gru_update(r, h, z, g), c


CELLS = {"RNN_TANH": rnn_tanh, "RNN_RELU": rnn_relu, "LSTM": lstm, "GRU": gru}


class Weights:
    """One direction of one layer of a module of torch.nn."""

    def __init__(self, module, suffix):
        self.ih, self.hh, self.b_ih, self.b_hh, self.hr = (
            parameter(module, name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"))

    def recurrent(self, h):
        return product(self.hh, h) + constant(self.b_hh)


def parameter(module, name):
    value = getattr(module, name, None)
    return None if value is None else value.detach().numpy().astype(np.float64)


# ------------------------------------------------------------------------------------------------------------- layers

def direction(r, cell, w, x, h, c, backwards):
    """x (draws, T, I), h and c (H) -> (draws, T, H), and the last h and c"""
    given = product(w.ih, x) + constant(w.b_ih)
    h, c = (np.repeat(s[None], len(x), 0) for s in (h, c))
    rows = [None] * x.shape[1]
    for t in (reversed(range(len(rows))) if backwards else range(len(rows))):
        h, c = cell(r, w, given.at(np.s_[:, t]), h, c)
        rows[t] = h
    return np.stack(rows, 1), h, c


def recurrent_module(r, module, cell, x, lengths, state):
    """x (draws, N, T, I) -> the outputs of every layer (draws, N, T, W), h_n and c_n (draws, L D, N, H)"""
    directions = 2 if module.bidirectional else 1
    outputs = []
    h_n, c_n = (np.repeat(s[None].astype(np.float64), len(x), 0) for s in state)
    for layer in range(module.num_layers):
        y = np.zeros(x.shape[:3] + (directions, h_n.shape[3]))
        for d in range(directions):
            w, row = Weights(module, "_l%d%s" % (layer, "_reverse" if d else "")), layer * directions + d
            for n, length in enumerate(lengths):
                y[:, n, :length, d], h_n[:, row, n], c_n[:, row, n] = direction(
                    r, cell, w, x[:, n, :length], state[0][row, n], state[1][row, n], d)
        x = y.reshape(y.shape[:3] + (-1,))
        outputs.append(x)
    return outputs, h_n, c_n


def linear(r, module, x, lengths, softmax):
    y = r.sum(product(parameter(module, "weight"), x) + constant(parameter(module, "bias")))
    if softmax:
        e = r.value(np.exp(y - y.max(-1, keepdims=True)))
        y = r.value(e / r.sum(Terms(e.sum(-1, keepdims=True), (e ** 2).sum(-1, keepdims=True), e.shape[-1])))
    for n, length in enumerate(lengths):
        y[:, n, length:] = 0
    return y


def chain(r, case, states):
    """Every draw of a case of compare_encoder: [layers], output, h_n, c_n, as its reference gives them."""
    x = np.repeat(case.x[None].astype(np.float64), 1 + r.draws, 0)
    lengths = case.lengths or [case.t] * case.n
    layers, h_n, c_n = [], [], [np.zeros((1 + r.draws, 0))]
    for module, state in zip(case.modules, states):
        last = module is case.modules[-1]
        if state is None:
            x = linear(r, module, x, lengths, last and case.softmax)
            layers += [] if last else [x]
            continue
        cell = gru_before if module.mode == "GRU" and case.before else CELLS[module.mode]
        outputs, h, c = recurrent_module(r, module, cell, x, lengths, state)
        x = outputs[-1]
        layers += outputs
        h_n.append(h.reshape(len(h), -1))
        if module.mode == "LSTM":
            c_n.append(c.reshape(len(c), -1))
    h_n, c_n = (np.concatenate(parts, 1) for parts in (h_n, c_n))
    return [([y[k] for y in layers], x[k], h_n[k], c_n[k]) for k in range(1 + r.draws)]
