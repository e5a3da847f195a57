/* The rest of the program in README: its log, its react, and a main that plays a sound to it in blocks of 10 ms.
 *
 *     readme_program SOUND
 *
 * Prints a line per frame: its time and the hidden states of the top layer. The model is ./voice.safetensors. */
#include <stdio.h>

#include <specrnn/specrnn.h>

specrnn_status start(specrnn_pipeline **pipeline, specrnn_model **model, const specrnn_log *log);
void audio_callback(specrnn_pipeline *pipeline, const float *samples, size_t n_samples);

#include "readme_program.inc"

enum { BLOCK = 480 };

static void print_message(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  fprintf(stderr, "%s%s\n", level == SPECRNN_LOG_WARNING ? "warning: " : "", message);
}

static const specrnn_log LOG = {print_message, NULL};

void react(const float *hidden, size_t n_hidden, double time_s)
{
  printf("%.17g", time_s);
  for (size_t i = 0; i < n_hidden; i++) {
    printf(" %.9g", (double)hidden[i]);
  }
  putchar('\n');
}

static specrnn_status play(specrnn_pipeline *pipeline, specrnn_audio *audio)
{
  float block[BLOCK];
  size_t n = 0;
  specrnn_status status;
  while (!(status = specrnn_audio_read(audio, block, BLOCK, &n, &LOG)) && n > 0) {
    audio_callback(pipeline, block, n);
  }
  return status;
}

int main(int argc, char **argv)
{
  specrnn_model *model = NULL;
  specrnn_pipeline *pipeline = NULL;
  specrnn_audio *audio = NULL;
  specrnn_status status = argc == 2 ? start(&pipeline, &model, &LOG) : SPECRNN_ERROR_ARGUMENT;
  if (!status) {
    status = specrnn_audio_open(&audio, argv[1], NULL, &LOG);
  }
  if (!status) {
    status = play(pipeline, audio);
  }
  specrnn_audio_close(&audio);
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  return status ? 1 : 0;
}
