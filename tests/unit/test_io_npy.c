/* Arrays, their conversion to float, and .npy files, against files that NumPy wrote. */
#include <math.h>
#include <stdint.h>

#include "io_testing.h"

#include "io/half.h"

/* The fixtures hold 0, 1, 2, ...; types with fractions hold an eighth of that. */
static void holds_ramp(const specrnn_array *array, double step)
{
  size_t count = specrnn_array_count(array);
  if (array->dtype == SPECRNN_C64) {
    const float *pairs = array->data;
    for (size_t i = 0; i < count; i++) {
      assert_true(pairs[2 * i] == (float)(step * (double)i));
      assert_true(pairs[2 * i + 1] == (float)(-step * (double)i));
    }
    return;
  }
  if (array->dtype == SPECRNN_C128) {
    const double *pairs = array->data;
    for (size_t i = 0; i < count; i++) {
      assert_true(pairs[2 * i] == step * (double)i);
      assert_true(pairs[2 * i + 1] == -step * (double)i);
    }
    return;
  }
  specrnn_array *doubles = NULL;
  succeeds(specrnn_array_to_f64(&doubles, array, &LOG));
  for (size_t i = 0; i < count; i++) {
    assert_true(((double *)doubles->data)[i] == step * (double)i);
  }
  specrnn_array_destroy(&doubles);
  specrnn_array *values = NULL;
  succeeds(specrnn_array_to_f32(&values, array, SPECRNN_FINITE_REQUIRED, &LOG));
  for (size_t i = 0; i < count; i++) {
    assert_true(((float *)values->data)[i] == (float)(step * (double)i));
  }
  specrnn_array_destroy(&values);
}

static void reads_what_numpy_writes(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    specrnn_dtype dtype;
    const char *shape;
    double step;
  } FILES[] = {
      {"v1_f4.npy", SPECRNN_F32, "(3, 5)", 0.125},
      {"v1_f8.npy", SPECRNN_F64, "(3, 5)", 0.125},
      {"v1_f2.npy", SPECRNN_F16, "(3, 5)", 0.125},
      {"v1_i8.npy", SPECRNN_I64, "(3, 5)", 1},
      {"v1_i4.npy", SPECRNN_I32, "(3, 5)", 1},
      {"v1_u1.npy", SPECRNN_U8, "(3, 5)", 1},
      {"v1_c8.npy", SPECRNN_C64, "(3, 5)", 0.125},
      {"big_f4.npy", SPECRNN_F32, "(3, 5)", 0.125},
      {"big_f8.npy", SPECRNN_F64, "(3, 5)", 0.125},
      {"big_f2.npy", SPECRNN_F16, "(3, 5)", 0.125},
      {"big_i8.npy", SPECRNN_I64, "(3, 5)", 1},
      {"big_i4.npy", SPECRNN_I32, "(3, 5)", 1},
      {"big_c8.npy", SPECRNN_C64, "(3, 5)", 0.125},
      {"v2_f4.npy", SPECRNN_F32, "(3, 5)", 0.125},
      {"v3_f4.npy", SPECRNN_F32, "(3, 5)", 0.125},
      {"fortran_f4.npy", SPECRNN_F32, "(2, 3, 4)", 0.125},
      {"vector_i8.npy", SPECRNN_I64, "(7,)", 1},
      {"fortran_big_c8.npy", SPECRNN_C64, "(4, 3)", 0.125},
      {"v1_i1.npy", SPECRNN_I8, "(3, 5)", 1},
      {"v1_i2.npy", SPECRNN_I16, "(3, 5)", 1},
      {"v1_u2.npy", SPECRNN_U16, "(3, 5)", 1},
      {"v1_u4.npy", SPECRNN_U32, "(3, 5)", 1},
      {"v1_u8.npy", SPECRNN_U64, "(3, 5)", 1},
      {"v1_c16.npy", SPECRNN_C128, "(3, 5)", 0.125},
      {"big_i2.npy", SPECRNN_I16, "(3, 5)", 1},
      {"big_u8.npy", SPECRNN_U64, "(3, 5)", 1},
      {"big_c16.npy", SPECRNN_C128, "(3, 5)", 0.125},
      {"empty_f4.npy", SPECRNN_F32, "(0, 257)", 0.125},
      {"rank8_u1.npy", SPECRNN_U8, "(1, 2, 1, 3, 1, 2, 1, 2)", 1},
  };
  for (size_t i = 0; i < COUNT(FILES); i++) {
    specrnn_array *array = NULL;
    char shape[64];
    succeeds(specrnn_npy_load(&array, golden(FILES[i].name), &LOG));
    assert_int_equal(array->dtype, FILES[i].dtype);
    specrnn_array_shape_text(array, shape, sizeof shape);
    assert_string_equal(shape, FILES[i].shape);
    holds_ramp(array, FILES[i].step);
    specrnn_array_destroy(&array);
    assert_null(array);
  }
}

