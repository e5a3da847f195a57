/* Where measured plans lie. */
#include "plans.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report.h"
#include "specrnn/features.h"

enum { CACHE_MODE = 0700 };

static const char FILE_NAME[] = "/specrnn/fftw-plans";

char *plans_cache_path(void)
{
  const char *cache = getenv("XDG_CACHE_HOME");
  const char *below = "";
  if (!cache || cache[0] != '/') { /* a relative path there is to be ignored, says the standard */
    cache = getenv("HOME");
    below = "/.cache";
  }
  if (!cache || !*cache) {
    report_usage("--plans cache: there is no cache folder, as neither XDG_CACHE_HOME nor HOME is set");
    return NULL;
  }
  size_t size = strlen(cache) + strlen(below) + sizeof FILE_NAME;
  char *path = malloc(size);
  if (!path) {
    report_memory();
    return NULL;
  }
  snprintf(path, size, "%s%s%s", cache, below, FILE_NAME);
  return path;
}

bool plans_make_cache_folder(const char *path)
{
  char *folder = strdup(path);
  if (!folder) {
    report_memory();
    return false;
  }
  bool good = true;
  for (char *slash = strchr(folder + 1, '/'); good && slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(folder, CACHE_MODE) != 0 && errno != EEXIST) {
      report_failure(folder, "cannot make the folder: %s", strerror(errno));
      good = false;
    }
    *slash = '/';
  }
  free(folder);
  return good;
}

bool plans_use(const char *choice)
{
  if (!choice) {
    return true;
  }
  char *cache = NULL;
  if (!strcmp(choice, "cache") && !(choice = cache = plans_cache_path())) {
    return false;
  }
  specrnn_log log = report_log(choice);
  bool good = specrnn_plans_load(choice, &log) == SPECRNN_OK;
  free(cache);
  return good;
}
