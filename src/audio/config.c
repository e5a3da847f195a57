/* The options of specrnn_audio_config as data. */
#include "specrnn/audio.h"

static const char *const CHANNELS[] = {"mean", "one", "all", "features", NULL};
static const char *const NAN_POLICIES[] = {"error", "zero", NULL};
static const char *const TRUNCATED_POLICIES[] = {"error", "accept", NULL};

/* More than thirty years: a bound that keeps the product with any rate far inside an int64. */
#define MAX_SECONDS 1e9

#define FIELD(name) offsetof(specrnn_audio_config, name)

static const specrnn_option OPTIONS[] = {
    {"sample_rate", SPECRNN_OPTION_INT, FIELD(sample_rate_hz), SPECRNN_AUDIO_MIN_RATE_HZ, SPECRNN_AUDIO_MAX_RATE_HZ,
     NULL, "native", 0, "Hz", "rate to resample to"},
    {"channels", SPECRNN_OPTION_CHOICE, FIELD(channels), 0, 0, CHANNELS, NULL, 0, NULL,
     "mean of all channels, one by its number, all as a leading axis, or all as features"},
    {"channel", SPECRNN_OPTION_INT, FIELD(channel), 0, SPECRNN_AUDIO_MAX_CHANNELS - 1, NULL, NULL, 0, NULL,
     "number of the channel that --channels one takes, from 0"},
    {"offset", SPECRNN_OPTION_DOUBLE, FIELD(offset_s), 0, MAX_SECONDS, NULL, NULL, 0, "s",
     "where the segment begins: 75.5, 1:15.5 or 1m15.5s"},
    {"duration", SPECRNN_OPTION_DOUBLE, FIELD(duration_s), 0, MAX_SECONDS, NULL, "none", INFINITY, "s",
     "length of the segment; none reads to the end"},
    {"nan", SPECRNN_OPTION_CHOICE, FIELD(nan), 0, 0, NAN_POLICIES, NULL, 0, NULL,
     "what to do about samples that are not finite: fail, or replace them by 0 and count them"},
    {"truncated", SPECRNN_OPTION_CHOICE, FIELD(truncated), 0, 0, TRUNCATED_POLICIES, NULL, 0, NULL,
     "what to do about a file that ends before its header says: fail, or take what there is"},
};

static const specrnn_audio_config DEFAULTS = SPECRNN_AUDIO_CONFIG_INIT;

static const specrnn_option_table TABLE = {"audio", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS,
                                           sizeof(specrnn_audio_config), &DEFAULTS};

const specrnn_option_table *specrnn_audio_options(void)
{
  return &TABLE;
}