static void reads_booleans_and_scalars(void **state)
{
  (void)state;
  specrnn_array *array = NULL;
  succeeds(specrnn_npy_load(&array, golden("v1_b1.npy"), &LOG));
  assert_int_equal(array->dtype, SPECRNN_U8);
  assert_int_equal(((uint8_t *)array->data)[0], 0);
  assert_int_equal(((uint8_t *)array->data)[14], 1);
  specrnn_array_destroy(&array);

  succeeds(specrnn_npy_load(&array, golden("scalar_f8.npy"), &LOG));
  assert_int_equal(array->rank, 0);
  assert_int_equal(specrnn_array_count(array), 1);
  assert_true(((double *)array->data)[0] == 2.5);
  char shape[8];
  assert_int_equal(specrnn_array_shape_text(array, shape, sizeof shape), 2);
  assert_string_equal(shape, "()");
  specrnn_array_destroy(&array);
}

static void writes_what_numpy_writes(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"v1_f4.npy",    "v1_f8.npy", "v1_f2.npy",     "v1_i8.npy",     "v1_i4.npy",
                                      "v1_u1.npy",    "v1_c8.npy", "scalar_f8.npy", "vector_i8.npy", "empty_f4.npy",
                                      "rank8_u1.npy", "v1_i1.npy", "v1_i2.npy",     "v1_u2.npy",     "v1_u4.npy",
                                      "v1_u8.npy",    "v1_c16.npy"};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    test_folder folder;
    const char *path = folder_make(&folder, "out.npy");
    size_t size;
    unsigned char *bytes = read_bytes(golden(NAMES[i]), &size);
    specrnn_array *array = NULL;
    succeeds(specrnn_npy_parse(&array, bytes, size, &LOG));
    succeeds(specrnn_npy_save(path, array, &LOG));
    file_holds(path, bytes, size);
    specrnn_array_destroy(&array);
    free(bytes);
    folder_remove(&folder, 1);
  }
}

#define READABLE "floats, integers, complex numbers of up to 64 bits a part, and bool are read"

static void refuses_with_a_reason(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    specrnn_status status;
    const char *message;
  } FILES[] = {
      {"object.npy", SPECRNN_ERROR_UNSUPPORTED, "object arrays hold Python code (a pickle) and are refused"},
      {"structured.npy", SPECRNN_ERROR_UNSUPPORTED, "structured arrays are not read"},
      {"rank9_u1.npy", SPECRNN_ERROR_UNSUPPORTED, "the array has more than 8 dimensions"},
      {"datetime.npy", SPECRNN_ERROR_UNSUPPORTED, "elements of type '<M8[s]'; " READABLE},
      {"text.npy", SPECRNN_ERROR_UNSUPPORTED, "elements of type '<U6'; " READABLE},
      {"generate.py", SPECRNN_ERROR_FORMAT, "not a .npy file"},
      {"missing.npy", SPECRNN_ERROR_IO, "cannot read: No such file or directory"},
      {".", SPECRNN_ERROR_IO, "cannot read: Is a directory"},
  };
  for (size_t i = 0; i < COUNT(FILES); i++) {
    specrnn_array *array = NULL;
    assert_int_equal(specrnn_npy_load(&array, golden(FILES[i].name), &LOG), FILES[i].status);
    assert_null(array);
    assert_string_equal(last_message, FILES[i].message);
  }
}

/* A .npy of version 1.0 with that dictionary and as many bytes of data. */
static size_t compose(unsigned char *bytes, const char *dictionary, size_t data)
{
  size_t length = strlen(dictionary);
  memcpy(bytes, "\x93NUMPY\x01", 8);
  bytes[8] = (unsigned char)length;
  bytes[9] = (unsigned char)(length >> 8);
  memcpy(bytes + 10, dictionary, length);
  memset(bytes + 10 + length, 0, data);
  return 10 + length + data;
}

