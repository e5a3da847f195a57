/* Decibels and PCEN of whole arrays. */
#include <math.h>

#include "core/fpu.h"
#include "features/pcen.h"
#include "features/setup.h"
#include "specrnn/features.h"

static float maximum_of(const float *values, size_t count)
{
  float maximum = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    maximum = values[i] > maximum ? values[i] : maximum;
  }
  return maximum;
}

static double at_least(double value, double floor)
{
  return value < floor ? floor : value;
}

static specrnn_status to_db(float *db, const float *values, size_t count, double factor, double ref, double amin,
                            double top_db)
{
  if (!(amin > 0.0) || !(top_db >= 0.0) || isnan(ref)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (!count) {
    return SPECRNN_OK;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  double maximum = maximum_of(values, count);
  double reference = isinf(ref) ? maximum : fabs(ref);
  double offset = factor * log10(at_least(reference, amin));
  double floor = factor * log10(at_least(maximum, amin)) - offset - top_db;
  for (size_t i = 0; i < count; i++) {
    db[i] = (float)at_least(factor * log10(at_least(values[i], amin)) - offset, floor);
  }
  srn_fpu_leave(mode);
  return SPECRNN_OK;
}

specrnn_status specrnn_power_to_db(float *db, const float *power, size_t count, double ref, double amin, double top_db)
{
  return to_db(db, power, count, 10.0, ref, amin, top_db);
}

specrnn_status specrnn_amplitude_to_db(float *db, const float *magnitude, size_t count, double ref, double amin,
                                       double top_db)
{
  return to_db(db, magnitude, count, 20.0, ref, amin, top_db);
}

specrnn_status specrnn_pcen(float *out, const float *rows, size_t n_rows, size_t n_bins,
                            const specrnn_features_config *config, const specrnn_log *log)
{
  srn_setup setup;
  specrnn_status status = srn_setup_of(&setup, config, log);
  if (status) {
    return status;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  srn_pcen pcen = srn_pcen_of(&setup.config);
  for (size_t k = 0; k < n_bins; k++) {
    double smooth = SRN_PCEN_START;
    for (size_t t = 0; t < n_rows; t++) {
      out[t * n_bins + k] = (float)srn_pcen_step(&pcen, &smooth, rows[t * n_bins + k]);
    }
  }
  srn_fpu_leave(mode);
  return SPECRNN_OK;
}
