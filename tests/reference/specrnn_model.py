"""The calls of model.h and encoder.h that the comparisons need, by ctypes on the built library."""
import ctypes as c

import numpy as np


class Log(c.Structure):
    WRITE = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_char_p)
    _fields_ = [("write", WRITE), ("user", c.c_void_p)]


class LoadConfig(c.Structure):
    _fields_ = [("nonlinearity", c.c_int), ("gru_reset", c.c_int), ("activation", c.c_int), ("layout", c.c_int),
                ("chain", c.c_char_p), ("concatenated", c.c_char_p), ("memory_limit", c.c_uint64)]


class OptionTable(c.Structure):
    _fields_ = [("name", c.c_char_p), ("options", c.c_void_p), ("count", c.c_size_t), ("size", c.c_size_t),
                ("defaults", c.c_void_p)]


class Info(c.Structure):
    _fields_ = ([("source", c.c_int)] +
                [(name, c.c_size_t) for name in ("n_modules", "n_layers", "n_parameters", "n_weights",
                                                 "bytes_per_step", "input_size", "output_size", "h_size", "c_size",
                                                 "n_tests")] +
                [(name, c.c_bool) for name in ("has_output_layer", "bidirectional", "batch_first", "has_normaliser",
                                               "has_front_end")] +
                [("fingerprint", c.c_uint64)])


class Layer(c.Structure):
    _fields_ = ([("module", c.c_void_p), ("kind", c.c_char_p), ("title", c.c_char_p), ("description", c.c_char_p),
                 ("cell", c.c_char_p), ("h_size", c.c_size_t), ("c_size", c.c_size_t), ("gates", c.c_void_p),
                 ("low", c.c_double), ("high", c.c_double), ("module_index", c.c_size_t), ("layer_in_module", c.c_int)] +
                [(name, c.c_size_t) for name in ("input_size", "width", "n_directions", "n_gates", "hidden_size",
                                                 "h_offset", "c_offset", "n_weights", "bytes_per_step")])


class Trace(c.Structure):
    _fields_ = [("gates", c.c_void_p), ("cell", c.c_void_p)]


class EncoderOutput(c.Structure):
    _fields_ = [("hidden", c.POINTER(c.c_void_p)), ("output", c.c_void_p), ("trace", c.POINTER(Trace))]


class Batch(c.Structure):
    _fields_ = [("input", c.c_void_p), ("n_sequences", c.c_size_t), ("n_frames", c.c_size_t),
                ("batch_first", c.c_bool), ("lengths", c.POINTER(c.c_size_t)), ("h0", c.c_void_p), ("c0", c.c_void_p),
                ("training", c.c_bool), ("dropout_seed", c.c_uint64), ("dropout_step", c.c_uint64),
                ("first_frame", c.c_uint64), ("sequence_ids", c.POINTER(c.c_uint64)), ("hidden", c.POINTER(c.c_void_p)),
                ("output", c.c_void_p), ("h_n", c.c_void_p), ("c_n", c.c_void_p), ("trace", c.POINTER(Trace))]


def _pointer(array):
    return None if array is None else array.ctypes.data


class Library:
    def __init__(self, path):
        self.lib = c.CDLL(path)
        self.lib.specrnn_model_describe.restype = c.POINTER(Info)
        self.lib.specrnn_model_describe.argtypes = [c.c_void_p]
        self.lib.specrnn_model_layer.restype = c.POINTER(Layer)
        self.lib.specrnn_model_layer.argtypes = [c.c_void_p, c.c_size_t]
        self.lib.specrnn_encoder_process.argtypes = [c.c_void_p, c.c_void_p, c.c_size_t, c.c_void_p]
        self.lib.specrnn_encoder_process.restype = None
        self.lib.specrnn_model_load_options.restype = c.POINTER(OptionTable)
        size = self.lib.specrnn_model_load_options().contents.size
        assert c.sizeof(LoadConfig) == size, "specrnn_model_load_config has %d bytes, here %d" % (
            size, c.sizeof(LoadConfig))
        self.messages = []
        self._write = Log.WRITE(lambda user, level, text: self.messages.append(text.decode()))
        self.log = Log(self._write, None)

    def check(self, status):
        if status:
            raise RuntimeError("status %d: %s" % (status, self.messages[-1:]))

    def load(self, data, **options):
        config = LoadConfig(**options)
        model = c.c_void_p()
        self.check(self.lib.specrnn_model_load_memory(c.byref(model), data, c.c_size_t(len(data)), c.byref(config),
                                                      c.byref(self.log)))
        return Model(self, model)


class Model:
    def __init__(self, library, handle):
        self.library, self.handle = library, handle
        self.info = library.lib.specrnn_model_describe(handle).contents
        self.layers = [library.lib.specrnn_model_layer(handle, i).contents for i in range(self.info.n_layers)]

    def close(self):
        self.library.lib.specrnn_model_destroy(c.byref(self.handle))

    def forward(self, x, batch_first=True, lengths=None, h0=None, c0=None):
        """x (N, T, I) or (T, N, I); gives every layer's hidden states, the output, h_n and c_n (flat)."""
        x = np.ascontiguousarray(x, np.float32)
        n, t = (x.shape[0], x.shape[1]) if batch_first else (x.shape[1], x.shape[0])
        hidden = [np.full(x.shape[:2] + (layer.width,), np.nan, np.float32) for layer in self.layers]
        output = np.full(x.shape[:2] + (self.info.output_size,), np.nan, np.float32)
        h_n = np.full(n * self.info.h_size, np.nan, np.float32)
        c_n = np.full(n * self.info.c_size, np.nan, np.float32)
        h0 = None if h0 is None else np.ascontiguousarray(h0, np.float32)
        c0 = None if c0 is None else np.ascontiguousarray(c0, np.float32)
        batch = Batch(input=_pointer(x), n_sequences=n, n_frames=t, batch_first=batch_first, h0=_pointer(h0),
                      c0=_pointer(c0), output=_pointer(output), h_n=_pointer(h_n), c_n=_pointer(c_n))
        batch.hidden = (c.c_void_p * len(hidden))(*[_pointer(h) for h in hidden])
        if lengths is not None:
            batch.lengths = (c.c_size_t * n)(*lengths)
        self.library.check(self.library.lib.specrnn_model_forward(self.handle, c.byref(batch),
                                                                  c.byref(self.library.log)))
        return hidden, output, h_n, c_n

    def stream(self, x, cuts, state=None):
        """One sequence (T, I) in parts of cuts[i] frames; gives every layer's hidden states and the output."""
        x = np.ascontiguousarray(x, np.float32)
        encoder = c.c_void_p()
        self.library.check(self.library.lib.specrnn_encoder_create(c.byref(encoder), self.handle,
                                                                   c.byref(self.library.log)))
        if state is not None:
            h, cell = (np.ascontiguousarray(s, np.float32) for s in state)
            self.library.lib.specrnn_encoder_set_state(encoder, c.c_void_p(_pointer(h)), c.c_void_p(_pointer(cell)))
        hidden = [np.full((len(x), layer.width), np.nan, np.float32) for layer in self.layers]
        output = np.full((len(x), self.info.output_size), np.nan, np.float32)
        done = 0
        for n in cuts:
            part = EncoderOutput(output=_pointer(output[done:]), trace=None)
            part.hidden = (c.c_void_p * len(hidden))(*[_pointer(h[done:]) for h in hidden])
            self.library.lib.specrnn_encoder_process(encoder, _pointer(x[done:]), n, c.byref(part))
            done += n
        assert done == len(x)
        self.library.lib.specrnn_encoder_destroy(c.byref(encoder))
        return hidden, output