static void refuses_every_broken_rule(void **state)
{
  (void)state;
  static const struct {
    const char *dictionary;
    size_t data;
    const char *message;
  } CASES[] = {
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 7,
       "shape (2,) of <f4 does not fit the 7 bytes of data"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9,
       "shape (2,) of <f4 does not fit the 9 bytes of data"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 0,
       "shape (4294967296, 4294967296) of <f4 does not fit the 0 bytes of data"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,), }", 0,
       "shape (4611686018427387904,) of <f4 does not fit the 0 bytes of data"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551616,), }", 0,
       "the .npy header is malformed: its shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4, "the .npy header is malformed: its shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1), }", 4, "the .npy header is malformed: its shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': 1, }", 4, "the .npy header is malformed: its shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1 1), }", 4, "the .npy header is malformed: its shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (,), }", 4, "the .npy header is malformed: its shape"},
      {"{'descr': '<f4', 'fortran_order': false, 'shape': (1,), }", 4,
       "the .npy header is malformed: its fortran_order"},
      {"{'descr': '<f4', 'fortran_order': False, }", 4, "the .npy header is malformed: a key is missing"},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 4,
       "the .npy header is malformed: a key occurs twice"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'code': 1}", 4,
       "the .npy header is malformed: an unknown key"},
      {"{'descr': '<f4' 'fortran_order': False, 'shape': (1,), }", 4,
       "the .npy header is malformed: a comma is missing"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", 4,
       "the .npy header is malformed: something follows the dictionary"},
      {"['descr', '<f4']", 4, "the .npy header is malformed: it is no dictionary"},
      {"{'descr': '<f4\\x00', 'fortran_order': False, 'shape': (1,), }", 4, "the .npy header is malformed: its descr"},
      {"{'descr': 'f4', 'fortran_order': False, 'shape': (1,), }", 4, "elements of type 'f4'; " READABLE},
      {"{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }", 4, "elements of type '|f4'; " READABLE},
      {"{'descr': '', 'fortran_order': False, 'shape': (1,), }", 4, "elements of type ''; " READABLE},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    unsigned char bytes[256];
    size_t size = compose(bytes, CASES[i].dictionary, CASES[i].data);
    specrnn_array *array = NULL;
    assert_int_not_equal(specrnn_npy_parse(&array, bytes, size, &LOG), SPECRNN_OK);
    assert_null(array);
    assert_string_equal(last_message, CASES[i].message);
  }

  static const char *const READ[] = {
      "{\"shape\": (1,), \"fortran_order\": False, \"descr\": \"<f4\"}", /* any order, double quotes, no last comma */
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1L,), }",      /* Python 2 */
      "{'descr': '<f2', 'fortran_order': False, 'shape': (2L, 1L), }",
  };
  for (size_t i = 0; i < COUNT(READ); i++) {
    unsigned char bytes[256];
    size_t size = compose(bytes, READ[i], 4);
    specrnn_array *array = NULL;
    succeeds(specrnn_npy_parse(&array, bytes, size, &LOG));
    specrnn_array_destroy(&array);
  }
}

