/* A log that keeps the last message. */
#ifndef SPECRNN_TESTS_SUPPORT_MESSAGES_H
#define SPECRNN_TESTS_SUPPORT_MESSAGES_H

#include <stdio.h>

#include "specrnn/core.h"

static char last_message[1024];

static inline void remember_message(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  (void)level;
  snprintf(last_message, sizeof last_message, "%s", message);
}

static const specrnn_log LOG = {remember_message, NULL};

#endif
