/* Pictures to files and to memory. */
#include "plot/output.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/log.h"
#include "core/temporary.h"

typedef struct format {
  specrnn_picture picture;
  const char *extension;
  specrnn_status (*write)(specrnn_figure *, srn_plot_sink *, const specrnn_log *);
} format;

static const format FORMATS[] = {
    {SPECRNN_PICTURE_PNG, ".png", srn_write_png},
    {SPECRNN_PICTURE_SVG, ".svg", srn_write_svg},
    {SPECRNN_PICTURE_PDF, ".pdf", srn_write_pdf},
};
enum { FORMAT_COUNT = sizeof FORMATS / sizeof *FORMATS };

static const format *find_format(specrnn_picture picture, const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *extension = strrchr(slash ? slash : path, '.');
  for (int i = 0; i < FORMAT_COUNT; i++) {
    bool by_name = picture == SPECRNN_PICTURE_BY_NAME && extension && !strcasecmp(extension, FORMATS[i].extension);
    if (by_name || picture == FORMATS[i].picture) {
      return &FORMATS[i];
    }
  }
  return NULL;
}

/* Draws into a file that has no name yet. */
static specrnn_status draw_file(srn_plot_sink *sink, specrnn_figure *figure, const char *path, specrnn_picture picture,
                                const specrnn_log *log)
{
  if (!figure || !path) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a picture needs a figure and a path");
  }
  const format *chosen = find_format(picture, path);
  if (!chosen) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s: pictures are .png, .svg or .pdf", path);
  }
  specrnn_status status = srn_plot_sink_open_file(sink, path, log);
  return status ? status : chosen->write(figure, sink, log);
}

specrnn_status specrnn_figure_write(specrnn_figure *figure, const char *path, specrnn_picture picture,
                                    const specrnn_log *log)
{
  srn_plot_sink sink = {0};
  specrnn_status status = draw_file(&sink, figure, path, picture, log);
  if (!status) {
    status = srn_plot_sink_commit(&sink, log);
  }
  srn_plot_sink_abandon(&sink);
  return status;
}

specrnn_status specrnn_figures_write(specrnn_figure *const *figures, const char *const *paths, size_t n_figures,
                                     specrnn_picture picture, const specrnn_log *log)
{
  if (n_figures > 0 && (!figures || !paths)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "pictures need figures and paths");
  }
  srn_plot_sink *sinks = calloc(n_figures ? n_figures : 1, sizeof *sinks);
  srn_file ***files = calloc(n_figures ? n_figures : 1, sizeof *files);
  if (!sinks || !files) {
    free(sinks);
    free(files);
    return srn_fail_memory(log, n_figures * (sizeof *sinks + sizeof *files));
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < n_figures; i++) {
    status = draw_file(&sinks[i], figures[i], paths[i], picture, log);
    if (!status && sinks[i].file) {
      srn_file_finish(sinks[i].file);
    }
  }
  for (size_t i = 0; !status && i < n_figures; i++) { /* all or none: the first takes its name when the last is there */
    status = srn_plot_sink_settle(&sinks[i], log);
    files[i] = &sinks[i].file;
  }
  status = status ? status : srn_files_commit(files, n_figures, log);
  for (size_t i = 0; i < n_figures; i++) {
    srn_plot_sink_abandon(&sinks[i]);
  }
  free(files);
  free(sinks);
  return status;
}

specrnn_status specrnn_figure_encode(specrnn_figure *figure, specrnn_picture picture, void **data, size_t *size,
                                     const specrnn_log *log)
{
  const format *chosen = figure && data && size ? find_format(picture, "") : NULL;
  if (!chosen) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                    "a picture in memory needs a figure, a format and places for both results");
  }
  srn_plot_sink sink = {0};
  specrnn_status status = chosen->write(figure, &sink, log);
  if (status) {
    srn_plot_sink_abandon(&sink);
    return status;
  }
  *data = sink.data;
  *size = sink.size;
  return SPECRNN_OK;
}

void specrnn_plot_remove_temporaries(void)
{
  srn_temporaries_remove();
}

void specrnn_plot_free(void *data)
{
  free(data);
}
