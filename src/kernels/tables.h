/* The tables of all levels, for the dispatcher. */
#ifndef SPECRNN_SRC_KERNELS_TABLES_H
#define SPECRNN_SRC_KERNELS_TABLES_H

#include "kernels/kernels.h"

extern const srn_kernels srn_kernels_baseline;
extern const srn_kernels srn_kernels_x86_64_v2;
extern const srn_kernels srn_kernels_x86_64_v3;
extern const srn_kernels srn_kernels_x86_64_v3_vnni;
extern const srn_kernels srn_kernels_x86_64_v4;
extern const srn_kernels srn_kernels_x86_64_v4_vnni;

#endif
