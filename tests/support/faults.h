/* A malloc that fails when it is told to, and remembers what was asked of it: for the paths that no test reaches
 * otherwise.
 *
 * A test that uses this is linked with faults_dep, which takes the place of malloc. The usual loop:
 *
 *     faults_report report;
 *     long nth = 0;
 *     do {
 *       faults_start(++nth);             the nth allocation from here on fails, and only that one
 *       status = operation();
 *       report = faults_stop();
 *       ... status says so, report.live is 0
 *     } while (report.failed);
 */
#ifndef SPECRNN_TESTS_SUPPORT_FAULTS_H
#define SPECRNN_TESTS_SUPPORT_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct faults_report {
  long allocations;
  long live;      /* allocations without their free */
  size_t largest; /* bytes of one allocation */
  bool failed;    /* the nth allocation was reached */
} faults_report;

/* 0: none fails. */
void faults_start(long nth);
faults_report faults_stop(void);

/* From now on what these shared libraries ask for themselves ("libzip"; the list ends with NULL) never fails. For
 * libraries of others that do not survive it, or give another reason. */
void faults_spare(const char *const *libraries);

/* Whether this works: not under a sanitizer, which has its own malloc. */
bool faults_work(void);

#endif
