/* The types of a model's weights: names and sizes. */
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
