/* The report of `specrnn analyze --report`: one HTML file with the numbers and the pictures inside. */
#ifndef SPECRNN_TOOLS_ANALYZE_REPORT_H
#define SPECRNN_TOOLS_ANALYZE_REPORT_H

#include "analysis.h"
#include "analyze_pictures.h"

typedef struct analyze_report {
  const char *input; /* the file's name as it is shown */
  const char *model; /* likewise */
  const char *command_line;
  const specrnn_model *weights;
  const specrnn_features_config *front_end;
  const specrnn_audio_config *audio; /* which part of the input */
  const analysis_result *result;
  analyze_pictures *pictures;
  bool both_themes; /* pictures follow the reader's light or dark page; else they have the theme that they have */
} analyze_report;

/* Writes it, whole or not at all. Says itself what is wrong. */
SPECRNN_MUST_CHECK specrnn_status analyze_report_write(const analyze_report *report, const char *path);

#endif
