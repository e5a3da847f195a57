/** @file specrnn.h
 * Everything that a host needs at run time. plot.h (library specrnn-plot) is included apart. */
#ifndef SPECRNN_SPECRNN_H
#define SPECRNN_SPECRNN_H

#include "specrnn/audio.h"
#include "specrnn/core.h"
#include "specrnn/cpu.h"
#include "specrnn/encoder.h"
#include "specrnn/features.h"
#include "specrnn/io.h"
#include "specrnn/model.h"
#include "specrnn/pipeline.h"

#endif
