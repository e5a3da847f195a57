"""The calls of features.h that the comparisons need, by ctypes on the built library."""
import ctypes as c

import numpy as np

PRESETS = ("librosa", "torchaudio", "kaldi", "whisper")
KINDS = ("stft", "mel", "mfcc", "wave")


class OptionTable(c.Structure):
    _fields_ = [("name", c.c_char_p), ("options", c.c_void_p), ("count", c.c_size_t), ("size", c.c_size_t),
                ("defaults", c.c_void_p)]


class Log(c.Structure):
    WRITE = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_char_p)
    _fields_ = [("write", WRITE), ("user", c.c_void_p)]


class Shape(c.Structure):
    _fields_ = [("n_bins", c.c_size_t), ("n_base_bins", c.c_size_t), ("hop_length", c.c_int),
                ("frame_rate_hz", c.c_double), ("latency_samples", c.c_size_t), ("whole_input", c.c_bool)]


class Refused(Exception):
    """The library returned a failure; the text is its message."""


class Features:
    def __init__(self, path):
        self.library = c.CDLL(path)
        self.library.specrnn_features_options.restype = c.POINTER(OptionTable)
        self.table = self.library.specrnn_features_options()
        self.messages = []
        self.write = Log.WRITE(lambda user, level, message: self.messages.append(message.decode()))
        self.log = Log(self.write, None)

    def check(self, status):
        if status:
            raise Refused(self.messages[-1] if self.messages else str(status))

    def configure(self, preset, kind, **options):
        """The bytes of a specrnn_features_config."""
        config = c.create_string_buffer(self.table.contents.size)
        self.check(self.library.specrnn_features_preset(config, PRESETS.index(preset), KINDS.index(kind)))
        for key, value in options.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self.check(self.library.specrnn_option_set(self.table, config, key.encode(), text.encode(),
                                                       c.byref(self.log)))
        return config

    def compute(self, config, samples):
        """(frames, bins); complex where the configuration says so is left as pairs."""
        shape, n_frames, n_rows = Shape(), c.c_uint64(), c.c_size_t()
        samples = np.ascontiguousarray(samples, np.float32)
        log = c.byref(self.log)
        self.check(self.library.specrnn_features_describe(config, c.byref(shape), log))
        self.check(self.library.specrnn_features_frame_count(config, c.c_uint64(len(samples)), c.byref(n_frames), log))
        rows = np.empty((n_frames.value, shape.n_bins), np.float32)
        self.check(self.library.specrnn_features_compute_array(
            config, samples.ctypes.data_as(c.c_void_p), c.c_size_t(len(samples)), rows.ctypes.data_as(c.c_void_p),
            c.c_size_t(len(rows)), c.byref(n_rows), log))
        assert n_rows.value == n_frames.value
        return rows
