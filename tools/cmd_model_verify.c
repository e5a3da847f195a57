/* specrnn model verify: does this machine compute what the model's test vectors say? */
#include <jansson.h>
#include <stdio.h>

#include "commands.h"
#include "limit.h"
#include "report.h"
#include "shown.h"
#include "specrnn/model.h"

typedef struct options {
  bool json;
} options;

static const options DEFAULTS = {0};

static const cli_option OPTIONS[] = {
    {"json", 0, CLI_FLAG, NULL, offsetof(options, json), 0, 0, "print one JSON object a line, and messages as such"},
    {0},
};

static const cli_group GROUPS[] = {{"Options", OPTIONS, NULL, NULL}, {0}};

static int print_json(const char *path, const specrnn_model_check *check)
{
  json_t *facts = json_pack("{s:o, s:I, s:I, s:f, s:I, s:I, s:I}", "file", shown_json(path), "tests",
                            (json_int_t)check->n_tests, "failed", (json_int_t)check->n_failed, "worst_difference",
                            check->worst, "worst_test", (json_int_t)check->worst_test, "worst_frame",
                            (json_int_t)check->worst_frame, "worst_feature", (json_int_t)check->worst_feature);
  if (!facts) {
    return report_failure(path, "cannot make JSON of the facts: the name is not UTF-8, or memory is out");
  }
  json_dumpf(facts, stdout, JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(facts);
  return CLI_EXIT_OK;
}

static void print_text(const char *path, const specrnn_model_check *check)
{
  printf("%s: %zu of %zu test vector%s %s, worst difference %.3g (test %zu, frame %zu, feature %zu)\n", shown(path),
         check->n_tests - check->n_failed, check->n_tests, check->n_tests == 1 ? "" : "s",
         check->n_tests == 1 ? "holds" : "hold", check->worst, check->worst_test, check->worst_frame,
         check->worst_feature);
}

static int verify(const char *path, bool json)
{
  specrnn_model *model = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = limit_model_load(&model, path, NULL, &log);
  specrnn_model_check check;
  if (!status) {
    status = specrnn_model_verify(model, &check, &log);
    if (!status || status == SPECRNN_ERROR_FORMAT) {
      int printed = json ? print_json(path, &check) : (print_text(path, &check), CLI_EXIT_OK);
      status = printed ? SPECRNN_ERROR_ARGUMENT : status;
    }
  }
  specrnn_model_destroy(&model);
  return report_status(status);
}

static int run(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  return cli_each_input(arguments, o->json, verify);
}

const cli_command cmd_model_verify = {
    .name = "model verify",
    .arguments = "MODEL... [options]",
    .summary = "run the test vectors stored in a model",
    .example = "specrnn model verify voice.safetensors",
    .description = "Runs every test vector that the model's file holds and prints the worst difference from the output "
                   "stored with it. The exit status is 1 where one is not within its tolerance, or where the model has "
                   "none (specrnn model convert --test adds one).\n"
                   "Keys of --json: file, tests, failed, worst_difference, worst_test, worst_frame, worst_feature.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = -1,
    .run = run,
};
