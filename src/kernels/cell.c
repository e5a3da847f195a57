/* One step of a recurrent cell for every unit of a row, all gates in one pass. */
#include "kernels/cell.h"

#include "kernels/activation_one.h"

void SRN_KERNEL(lstm)(const float *pre, float *c, float *h, size_t n)
{
  const float *i = pre, *f = pre + n, *g = pre + 2 * n, *o = pre + 3 * n;
  SRN_EACH
  for (size_t u = 0; u < n; u++) {
    float fresh = srn_sigmoid_one(i[u]) * srn_tanh_one(g[u]);
    float cell = srn_sigmoid_one(f[u]) * c[u] + fresh;
    c[u] = cell;
    h[u] = srn_sigmoid_one(o[u]) * srn_tanh_one(cell);
  }
}

void SRN_KERNEL(gru)(const float *in, const float *rec, float *h, size_t n)
{
  const float *in_r = in, *in_z = in + n, *in_n = in + 2 * n;
  const float *rec_r = rec, *rec_z = rec + n, *rec_n = rec + 2 * n;
  SRN_EACH
  for (size_t u = 0; u < n; u++) {
    float g = srn_tanh_one(srn_sigmoid_one(in_r[u] + rec_r[u]) * rec_n[u] + in_n[u]);
    float z = srn_sigmoid_one(in_z[u] + rec_z[u]);
    h[u] = z * (h[u] - g) + g;
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
