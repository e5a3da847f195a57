/* The types of a model's weights: names, sizes, rounding. */
#include <string.h>

#include "core/log.h"
#include "io/half.h"
#include "model/object.h"

static const struct {
  const char *name;
  size_t size;
  srn_weight_type packed;
} TYPES[] = {
    [SPECRNN_WEIGHT_F32] = {"f32", sizeof(float), SRN_WEIGHT_F32},
    [SPECRNN_WEIGHT_BF16] = {"bf16", sizeof(uint16_t), SRN_WEIGHT_BF16},
    [SPECRNN_WEIGHT_INT8] = {"int8", sizeof(int8_t), SRN_WEIGHT_INT8},
};

const char *specrnn_weight_type_name(specrnn_weight_type type)
{
  return (unsigned int)type < SPECRNN_WEIGHT_TYPES ? TYPES[type].name : NULL;
}

srn_weight_type srn_weights_packed_type(specrnn_weight_type type)
{
  return TYPES[type].packed;
}

size_t srn_weights_size(specrnn_weight_type type)
{
  return TYPES[type].size;
}

static void round_int8(float *w, size_t depth)
{
  int8_t whole[SRN_INT8_MOST_DEPTH];
  float scale = srn_int8_row(whole, w, depth);
  for (size_t k = 0; k < depth; k++) {
    w[k] = (float)whole[k] * scale;
  }
}

specrnn_status srn_weights_round(specrnn_weight_type type, float *w, size_t rows, size_t depth, const char *name,
                                 const specrnn_log *log)
{
  if (type == SPECRNN_WEIGHT_INT8 && depth > SRN_INT8_MOST_DEPTH) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s has %zu columns; 8-bit weights may have %d", name, depth,
                    SRN_INT8_MOST_DEPTH);
  }
  for (size_t i = 0; type == SPECRNN_WEIGHT_BF16 && i < rows * depth; i++) {
    w[i] = srn_bf16_to_f32(srn_bf16_of(w[i]));
  }
  for (size_t r = 0; type == SPECRNN_WEIGHT_INT8 && r < rows; r++) {
    round_int8(w + r * depth, depth);
  }
  return SPECRNN_OK;
}

specrnn_status specrnn_model_with_weights(specrnn_model **out, const specrnn_model *model, specrnn_weight_type type,
                                          const specrnn_log *log)
{
  if (!specrnn_weight_type_name(type)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "no type of weights has the number %d", (int)type);
  }
  srn_model_parts parts = srn_model_parts_of(model);
  parts.weight_type = type;
  parts.n_tests = 0;
  return srn_model_copy(out, model, &parts, log);
}
