/* One loop on a few threads that live as long as the loop. */
#include "core/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* Beyond these, starting them costs more than the loops here have to share. */
enum { MOST_THREADS = 4 };

typedef struct loop {
  atomic_size_t next;
  size_t count;
  void (*item)(void *user, size_t i, size_t thread);
  void *user;
} loop;

typedef struct helper {
  loop *l;
  size_t thread;
  pthread_t id;
} helper;

static void work(loop *l, size_t thread)
{
  for (size_t i; (i = atomic_fetch_add(&l->next, 1)) < l->count;) {
    l->item(l->user, i, thread);
  }
}

static void *help(void *data)
{
  helper *h = data;
  work(h->l, h->thread);
  return NULL;
}

size_t srn_parallel_threads(size_t count)
{
  long n_cpus = count > 1 ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
  size_t n = n_cpus < 1 ? 1 : n_cpus < MOST_THREADS ? (size_t)n_cpus : MOST_THREADS;
  return n < count ? n : count;
}

void srn_parallel(size_t count, size_t n_threads, void (*item)(void *user, size_t i, size_t thread), void *user)
{
  loop l = {.count = count, .item = item, .user = user};
  atomic_init(&l.next, 0);
  helper helpers[MOST_THREADS];
  size_t n_helpers = 0;
  while (n_helpers + 1 < n_threads && n_helpers < MOST_THREADS) {
    helper *h = &helpers[n_helpers];
    *h = (helper){.l = &l, .thread = n_helpers + 1};
    if (pthread_create(&h->id, NULL, help, h) != 0) {
      break;
    }
    n_helpers++;
  }
  work(&l, 0);
  for (size_t i = 0; i < n_helpers; i++) {
    pthread_join(helpers[i].id, NULL);
  }
}
