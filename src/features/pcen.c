/* Per-channel energy normalisation. */
#include "features/pcen.h"

#include <math.h>

/* Below this the smoother is silence; it stays out of the denormal range, where arithmetic is slow. */
static const double TINY = 1e-280;

srn_pcen srn_pcen_of(const specrnn_features_config *config)
{
  double t = config->pcen_time_constant_s * config->sample_rate_hz / config->hop_length;
  return (srn_pcen){
      .smoothing = (sqrt(1.0 + 4.0 * t * t) - 1.0) / (2.0 * t * t),
      .gain = config->pcen_gain,
      .bias = config->pcen_bias,
      .power = config->pcen_power,
      .eps = config->pcen_eps,
      .log_eps = log(config->pcen_eps),
      .scale = pow(config->pcen_bias, config->pcen_power),
  };
}

double srn_pcen_step(const srn_pcen *pcen, double *smooth, double value)
{
  double m = pcen->smoothing * value + (1.0 - pcen->smoothing) * *smooth;
  *smooth = m < TINY ? 0.0 : m;
  double log_gain = -pcen->gain * (pcen->log_eps + log1p(m / pcen->eps));
  if (pcen->power == 0.0) {
    return log1p(value * exp(log_gain));
  }
  if (pcen->bias == 0.0) {
    return exp(pcen->power * (log(value) + log_gain));
  }
  return pcen->scale * expm1(pcen->power * log1p(value * exp(log_gain) / pcen->bias));
}