static void header_claims_are_limited(void **state)
{
  (void)state;
  unsigned char bytes[64] = "\x93NUMPY\x02";
  memcpy(bytes + 8, "\x01\x00\x10\x00", 4); /* 2^20 + 1 */
  specrnn_array *array = NULL;
  assert_int_equal(specrnn_npy_parse(&array, bytes, sizeof bytes, &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "the .npy header claims 1048577 bytes; the limit is 1048576");
  memcpy(bytes + 8, "\x40\x00\x00\x00", 4);
  assert_int_equal(specrnn_npy_parse(&array, bytes, sizeof bytes, &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "the .npy header claims 64 bytes; 52 are left");
  bytes[6] = 4;
  assert_int_equal(specrnn_npy_parse(&array, bytes, sizeof bytes, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "version 4.0 of .npy; 1.0, 2.0 and 3.0 are read");
}

static void every_truncation_is_an_error(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"v1_f4.npy", "v3_f4.npy", "fortran_f4.npy", "scalar_f8.npy"};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    size_t size;
    unsigned char *bytes = read_bytes(golden(NAMES[i]), &size);
    for (size_t length = 0; length < size; length++) {
      unsigned char *part = malloc(length ? length : 1); /* of its own, so that the sanitizer sees reads beyond it */
      memcpy(part, bytes, length);
      specrnn_array *array = NULL;
      assert_int_equal(specrnn_npy_parse(&array, part, length, &LOG), SPECRNN_ERROR_FORMAT);
      assert_null(array);
      free(part);
    }
    free(bytes);
  }
}

/* A changed byte either breaks a rule or says something else that is valid: then shape and data still agree. */
static void every_changed_header_byte_is_handled(void **state)
{
  (void)state;
  size_t size;
  unsigned char *bytes = read_bytes(golden("fortran_f4.npy"), &size);
  size_t refused = 0;
  enum { HEADER = 88 }; /* magic, length and the dictionary, without the spaces behind it */
  for (size_t at = 0; at < HEADER; at++) {
    unsigned char original = bytes[at];
    for (unsigned value = 0; value < 256; value++) {
      bytes[at] = (unsigned char)value;
      specrnn_array *array = NULL;
      if (specrnn_npy_parse(&array, bytes, size, &LOG)) {
        assert_null(array);
        refused++;
      } else {
        assert_int_equal(specrnn_array_count(array) * specrnn_dtype_size(array->dtype), 24 * 4);
        specrnn_array_destroy(&array);
      }
    }
    bytes[at] = original;
  }
  assert_in_range(refused, HEADER * 256 * 9 / 10, HEADER * 255);
  free(bytes);
}

static void half_floats_are_exact(void **state)
{
  (void)state;
  static const struct {
    uint16_t half;
    float value;
  } F16[] = {{0x0000, 0.0F},     {0x3c00, 1.0F},       {0xc000, -2.0F},    {0x7bff, 65504.0F},
             {0x0001, 0x1p-24F}, {0x03ff, 0x3ffp-24F}, {0x0400, 0x1p-14F}, {0x3555, 0x1.554p-2F}};
  for (size_t i = 0; i < COUNT(F16); i++) {
    assert_true(srn_f16_to_f32(F16[i].half) == F16[i].value);
  }
  assert_true(signbit(srn_f16_to_f32(0x8000)));
  assert_true(isinf(srn_f16_to_f32(0x7c00)) && isnan(srn_f16_to_f32(0x7e01)));
  /* Counting through all of them, each is the next float16 up: 0x0000 ... 0x7bff ascend. */
  for (uint16_t half = 1; half < 0x7c00; half++) {
    assert_true(srn_f16_to_f32(half) > srn_f16_to_f32(half - 1));
  }
  assert_true(srn_bf16_to_f32(0x3f80) == 1.0F && srn_bf16_to_f32(0xc049) == -3.140625F);
}

static void conversion_checks_values(void **state)
{
  (void)state;
  const double values[] = {1.0, 2.0, 0.1, 1e300};
  const size_t shape[] = {2, 2};
  specrnn_array view = specrnn_array_view(SPECRNN_F64, 2, shape, values);
  specrnn_array *converted = NULL;
  assert_int_equal(specrnn_array_to_f32(&converted, &view, SPECRNN_FINITE_REQUIRED, &LOG), SPECRNN_ERROR_NOT_FINITE);
  assert_null(converted);
  assert_string_equal(last_message, "the value at (1, 1) is not a finite float");
  succeeds(specrnn_array_to_f32(&converted, &view, SPECRNN_FINITE_OPTIONAL, &LOG));
  assert_true(((float *)converted->data)[2] == 0.1F);
  assert_true(isinf(((float *)converted->data)[3]));
  specrnn_array_destroy(&converted);

  const int64_t whole[] = {(INT64_C(1) << 60) + (INT64_C(1) << 36) + 1}; /* by way of double it would round down */
  view = specrnn_array_view(SPECRNN_I64, 0, NULL, whole);
  succeeds(specrnn_array_to_f32(&converted, &view, SPECRNN_FINITE_REQUIRED, &LOG));
  assert_true(((float *)converted->data)[0] == 0x1.000002p60F);
  specrnn_array_destroy(&converted);

  view.dtype = SPECRNN_C64;
  assert_int_equal(specrnn_array_to_f32(&converted, &view, SPECRNN_FINITE_OPTIONAL, &LOG), SPECRNN_ERROR_UNSUPPORTED);

  const size_t huge[] = {SIZE_MAX / 2, 4};
  assert_int_equal(specrnn_array_create(&converted, SPECRNN_F32, 2, huge, &LOG), SPECRNN_ERROR_MEMORY);
  assert_int_equal(specrnn_array_create(&converted, SPECRNN_F32, 9, huge, &LOG), SPECRNN_ERROR_ARGUMENT);
}

/* Blocks of any size, after another or once more, are the whole array converted. */
static void blocks_are_the_array(void **state)
{
  (void)state;
  static const char *const FILES[] = {"v1_f4.npy",  "v1_f8.npy",     "v1_f2.npy",    "v1_i8.npy",
                                      "v1_i4.npy",  "v1_u1.npy",     "v1_b1.npy",    "big_f8.npy",
                                      "big_f2.npy", "vector_i8.npy", "scalar_f8.npy"};
  for (size_t i = 0; i < COUNT(FILES); i++) {
    specrnn_array *stored;
    specrnn_array *whole;
    specrnn_npy_reader *reader;
    succeeds(specrnn_npy_load(&stored, golden(FILES[i]), &LOG));
    succeeds(specrnn_array_to_f32(&whole, stored, SPECRNN_FINITE_OPTIONAL, &LOG));
    succeeds(specrnn_npy_open(&reader, golden(FILES[i]), &LOG));
    const specrnn_array *told = specrnn_npy_describe(reader);
    assert_int_equal(told->dtype, stored->dtype);
    assert_int_equal(told->rank, stored->rank);
    assert_memory_equal(told->shape, stored->shape, sizeof told->shape);
    size_t count = specrnn_array_count(whole);
    float values[64];
    assert_true(count <= COUNT(values));
    for (size_t block = 1; block <= count; block++) {
      for (size_t at = 0; at < count; at += block) {
        size_t n = count - at < block ? count - at : block;
        succeeds(specrnn_npy_read(reader, values + at, n, &LOG));
      }
      assert_memory_equal(values, whole->data, count * sizeof *values);
      assert_int_equal(specrnn_npy_read(reader, values, 1, &LOG), SPECRNN_ERROR_ARGUMENT);
      assert_string_equal(last_message, "1 elements are asked for, 0 are left");
      succeeds(specrnn_npy_rewind(reader, &LOG));
    }
    specrnn_npy_close(&reader);
    specrnn_array_destroy(&whole);
    specrnn_array_destroy(&stored);
  }
}

static void what_has_no_rows_of_floats_is_refused(void **state)
{
  (void)state;
  specrnn_npy_reader *reader = NULL;
  assert_int_equal(specrnn_npy_open(&reader, golden("fortran_f4.npy"), &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "an array in column-major order cannot be read by rows");
  assert_int_equal(specrnn_npy_open(&reader, golden("v1_c8.npy"), &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_int_equal(specrnn_npy_open(&reader, golden("object.npy"), &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_int_equal(specrnn_npy_open(&reader, golden("stored.npz"), &LOG), SPECRNN_ERROR_FORMAT);
  assert_int_equal(specrnn_npy_open(&reader, golden("none.npy"), &LOG), SPECRNN_ERROR_IO);
  assert_null(reader);
  specrnn_npy_close(&reader);
}

static void failed_writes_leave_nothing(void **state)
{
  (void)state;
  static float values[1 << 16];
  const size_t shape[] = {COUNT(values)};
  specrnn_array view = specrnn_array_view(SPECRNN_F32, 1, shape, values);
  assert_int_equal(specrnn_npy_save("/dev/full", &view, &LOG), SPECRNN_ERROR_IO);
  assert_string_equal(last_message, "/dev/full: cannot write: No space left on device");

  test_folder folder;
  const char *path = folder_make(&folder, "out.npy");
  view.dtype = SPECRNN_BF16;
  assert_int_equal(specrnn_npy_save(path, &view, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, ".npy cannot hold bfloat16");
  folder_remove(&folder, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_numpy_writes),      cmocka_unit_test(reads_booleans_and_scalars),
      cmocka_unit_test(writes_what_numpy_writes),     cmocka_unit_test(refuses_with_a_reason),
      cmocka_unit_test(refuses_every_broken_rule),    cmocka_unit_test(header_claims_are_limited),
      cmocka_unit_test(every_truncation_is_an_error), cmocka_unit_test(every_changed_header_byte_is_handled),
      cmocka_unit_test(half_floats_are_exact),        cmocka_unit_test(conversion_checks_values),
      cmocka_unit_test(blocks_are_the_array),         cmocka_unit_test(what_has_no_rows_of_floats_is_refused),
      cmocka_unit_test(failed_writes_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
