/* Cells and layers on their own: the formulas in double, and the matrix product as a parameter. */
#include "model_testing.h"

#include "core/arena.h"
#include "nn/recurrent.h"

enum { INPUTS = 11, HIDDEN = 37, PROJECTED = 5, STEPS = 23, SEQUENCES = 3, MAX_GATES = 4 };

static double sigmoid(double x)
{
  return 1.0 / (1.0 + exp(-x));
}

/* ------------------------------------------------------------------------------------------------- the two products */

/* What training uses in place of the packed product: plain rows, another order of addition. */
static void product_of_rows(const srn_engine *engine, const srn_weights *w, const float *x, size_t x_stride,
                            const float *init, size_t init_stride, float *y, size_t y_stride, size_t frames,
                            srn_walk walk)
{
  (void)engine;
  (void)walk;
  for (size_t f = 0; f < frames; f++) {
    for (size_t r = 0; r < w->panels.rows; r++) {
      double sum = 0.0;
      for (size_t k = w->panels.depth; k-- > 0;) {
        sum += (double)w->rows[r * w->panels.depth + k] * (double)x[f * x_stride + k];
      }
      y[f * y_stride + r] = (float)(sum + (init ? (double)init[f * init_stride + r] : 0.0));
    }
  }
}

typedef struct weights {
  float *w_ih, *w_hh, *w_hr, *b_in, *b_rec;
  float *packed[4];
  size_t n_packed;
} weights;

static srn_weights pack(weights *w, const float *rows, size_t n_rows, size_t depth)
{
  srn_panels panels = {NULL, n_rows, depth, SRN_WEIGHT_F32};
  float *packed = srn_aligned_calloc(srn_panels_bytes(&panels), 1);
  assert_non_null(packed);
  srn_panels_pack(&panels, packed, rows, depth);
  panels.weights = packed;
  w->packed[w->n_packed++] = packed;
  return (srn_weights){panels, rows};
}

static float *scaled_noise(size_t count, uint32_t seed)
{
  float *values = noise(count, seed);
  for (size_t i = 0; i < count; i++) {
    values[i] *= 0.3F;
  }
  return values;
}

/* A layer of one direction. */
static srn_layer make_layer(const srn_cell *cell, size_t state_size, weights *w)
{
  size_t rows = cell->gates * HIDDEN;
  *w = (weights){scaled_noise(rows * INPUTS, 1),
                 scaled_noise(rows * state_size, 2),
                 scaled_noise(state_size * HIDDEN, 3),
                 scaled_noise(rows, 4),
                 scaled_noise(rows, 5),
                 {NULL},
                 0};
  srn_layer layer = {cell, INPUTS, HIDDEN, state_size, 1, {{.bias_in = w->b_in}}};
  srn_direction *d = &layer.direction[0];
  bool before = cell == &SRN_CELL_GRU_RESET_BEFORE;
  size_t apart = before ? rows - HIDDEN : rows;
  d->w_ih = pack(w, w->w_ih, rows, INPUTS);
  d->w_hh = pack(w, w->w_hh, apart, state_size);
  if (before) {
    d->w_hn = pack(w, w->w_hh + apart * state_size, HIDDEN, state_size);
  }
  if (state_size != HIDDEN) {
    d->w_hr = pack(w, w->w_hr, state_size, HIDDEN);
  }
  d->bias_rec = cell->recur ? w->b_rec : NULL;
  return layer;
}

static void free_weights(weights *w)
{
  float *all[] = {w->w_ih, w->w_hh, w->w_hr, w->b_in, w->b_rec};
  for (size_t i = 0; i < COUNT(all); i++) {
    free(all[i]);
  }
  for (size_t i = 0; i < w->n_packed; i++) {
    srn_aligned_free(w->packed[i]);
  }
}

/* Runs the layer; y (STEPS * SEQUENCES, P). */
static float *run(const srn_layer *layer, const srn_engine *engine, const float *x, size_t block_rows)
{
  float *h = zeros(SEQUENCES * HIDDEN);
  float *c = zeros(SEQUENCES * HIDDEN);
  float *scratch = noise(srn_layer_scratch(layer, SEQUENCES, block_rows), 8);
  float *y = noise(STEPS * SEQUENCES * layer->state_size, 9);
  const srn_pass pass = {.engine = engine,
                         .n_steps = STEPS,
                         .n_sequences = SEQUENCES,
                         .x = x,
                         .y = y,
                         .h = h,
                         .c = c,
                         .scratch = scratch,
                         .block_rows = block_rows};
  srn_layer_forward(layer, &pass);
  free(h);
  free(c);
  free(scratch);
  return y;
}

