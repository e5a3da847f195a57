/* A graph, node after node, over the rows of some steps of some sequences. */
#include "nn/sweep.h"

/* Whether a node writes where it reads: not into the input, which is not ours. */
static bool is_in_place(const srn_sweep *s, size_t i)
{
  return i > 0 && i < s->n_nodes && s->cache->graph->nodes[i].kind->in_place;
}

/* Where the rows of a node go: to whoever wants them, or those of a node behind it that works in place; else to the
 * buffer that x is not in. */
static float *destination(const srn_sweep *s, size_t i, const float *x)
{
  size_t last = i;
  while (is_in_place(s, last + 1)) {
    last++;
  }
  for (size_t k = i; s->to && k <= last; k++) {
    if (s->to[k]) {
      return s->to[k];
    }
  }
  return s->rows[x == s->rows[0]];
}

static void run_node(const srn_sweep *s, size_t i, const float *x, float *y)
{
  const srn_node *node = &s->cache->graph->nodes[i];
  const srn_pass pass = {
      .engine = s->engine,
      .n_steps = s->n_steps,
      .n_sequences = s->n_sequences,
      .active = s->active,
      .x = x,
      .y = y,
      .h = s->h + node->h_offset * s->n_sequences,
      .c = s->c + node->c_offset * s->n_sequences,
      .scratch = s->scratch,
      .saved = s->saved,
      .block_rows = s->block_rows,
      .position = s->position,
      .first_step = s->first_step,
      .training = s->training,
  };
  node->kind->forward(node, s->cache->parts[i], &pass);
}

const float *srn_sweep_run(const srn_sweep *s)
{
  const float *x = s->x;
  float *y = NULL;
  for (size_t i = 0; i < s->n_nodes; i++) {
    y = is_in_place(s, i) ? y : destination(s, i, x);
    run_node(s, i, x, y);
    if (s->after) {
      s->after(s->user, i, y);
    }
    x = y;
  }
  return x;
}
