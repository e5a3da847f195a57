/* One step of a recurrent cell for every unit of a row, all gates in one pass. */
#include "kernels/cell.h"

#include "kernels/activation_one.h"

/* Units whose step is taken in two passes. What the second waits for is then long done: a processor that looks a few
 * hundred instructions ahead sees several vectors of a short pass, and hardly one of a whole step. */
enum { PASS_UNITS = 64 };

static size_t pass_units(size_t left)
{
  return left < PASS_UNITS ? left : PASS_UNITS;
}

void SRN_KERNEL(lstm)(const float *pre, float *c, float *h, size_t n)
{
  const float *i = pre, *f = pre + n, *g = pre + 2 * n, *o = pre + 3 * n;
  for (size_t first = 0; first < n; first += PASS_UNITS) {
    size_t end = first + pass_units(n - first);
    SRN_EACH
    for (size_t u = first; u < end; u++) {
      float fresh = srn_sigmoid_one(i[u]) * srn_tanh_one(g[u]);
      c[u] = srn_sigmoid_one(f[u]) * c[u] + fresh;
    }
    SRN_EACH
    for (size_t u = first; u < end; u++) {
      h[u] = srn_sigmoid_one(o[u]) * srn_tanh_one(c[u]);
    }
  }
}

void SRN_KERNEL(gru)(const float *in, const float *rec, float *h, size_t n)
{
  const float *in_r = in, *in_z = in + n, *in_n = in + 2 * n;
  const float *rec_r = rec, *rec_z = rec + n, *rec_n = rec + 2 * n;
  float pre[PASS_UNITS];
  for (size_t first = 0; first < n; first += PASS_UNITS) {
    size_t count = pass_units(n - first);
    SRN_EACH
    for (size_t k = 0; k < count; k++) {
      size_t u = first + k;
      pre[k] = srn_sigmoid_one(in_r[u] + rec_r[u]) * rec_n[u] + in_n[u];
    }
    SRN_EACH
    for (size_t k = 0; k < count; k++) {
      size_t u = first + k;
      float g = srn_tanh_one(pre[k]);
      float z = srn_sigmoid_one(in_z[u] + rec_z[u]);
      h[u] = z * (h[u] - g) + g;
    }
  }
}

void SRN_KERNEL(gru_reset)(const float *in, const float *rec, const float *h, float *rh, size_t n)
{
  SRN_EACH
  for (size_t u = 0; u < n; u++) {
    rh[u] = srn_sigmoid_one(in[u] + rec[u]) * h[u];
  }
}

void SRN_KERNEL(gru_update)(const float *in, const float *rec, float *h, size_t n)
{
  const float *in_z = in, *in_n = in + n;
  const float *rec_z = rec, *rec_n = rec + n;
  SRN_EACH
  for (size_t u = 0; u < n; u++) {
    float g = srn_tanh_one(in_n[u] + rec_n[u]);
    float z = srn_sigmoid_one(in_z[u] + rec_z[u]);
    h[u] = z * (h[u] - g) + g;
  }
}
