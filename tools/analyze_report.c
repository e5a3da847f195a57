/* The report of `specrnn analyze --report`. Nothing in it asks for another file: styles, pictures and the icon are
 * inside, and a policy in its head forbids the browser to fetch anything. */
#include "analyze_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "specrnn/io.h"

static const char HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
    "'unsafe-inline'\">\n<link rel=\"icon\" href=\"data:,\">\n";

static const char STYLE[] =
    "<style>\n"
    ":root { --ground: #fff; --card: #f6f7f9; --ink: #1b1f24; --faint: #5b6570; --line: #d9dee4; --accent: #8a2a6b }\n"
    "@media (prefers-color-scheme: dark) { :root { --ground: #15171b; --card: #1e2127; --ink: #e6e8eb; "
    "--faint: #9aa3ad; --line: #343941; --accent: #f08a5d } }\n"
    "* { box-sizing: border-box }\n"
    "body { margin: 0 auto; max-width: 66rem; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--ink); "
    "font: 16px/1.5 system-ui, 'DejaVu Sans', sans-serif }\n"
    "h1 { font-size: 1.6rem; margin: 0 0 .25rem; overflow-wrap: anywhere }\n"
    "h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }\n"
    "p { margin: .4rem 0 } .faint { color: var(--faint) }\n"
    "dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; margin: 1rem 0 }\n"
    "dl div { background: var(--card); border-radius: .5rem; padding: .6rem .8rem }\n"
    "dt { color: var(--faint); font-size: .8rem } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; "
    "font-variant-numeric: tabular-nums }\n"
    "figure { margin: 1rem 0; overflow-x: auto } img { display: block; width: 100%; height: auto; border-radius: "
    ".5rem; "
    "border: 1px solid var(--line) }\n"
    "@media (max-width: 44rem) { img { min-width: 44rem } }\n" /* on a phone a picture is moved, its text readable */
    ".scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .92rem }\n"
    "th, td { text-align: left; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); white-space: "
    "nowrap; "
    "font-variant-numeric: tabular-nums } th { color: var(--faint); font-weight: 600 }\n"
    "pre { background: var(--card); border-left: 3px solid var(--accent); border-radius: .3rem; padding: .7rem .9rem; "
    "overflow-x: auto; font: .88rem/1.5 'DejaVu Sans Mono', monospace }\n"
    "details { margin: .75rem 0 } summary { cursor: pointer }\n"
    "</style>\n";