/* --------------------------------------------------------------------------------------------------- the formulas */

static double dot(const float *row, const double *x, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    sum += (double)row[i] * x[i];
  }
  return sum;
}

/* Pre-activation of one row, without the recurrent part. */
static double input_part(const weights *w, size_t row, const double *x)
{
  return dot(w->w_ih + row * INPUTS, x, INPUTS) + (double)w->b_in[row];
}

static void step_rnn(const srn_layer *layer, const weights *w, const double *x, double *h, double *c)
{
  (void)c;
  double next[HIDDEN];
  for (size_t j = 0; j < HIDDEN; j++) {
    double pre = input_part(w, j, x) + dot(w->w_hh + j * HIDDEN, h, HIDDEN);
    next[j] = layer->cell == &SRN_CELL_RNN_TANH ? tanh(pre) : fmax(pre, 0.0);
  }
  memcpy(h, next, sizeof next);
}

static void step_lstm(const srn_layer *layer, const weights *w, const double *x, double *h, double *c)
{
  double full[HIDDEN];
  for (size_t j = 0; j < HIDDEN; j++) {
    double pre[4];
    for (size_t g = 0; g < 4; g++) {
      size_t row = g * HIDDEN + j;
      pre[g] = input_part(w, row, x) + dot(w->w_hh + row * layer->state_size, h, layer->state_size);
    }
    c[j] = sigmoid(pre[1]) * c[j] + sigmoid(pre[0]) * tanh(pre[2]);
    full[j] = sigmoid(pre[3]) * tanh(c[j]);
  }
  if (layer->state_size == HIDDEN) {
    memcpy(h, full, sizeof full);
    return;
  }
  for (size_t j = 0; j < layer->state_size; j++) {
    h[j] = dot(w->w_hr + j * HIDDEN, full, HIDDEN);
  }
}

static void step_gru(const srn_layer *layer, const weights *w, const double *x, double *h, double *c)
{
  (void)c;
  double r[HIDDEN], reset[HIDDEN], next[HIDDEN];
  bool before = layer->cell == &SRN_CELL_GRU_RESET_BEFORE;
  for (size_t j = 0; j < HIDDEN; j++) {
    r[j] = sigmoid(input_part(w, j, x) + dot(w->w_hh + j * HIDDEN, h, HIDDEN) + (double)w->b_rec[j]);
    reset[j] = r[j] * h[j];
  }
  for (size_t j = 0; j < HIDDEN; j++) {
    size_t z_row = HIDDEN + j;
    size_t n_row = 2 * HIDDEN + j;
    double z = sigmoid(input_part(w, z_row, x) + dot(w->w_hh + z_row * HIDDEN, h, HIDDEN) + (double)w->b_rec[z_row]);
    double bias = (double)w->b_rec[n_row];
    double n = before ? dot(w->w_hh + n_row * HIDDEN, reset, HIDDEN) + bias
                      : r[j] * (dot(w->w_hh + n_row * HIDDEN, h, HIDDEN) + bias);
    next[j] = (1.0 - z) * tanh(input_part(w, n_row, x) + n) + z * h[j];
  }
  memcpy(h, next, sizeof next);
}

static const struct {
  const srn_cell *cell;
  size_t state_size;
  void (*step)(const srn_layer *, const weights *, const double *, double *, double *);
} CELLS[] = {
    {&SRN_CELL_RNN_TANH, HIDDEN, step_rnn},        {&SRN_CELL_RNN_RELU, HIDDEN, step_rnn},
    {&SRN_CELL_LSTM, HIDDEN, step_lstm},           {&SRN_CELL_LSTM, PROJECTED, step_lstm},
    {&SRN_CELL_GRU_RESET_AFTER, HIDDEN, step_gru}, {&SRN_CELL_GRU_RESET_BEFORE, HIDDEN, step_gru},
};

/* relu is not bounded: its states reach some tens here, and a float of that size is 2e-6 off by itself. */
static double allowed(double reference)
{
  return 2e-6 * fmax(1.0, fabs(reference));
}

