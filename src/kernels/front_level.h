/* The front end's tables at the level that is being compiled. */
#ifndef SPECRNN_SRC_KERNELS_FRONT_LEVEL_H
#define SPECRNN_SRC_KERNELS_FRONT_LEVEL_H

#include "kernels/level.h"

extern const srn_front_f32 SRN_KERNEL(front_f32);
extern const srn_front_f64 SRN_KERNEL(front_f64);

#endif