/* A byte that is no part of UTF-8 becomes U+FFFD, so that any file name can be shown. */
static size_t utf8_length(const unsigned char *s)
{
  size_t n = s[0] < 0x80                   ? 1
             : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
             : (s[0] & 0xf0) == 0xe0       ? 3
             : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                           : 0;
  for (size_t i = 1; i < n; i++) {
    if ((s[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
  bool outside = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
  return n > 1 && (overlong || outside) ? 0 : n;
}

static void put_text(FILE *out, const char *text)
{
  for (const unsigned char *s = (const unsigned char *)text; *s;) {
    size_t n = utf8_length(s);
    const char *entity = *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : *s == '>' ? "&gt;" : *s == '"' ? "&quot;" : NULL;
    bool control = *s < ' ' && *s != '\n' && *s != '\t';
    if (n == 0 || control || *s == 0x7f) {
      fputs("\xef\xbf\xbd", out);
    } else if (entity) {
      fputs(entity, out);
    } else {
      fwrite(s, 1, n, out);
    }
    s += n ? n : 1;
  }
}

static void put_base64(FILE *out, const unsigned char *bytes, size_t size)
{
  static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < size; i += 3) {
    size_t n = size - i < 3 ? size - i : 3;
    unsigned word = (unsigned)bytes[i] << 16 | (n > 1 ? (unsigned)bytes[i + 1] << 8 : 0) | (n > 2 ? bytes[i + 2] : 0);
    const char four[4] = {DIGITS[word >> 18], DIGITS[word >> 12 & 63], n > 1 ? DIGITS[word >> 6 & 63] : '=',
                          n > 2 ? DIGITS[word & 63] : '='};
    fwrite(four, 1, sizeof four, out);
  }
}

/* --------------------------------------------------------------------------------------------------------- the parts
 */

static void put_fact(FILE *out, const char *name, const char *value)
{
  fprintf(out, "<div><dt>%s</dt><dd>", name);
  put_text(out, value);
  fputs("</dd></div>\n", out);
}

static void put_level(FILE *out, const char *name, double level)
{
  char value[LEVEL_SIZE];
  level_text(value, sizeof value, level);
  put_fact(out, name, value);
}

static void put_facts(FILE *out, const analyze_report *r)
{
  const analysis_result *a = r->result;
  char value[256];
  fputs("<dl>\n", out);
  char begin[ANALYSIS_BEGIN_SIZE];
  analysis_begin_text(begin, sizeof begin, r->audio);
  snprintf(value, sizeof value, "%.3f s%s", a->duration_s, begin);
  put_fact(out, "Duration", value);
  snprintf(value, sizeof value, "%d Hz, %d channel%s", a->audio.native_rate_hz, a->audio.native_channels,
           a->audio.native_channels == 1 ? "" : "s");
  put_fact(out, "Recorded at", value);
  snprintf(value, sizeof value, "%.100s, %.100s", a->audio.container, a->audio.encoding);
  put_fact(out, "Format", value);
  put_level(out, "Peak", a->peak);
  put_level(out, "RMS", a->rms);
  snprintf(value, sizeof value, "%llu", (unsigned long long)a->audio.n_clipped);
  put_fact(out, "Clipped samples", value);
  if (a->audio.n_above) {
    snprintf(value, sizeof value, "%llu", (unsigned long long)a->audio.n_above);
    put_fact(out, "Samples above full scale", value);
  }
  if (a->audio.n_bad) {
    snprintf(value, sizeof value, "%llu", (unsigned long long)a->audio.n_bad);
    put_fact(out, "Replaced samples", value);
  }
  snprintf(value, sizeof value, "%d Hz", r->front_end->sample_rate_hz);
  put_fact(out, "Analysed at", value);
  snprintf(value, sizeof value, "%llu", (unsigned long long)a->n_frames);
  put_fact(out, "Frames", value);
  fputs("</dl>\n", out);
}

/* Puts `before`, the picture as a data: address, and `after`. */
static specrnn_status put_png(FILE *out, specrnn_figure *figure, const char *before, const char *after,
                              const specrnn_log *log)
{
  void *png = NULL;
  size_t size = 0;
  specrnn_status status = specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &png, &size, log);
  if (status) {
    return status;
  }
  fprintf(out, "%s=\"data:image/png;base64,", before);
  put_base64(out, png, size);
  fprintf(out, "\"%s", after);
  specrnn_plot_free(png);
  return SPECRNN_OK;
}

static specrnn_status put_dark_source(FILE *out, specrnn_figure *figure, const specrnn_log *log)
{
  specrnn_status status = specrnn_figure_set_theme(figure, SPECRNN_THEME_DARK, log);
  status = status ? status : put_png(out, figure, "<source media=\"(prefers-color-scheme: dark)\" srcset", ">\n", log);
  return status ? status : specrnn_figure_set_theme(figure, SPECRNN_THEME_LIGHT, log);
}

static specrnn_status put_picture(FILE *out, const analyze_report *r, size_t index)
{
  specrnn_log log = report_log(analyze_picture_name(r->pictures, index));
  specrnn_figure *figure = analyze_picture_figure(r->pictures, index);
  fputs("<figure><picture>\n", out);
  specrnn_status status = r->both_themes ? put_dark_source(out, figure, &log) : SPECRNN_OK;
  fputs("<img alt=\"", out);
  put_text(out, analyze_picture_name(r->pictures, index));
  status = status ? status : put_png(out, figure, "\" src", "></picture></figure>\n", &log);
  return status;
}

/* The picture of that name, where there is one, under a heading (NULL for none). */
static specrnn_status put_named(FILE *out, const analyze_report *r, const char *heading, const char *name)
{
  for (size_t i = 0; i < analyze_pictures_count(r->pictures); i++) {
    if (!strcmp(analyze_picture_name(r->pictures, i), name)) {
      if (heading) {
        fprintf(out, "<h2>%s</h2>\n", heading);
      }
      return put_picture(out, r, i);
    }
  }
  return SPECRNN_OK;
}

static specrnn_status put_layers(FILE *out, const analyze_report *r)
{
  const specrnn_model_info *info = specrnn_model_describe(r->weights);
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < info->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(r->weights, i);
    char name[64];
    fprintf(out, "<h2>Layer %zu</h2>\n<p class=\"faint\">", i + 1);
    put_text(out, layer->title);
    fputs(" ", out);
    put_text(out, layer->module->name);
    fprintf(out, ": %zu features in, %zu units, %zu weights; output (1, %llu, %zu)</p>\n", layer->input_size,
            layer->width, layer->n_weights, (unsigned long long)r->result->n_frames, layer->width);
    snprintf(name, sizeof name, "layer%zu.png", i + 1);
    status = put_named(out, r, NULL, name);
  }
  return status;
}

static void put_shapes(FILE *out, const analyze_report *r)
{
  const specrnn_model_info *info = specrnn_model_describe(r->weights);
  unsigned long long n_frames = r->result->n_frames;
  fputs("<h2>Shapes</h2>\n<div class=\"scroll\"><table>\n<tr><th>Array</th><th>Batch, frames, features</th></tr>\n",
        out);
  fprintf(out, "<tr><td>%s</td><td>(1, %llu, %zu)</td></tr>\n",
          r->front_end->kind == SPECRNN_KIND_WAVE ? "Samples" : "Spectrogram", n_frames, info->input_size);
  for (size_t i = 0; i < info->n_layers; i++) {
    fprintf(out, "<tr><td>Layer %zu output</td><td>(1, %llu, %zu)</td></tr>\n", i + 1, n_frames,
            specrnn_model_layer(r->weights, i)->width);
  }
  fprintf(out,
          "</table></div>\n<h2>Parameters</h2>\n<p>%zu numbers in %zu arrays.</p>\n<div class=\"scroll\"><table>\n"
          "<tr><th>Name</th><th>Shape</th></tr>\n",
          info->n_weights, info->n_parameters);
  for (size_t i = 0; i < info->n_parameters; i++) {
    const specrnn_parameter *p = specrnn_model_parameter(r->weights, i);
    fputs("<tr><td>", out);
    put_text(out, p->name);
    fprintf(out, "</td><td>(%zu", p->shape[0]);
    fprintf(out, p->rank == 2 ? ", %zu)</td></tr>\n" : ")</td></tr>\n", p->shape[1]);
  }
  fputs("</table></div>\n", out);
}

static void put_front_end(FILE *out, const analyze_report *r)
{
  const specrnn_option_table *table = specrnn_features_options();
  fputs("<h2>Front end</h2>\n<details><summary>All settings</summary>\n<div class=\"scroll\"><table>\n"
        "<tr><th>Setting</th><th>Value</th></tr>\n",
        out);
  for (size_t i = 0; i < table->count; i++) {
    char value[64];
    specrnn_option_get(table, r->front_end, &table->options[i], value, sizeof value);
    fprintf(out, "<tr><td>%s</td><td>", table->options[i].key);
    put_text(out, value);
    const specrnn_option *option = &table->options[i];
    bool has_unit = option->unit && !(option->word && !strcmp(value, option->word)); /* "none" has none */
    fprintf(out, "%s%s</td></tr>\n", has_unit ? " " : "", has_unit ? option->unit : "");
  }
  fputs("</table></div></details>\n", out);
}

static specrnn_status put_report(FILE *out, const analyze_report *r)
{
  fputs(HEAD, out);
  fputs("<title>", out);
  put_text(out, r->input);
  fputs(" - specrnn</title>\n", out);
  fputs(STYLE, out);
  fputs("</head>\n<body>\n<h1>", out);
  put_text(out, r->input);
  fputs("</h1>\n<p class=\"faint\">through ", out);
  put_text(out, r->model);
  fprintf(out, ", specrnn %s</p>\n", specrnn_version());
  put_facts(out, r);
  specrnn_status status = put_named(out, r, "Overview", "overview.png");
  status = status ? status : put_named(out, r, "Spectrogram", "spectrogram.png"); /* samples as features have none */
  status = status ? status : put_layers(out, r);
  put_shapes(out, r);
  put_front_end(out, r);
  fputs("<h2>To repeat this</h2>\n<pre>", out);
  put_text(out, r->command_line);
  fputs("</pre>\n</body>\n</html>\n", out);
  return status;
}

specrnn_status analyze_report_write(const analyze_report *report, const char *path)
{
  char *text = NULL;
  size_t size = 0;
  specrnn_log log = report_log(NULL);
  FILE *out = open_memstream(&text, &size);
  if (!out) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_status status = put_report(out, report);
  bool whole = !ferror(out);
  if ((fclose(out) != 0 || !whole) && !status) {
    report_memory();
    status = SPECRNN_ERROR_MEMORY;
  }
  status = status ? status : specrnn_bytes_save(path, text, size, &log);
  free(text);
  return status;
}
