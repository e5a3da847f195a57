/* The option table of the front ends: one row per field of specrnn_features_config. */
#include "specrnn/features.h"

static const char *const PRESETS[] = {"librosa", "torchaudio", "kaldi", "whisper", NULL};
static const char *const KINDS[] = {"stft", "mel", "mfcc", "wave", NULL};
static const char *const WINDOWS[] = {"hann", "hamming", "blackman", "povey", "rectangular", "kaiser", NULL};
static const char *const POSITIONS[] = {"center", "left", NULL};
static const char *const PAD_MODES[] = {"constant", "reflect", "edge", NULL};
static const char *const NORMALIZED[] = {"none", "window", "frame_length", NULL};
static const char *const MEL_SCALES[] = {"slaney", "htk", "kaldi", NULL};
static const char *const MEL_NORMS[] = {"none", "slaney", NULL};
static const char *const MEL_BANKS[] = {"librosa", "torchaudio", "kaldi", NULL};
static const char *const SCALES[] = {"linear", "db", "ln", "log10", "whisper", "pcen", NULL};
static const char *const MAXIMA[] = {"whole", "fixed", "running", NULL};
static const char *const LIFTERS[] = {"librosa", "kaldi", NULL};
static const char *const DELTAS[] = {"savgol", "regression", NULL};
static const char *const CMVNS[] = {"none", "utterance", "sliding", "file", NULL};
static const char *const PRECISIONS[] = {"float", "double", NULL};

#define AT(field) offsetof(specrnn_features_config, field)
#define CHOICE(field, names, help)                                                                                     \
  {                                                                                                                    \
#field, SPECRNN_OPTION_CHOICE, AT(field), 0, 0, names, NULL, 0, NULL, help                                         \
  }
#define FLAG(field, help)                                                                                              \
  {                                                                                                                    \
#field, SPECRNN_OPTION_BOOL, AT(field), 0, 1, NULL, NULL, 0, NULL, help                                            \
  }
#define WHOLE(field, low, high, unit, help)                                                                            \
  {                                                                                                                    \
#field, SPECRNN_OPTION_INT, AT(field), low, high, NULL, NULL, 0, unit, help                                        \
  }
#define REAL(field, low, high, unit, help)                                                                             \
  {                                                                                                                    \
#field, SPECRNN_OPTION_DOUBLE, AT(field), low, high, NULL, NULL, 0, unit, help                                     \
  }
#define WHOLE_OR(word, value, field, low, high, unit, help)                                                            \
  {                                                                                                                    \
#field, SPECRNN_OPTION_INT, AT(field), low, high, NULL, word, value, unit, help                                    \
  }
#define REAL_OR(word, value, field, low, high, unit, help)                                                             \
  {                                                                                                                    \
#field, SPECRNN_OPTION_DOUBLE, AT(field), low, high, NULL, word, value, unit, help                                 \
  }

