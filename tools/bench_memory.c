/* The floors of a recurrent step. */
#include "bench_memory.h"

#include <dlfcn.h>
#include <string.h>

#include "bench.h"

/* ------------------------------------------------------------------------------------------------------ reading memory
 */

enum { VECTOR_FLOATS = 16, VECTORS_IN_FLIGHT = 4 };

/* One loop, compiled for each width of vector: GCC splits the 64-byte type where the machine has none so wide. The sums
 * have names, so that they stay in registers however little the compiler is told to optimise. */
typedef float vector __attribute__((vector_size(VECTOR_FLOATS * sizeof(float))));

#define READ_LOOP                                                                                                      \
  vector a = {0}, b = {0}, c = {0}, d = {0};                                                                           \
  const vector *v = (const vector *)(const void *)values;                                                              \
  for (const vector *end = v + count / VECTOR_FLOATS; v < end; v += VECTORS_IN_FLIGHT) {                               \
    a += v[0];                                                                                                         \
    b += v[1];                                                                                                         \
    c += v[2];                                                                                                         \
    d += v[3];                                                                                                         \
  }                                                                                                                    \
  a += b + c + d;                                                                                                      \
  bench_keep(&a)

static void read_plain(const float *values, size_t count)
{
  READ_LOOP;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void read_avx2(const float *values, size_t count)
{
  READ_LOOP;
}

__attribute__((target("avx512f"))) static void read_avx512(const float *values, size_t count)
{
  READ_LOOP;
}
#endif

void bench_read_floats(const float *values, size_t count)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    read_avx512(values, count);
    return;
  }
  if (__builtin_cpu_supports("avx2")) {
    read_avx2(values, count);
    return;
  }
#endif
  read_plain(values, count);
}

/* ------------------------------------------------------------------------------------------------------------ OpenBLAS
 */

enum { CBLAS_ROW_MAJOR = 101, CBLAS_NO_TRANSPOSE = 111 };

typedef void cblas_sgemv_function(int order, int transpose, int rows, int columns, float alpha, const float *a, int lda,
                                  const float *x, int incx, float beta, float *y, int incy);
typedef void set_threads_function(int threads);

static cblas_sgemv_function *cblas_sgemv;

static void call_sgemv(size_t rows, size_t columns, const float *w, const float *x, float *y)
{
  cblas_sgemv(CBLAS_ROW_MAJOR, CBLAS_NO_TRANSPOSE, (int)rows, (int)columns, 1.0f, w, (int)columns, x, 1, 0.0f, y, 1);
}

/* POSIX has dlsym give functions as object pointers. */
static void find_function(void *library, const char *name, void *pointer, size_t size)
{
  void *symbol = dlsym(library, name);
  memcpy(pointer, &symbol, size);
}

bench_sgemv *bench_find_sgemv(void)
{
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    return NULL;
  }
  set_threads_function *set_threads = NULL;
  find_function(library, "openblas_set_num_threads", &set_threads, sizeof set_threads);
  find_function(library, "cblas_sgemv", &cblas_sgemv, sizeof cblas_sgemv);
  if (!cblas_sgemv || !set_threads) {
    return NULL;
  }
  set_threads(1);
  return call_sgemv;
}