static void cells_follow_their_formulas(void **state)
{
  (void)state;
  srn_engine engine = srn_engine_inference();
  float *x = noise((size_t)STEPS * SEQUENCES * INPUTS, 7);
  for (size_t i = 0; i < COUNT(CELLS); i++) {
    weights w;
    size_t width = CELLS[i].state_size;
    srn_layer layer = make_layer(CELLS[i].cell, width, &w);
    float *y = run(&layer, &engine, x, 8);
    for (size_t n = 0; n < SEQUENCES; n++) {
      double h[HIDDEN] = {0.0};
      double c[HIDDEN] = {0.0};
      for (size_t t = 0; t < STEPS; t++) {
        double input[INPUTS];
        for (size_t k = 0; k < INPUTS; k++) {
          input[k] = (double)x[(t * SEQUENCES + n) * INPUTS + k];
        }
        CELLS[i].step(&layer, &w, input, h, c);
        for (size_t j = 0; j < width; j++) {
          double got = (double)y[(t * SEQUENCES + n) * width + j];
          if (!(fabs(got - h[j]) <= allowed(h[j]))) {
            fail_msg("%s: step %zu, unit %zu is %.9g, not %.9g", layer.cell->name, t, j, got, h[j]);
          }
        }
      }
    }
    free(y);
    free_weights(&w);
  }
  free(x);
}

/* The same layer with another product: what training does. */
static void the_product_is_a_parameter(void **state)
{
  (void)state;
  srn_engine inference = srn_engine_inference();
  srn_engine rows = {inference.kernels, product_of_rows};
  float *x = noise((size_t)STEPS * SEQUENCES * INPUTS, 7);
  for (size_t i = 0; i < COUNT(CELLS); i++) {
    weights w;
    srn_layer layer = make_layer(CELLS[i].cell, CELLS[i].state_size, &w);
    float *packed = run(&layer, &inference, x, 8);
    float *plain = run(&layer, &rows, x, 8);
    size_t differing = 0;
    for (size_t k = 0; k < STEPS * SEQUENCES * CELLS[i].state_size; k++) {
      assert_true(fabs((double)packed[k] - (double)plain[k]) <= allowed((double)plain[k]));
      differing += packed[k] != plain[k];
    }
    assert_true(differing > 0); /* it was the other product */
    free(packed);
    free(plain);
    free_weights(&w);
  }
  free(x);
}

/* How many input products are made at once changes no bit. */
static void blocks_change_nothing(void **state)
{
  (void)state;
  static const size_t BLOCKS[] = {1, 2, 7, 3 * STEPS, 1000};
  srn_engine engine = srn_engine_inference();
  float *x = noise((size_t)STEPS * SEQUENCES * INPUTS, 7);
  for (size_t i = 0; i < COUNT(CELLS); i++) {
    weights w;
    srn_layer layer = make_layer(CELLS[i].cell, CELLS[i].state_size, &w);
    float *first = run(&layer, &engine, x, 8);
    for (size_t k = 0; k < COUNT(BLOCKS); k++) {
      float *other = run(&layer, &engine, x, BLOCKS[k]);
      assert_memory_equal(first, other, STEPS * SEQUENCES * CELLS[i].state_size * sizeof(float));
      free(other);
    }
    free(first);
    free_weights(&w);
  }
  free(x);
}

static void softmax_sums_to_one(void **state)
{
  (void)state;
  srn_engine engine = srn_engine_inference();
  float x[2][4] = {{1.0F, 2.0F, 3.0F, 4.0F}, {1000.0F, 1000.0F, -1000.0F, 999.0F}};
  static const double EXPECTED[2][4] = {{0.0320586, 0.0871443, 0.2368828, 0.6439143},
                                        {0.4223188, 0.4223188, 0.0, 0.1553624}};
  srn_node node = {.kind = &SRN_KIND_SOFTMAX, .n_inputs = 4};
  node.kind->plan(&node);
  const srn_pass pass = {.engine = &engine, .n_steps = 2, .n_sequences = 1, .x = *x, .y = *x};
  node.kind->forward(&node, NULL, &pass);
  for (size_t i = 0; i < 8; i++) {
    assert_true(fabs((double)x[i / 4][i % 4] - EXPECTED[i / 4][i % 4]) < 2e-7);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cells_follow_their_formulas),
      cmocka_unit_test(the_product_is_a_parameter),
      cmocka_unit_test(blocks_change_nothing),
      cmocka_unit_test(softmax_sums_to_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
