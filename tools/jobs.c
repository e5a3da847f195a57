/* A pool of threads whose results are taken in order. */
#include "jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

/* Items that may be begun while an earlier one is not ended, so that a long input does not hold short ones up. Each may
 * keep files open, of which a process commonly has 1024. */
enum { MOST_JOBS = 128, AHEAD_PER_JOB = 4, MOST_AHEAD = 256, RESULT_ALIGNMENT = 16 };

typedef struct slot {
  report_queue messages;
  bool done;
} slot;

/* Item i has slot and result i % window. */
typedef struct pool {
  const jobs *j;
  size_t window, stride;
  slot *slots;            /* (window) */
  unsigned char *results; /* (window, stride) */
  pthread_mutex_t lock;   /* of what follows and of the slots */
  pthread_cond_t ended_one;
  size_t begun, ended;
  bool ending; /* some thread is */
} pool;

static void *result_of(const pool *p, size_t item)
{
  return p->results + item % p->window * p->stride;
}

static void show_progress(const pool *p, size_t item)
{
  if (item < p->j->n_items) {
    report_progress(item, p->j->n_items, p->j->names[item]);
  }
}

/* Called with the lock, which it gives back while it works. */
static void end_what_is_done(pool *p)
{
  while (!p->ending && p->ended < p->j->n_items && p->slots[p->ended % p->window].done) {
    size_t item = p->ended;
    slot *s = &p->slots[item % p->window];
    p->ending = true;
    pthread_mutex_unlock(&p->lock);
    report_release(&s->messages);
    p->j->end(p->j->user, item, result_of(p, item));
    show_progress(p, item + 1);
    pthread_mutex_lock(&p->lock);
    s->done = false;
    p->ended++;
    p->ending = false;
    pthread_cond_broadcast(&p->ended_one);
  }
}

static void *work(void *user)
{
  pool *p = user;
  pthread_mutex_lock(&p->lock);
  while (p->begun < p->j->n_items) {
    if (p->begun - p->ended >= p->window) {
      pthread_cond_wait(&p->ended_one, &p->lock);
      continue;
    }
    size_t item = p->begun++;
    slot *s = &p->slots[item % p->window];
    pthread_mutex_unlock(&p->lock);
    memset(result_of(p, item), 0, p->stride);
    report_hold(&s->messages);
    p->j->work(p->j->user, item, result_of(p, item));
    report_hold(NULL);
    pthread_mutex_lock(&p->lock);
    s->done = true;
    end_what_is_done(p);
  }
  pthread_mutex_unlock(&p->lock);
  return NULL;
}

/* Where a thread cannot be had, the others do its work. */
static void run_threads(pool *p, size_t n_jobs)
{
  size_t n_threads = 0;
  pthread_t *threads = calloc(n_jobs, sizeof *threads);
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->ended_one, NULL);
  while (threads && n_threads + 1 < n_jobs && !pthread_create(&threads[n_threads], NULL, work, p)) {
    n_threads++;
  }
  work(p);
  for (size_t i = 0; i < n_threads; i++) {
    pthread_join(threads[i], NULL);
  }
  pthread_cond_destroy(&p->ended_one);
  pthread_mutex_destroy(&p->lock);
  free(threads);
}

static void run_alone(pool *p)
{
  for (size_t i = 0; i < p->j->n_items; i++) {
    show_progress(p, i);
    memset(p->results, 0, p->stride);
    p->j->work(p->j->user, i, p->results);
    p->j->end(p->j->user, i, p->results);
  }
}

static size_t count_jobs(const jobs *j)
{
  long n_cpus = j->n_jobs == JOBS_ONE_PER_CPU ? sysconf(_SC_NPROCESSORS_ONLN) : j->n_jobs;
  size_t count = n_cpus < 1 ? 1 : (size_t)n_cpus;
  for (size_t i = 0; i < j->n_items; i++) {
    count = strcmp(j->names[i], "-") ? count : 1; /* there is one standard input */
  }
  count = count < MOST_JOBS ? count : MOST_JOBS;
  return count < j->n_items ? count : j->n_items;
}

static size_t count_ahead(size_t n_jobs)
{
  size_t ahead = n_jobs > 1 ? AHEAD_PER_JOB * n_jobs : 1;
  return ahead < MOST_AHEAD ? ahead : MOST_AHEAD;
}

bool jobs_run(const jobs *j)
{
  size_t n_jobs = count_jobs(j);
  pool p = {.j = j, .window = count_ahead(n_jobs)};
  p.stride = (j->result_size / RESULT_ALIGNMENT + 1) * RESULT_ALIGNMENT;
  p.slots = calloc(p.window, sizeof *p.slots);
  p.results = calloc(p.window, p.stride);
  bool good = p.slots && p.results;
  if (!good) {
    report_memory();
  } else if (n_jobs > 1) {
    show_progress(&p, 0);
    run_threads(&p, n_jobs);
  } else {
    run_alone(&p);
  }
  report_progress_end();
  free(p.slots);
  free(p.results);
  return good;
}
