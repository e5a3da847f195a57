/* Sound from standard input through a model, frame by frame: for each frame a line with its time and the mean absolute
 * hidden state of every layer.
 *
 *     stream_encoder [MODEL.safetensors] < test.wav */
#include <math.h>
#include <stdio.h>

#include <specrnn/specrnn.h>

enum { BLOCK = 1024 };

static void print_message(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  fprintf(stderr, "stream_encoder: %s%s\n", level == SPECRNN_LOG_WARNING ? "warning: " : "", message);
}

static const specrnn_log LOG = {print_message, NULL};

static void react(const specrnn_frame *frame)
{
  printf("%8.3f", frame->time_s);
  for (size_t layer = 0; layer < frame->n_layers; layer++) {
    float sum = 0.0f;
    for (size_t i = 0; i < frame->n_hidden[layer]; i++) {
      sum += fabsf(frame->hidden[layer][i]);
    }
    printf(" %.6f", (double)(sum / (float)frame->n_hidden[layer]));
  }
  putchar('\n');
}

static specrnn_status pull_all(specrnn_pipeline *pipeline)
{
  specrnn_frame frame;
  specrnn_status status;
  while ((status = specrnn_pipeline_pull(pipeline, &frame)) == SPECRNN_OK) {
    react(&frame);
  }
  return status == SPECRNN_NEED_INPUT || status == SPECRNN_END ? SPECRNN_OK : status;
}

/* What works in an audio callback has no log: its status says what is wrong. */
static specrnn_status say(specrnn_status status)
{
  if (status) {
    print_message(NULL, SPECRNN_LOG_ERROR, specrnn_status_text(status));
  }
  return status;
}

static specrnn_status stream(specrnn_audio *audio, specrnn_pipeline *pipeline)
{
  float block[BLOCK];
  size_t n = 0;
  specrnn_status status;
  while (!(status = specrnn_audio_read(audio, block, BLOCK, &n, &LOG)) && n > 0) {
    status = specrnn_pipeline_push(pipeline, block, n);
    if (status || (status = pull_all(pipeline))) {
      return say(status);
    }
  }
  if (!status) {
    specrnn_pipeline_flush(pipeline);
    status = say(pull_all(pipeline));
  }
  return status;
}

int main(int argc, char **argv)
{
  specrnn_model *model = NULL;
  specrnn_audio *audio = NULL;
  specrnn_pipeline *pipeline = NULL;
  specrnn_status status =
      argc > 1 ? specrnn_model_load(&model, argv[1], NULL, &LOG) : specrnn_model_load_builtin(&model, NULL, &LOG);
  if (!status) {
    status = specrnn_audio_open(&audio, "-", NULL, &LOG);
  }
  if (!status) {
    specrnn_audio_info info;
    specrnn_audio_get_info(audio, &info);
    specrnn_pipeline_config config = SPECRNN_PIPELINE_CONFIG_INIT;
    config.sample_rate_hz = info.sample_rate_hz;
    config.maximum = SPECRNN_PIPELINE_MAXIMUM_RUNNING; /* a stream does not know the maximum of the whole input */
    status = specrnn_pipeline_create(&pipeline, model, &config, &LOG);
  }
  if (!status) {
    status = stream(audio, pipeline);
  }
  specrnn_pipeline_destroy(&pipeline);
  specrnn_audio_close(&audio);
  specrnn_model_destroy(&model);
  return status ? 1 : 0;
}