/* clang-format off */
static const specrnn_option OPTIONS[] = {
    CHOICE(preset, PRESETS, "Front end whose numbers are reproduced; fills every other field"),
    CHOICE(kind, KINDS, "What comes out: spectrum, mel bands, cepstrum, or the samples themselves"),
    WHOLE(sample_rate_hz, 1, 3072000, "Hz", "Sample rate that the features are computed at"),
    REAL(input_scale, 1e-12, 1e12, NULL, "Factor on the samples (32768: the range of 16-bit integers)"),
    REAL_OR("none", SPECRNN_NONE, fit_duration_s, 1e-3, 86400, "s", "Pad with zeros or trim to this duration first"),

    WHOLE_OR("auto", SPECRNN_AUTO, n_fft, 1, 1048576, "samples", "Size of the Fourier transform"),
    WHOLE_OR("auto", SPECRNN_AUTO, win_length, 1, 1048576, "samples", "Length of the window, at most n_fft"),
    WHOLE_OR("auto", SPECRNN_AUTO, hop_length, 1, 1048576, "samples", "Samples from one frame to the next"),
    FLAG(round_to_power_of_two, "Kaldi: an automatic n_fft is the next power of two"),
    CHOICE(window, WINDOWS, "Shape of the window"),
    REAL(kaiser_beta, 0, 100, NULL, "Shape parameter of the Kaiser window"),
    FLAG(window_periodic, "Window of period win_length; otherwise symmetric"),
    CHOICE(window_position, POSITIONS, "Where a window shorter than n_fft lies"),
    FLAG(center, "Pad both ends so that frame f is centred at sample f * hop_length"),
    CHOICE(pad_mode, PAD_MODES, "What stands beyond both ends of the input"),
    FLAG(snip_edges, "Without centring: only frames that lie wholly inside; otherwise Kaldi's mirrored ends"),
    FLAG(drop_last_frame, "Leave the last frame out, as Whisper does"),

    REAL(dither, 0, 1e6, NULL, "Standard deviation of the noise added to each scaled sample"),
    {"seed", SPECRNN_OPTION_UINT64, AT(seed), 0, 0, NULL, NULL, 0, NULL, "Seed of the dither"},
    FLAG(remove_dc_offset, "Subtract the mean of each frame"),
    REAL(preemphasis, 0, 1, NULL, "Pre-emphasis within each frame: x[i] -= c x[i-1]"),

    REAL_OR("complex", SPECRNN_POWER_COMPLEX, power, 1e-3, 16, NULL, "Exponent of the magnitude: 1 magnitude, 2 power"),
    CHOICE(normalized, NORMALIZED, "Divide the spectrum by the window's norm, or by the root of n_fft"),

    WHOLE(n_mels, 1, 4096, NULL, "Number of mel bands"),
    REAL(fmin, 0, 1536000, "Hz", "Lowest frequency of the mel bands"),
    REAL_OR("nyquist", SPECRNN_FMAX_NYQUIST, fmax, -1536000, 1536000, "Hz",
            "Highest frequency of the mel bands; negative: offset from the Nyquist frequency"),
    CHOICE(mel_scale, MEL_SCALES, "Formula from Hz to mel"),
    CHOICE(mel_norm, MEL_NORMS, "Area normalisation of the mel filters"),
    CHOICE(mel_bank, MEL_BANKS, "Whose construction of the mel filters"),

    CHOICE(scale, SCALES, "Scale of the values"),
    REAL_OR("max", SPECRNN_REF_MAX, ref, 1e-300, 1e300, NULL, "Value that becomes 0 on a logarithmic scale"),
    REAL_OR("auto", SPECRNN_AUTO, amin, 1e-300, 1e300, NULL, "Least value before the logarithm"),
    REAL_OR("none", SPECRNN_NONE, top_db, 0, 10000, "dB", "Range kept below the maximum"),
    CHOICE(maximum, MAXIMA, "What stands for the input's maximum; a stream cannot know the whole one"),
    REAL(maximum_value, 1e-300, 1e300, NULL, "The maximum under the policy fixed"),

    FLAG(use_energy, "Add the frame's log energy (mel), or put it in place of C0 (mfcc) or of bin 0 (stft)"),
    FLAG(raw_energy, "Energy before pre-emphasis and window"),
    REAL(energy_floor, 0, 1e30, NULL, "Least energy; 0 for none"),
    FLAG(htk_compat, "Energy or C0 last, as HTK has it"),

    REAL(pcen_gain, 0, 1000, NULL, "PCEN: strength of the gain normalisation"),
    REAL(pcen_bias, 0, 1e30, NULL, "PCEN: added before the compression"),
    REAL(pcen_power, 0, 1000, NULL, "PCEN: exponent of the compression; 0 is logarithmic"),
    REAL(pcen_time_constant_s, 1e-6, 1e6, "s", "PCEN: time constant of the smoother"),
    REAL(pcen_eps, 1e-300, 1e30, NULL, "PCEN: least level of the smoother"),

    WHOLE(n_mfcc, 1, 4096, NULL, "Number of cepstral coefficients, at most n_mels"),
    REAL(lifter, 0, 1e6, NULL, "Cepstral lifter; 0 for none"),
    CHOICE(lifter_kind, LIFTERS, "Whose numbering of the liftered coefficients"),

    WHOLE(delta_order, 0, 2, NULL, "Append deltas (1), and deltas of deltas (2)"),
    CHOICE(delta_kind, DELTAS, "How deltas are computed"),
    WHOLE(delta_width, 3, 1001, "frames", "Frames behind a delta; odd"),
    CHOICE(cmvn, CMVNS, "Mean normalisation of every bin over frames"),
    FLAG(cmvn_variance, "Divide by the deviation too"),
    WHOLE(cmvn_window, 1, 100000, "frames", "Window of the sliding normalisation"),
    WHOLE(cmvn_min_window, 1, 100000, "frames", "Least window at the start of the sliding normalisation"),
    FLAG(cmvn_center, "Sliding window around the frame instead of before it"),
    WHOLE(splice_left, 0, 100, "frames", "Frames before each frame put beside it"),
    WHOLE(splice_right, 0, 100, "frames", "Frames after each frame put beside it"),

    CHOICE(precision, PRECISIONS, "Arithmetic of the computation; the features are float"),
};
/* clang-format on */

static const specrnn_features_config DEFAULTS = SPECRNN_FEATURES_CONFIG_INIT;

static const specrnn_option_table TABLE = {
    .name = "features",
    .options = OPTIONS,
    .count = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(specrnn_features_config),
    .defaults = &DEFAULTS,
};

const specrnn_option_table *specrnn_features_options(void)
{
  return &TABLE;
}
