/* Pickles that are no state_dict: each operation meets every kind of value that it is not for. The files come from
 * tests/cases/pickles.py. */
#include "model_testing.h"

static const char STACK[] = "the pickle is malformed: its stack is empty";
static const char NO_STORAGE[] = "the pickle is malformed: it names something that is no storage";
static const char NO_FUNCTION[] = "the pickle is malformed: a call of something that is no function";
static const char NO_ARGUMENTS[] = "the pickle is malformed: a call without a tuple of arguments";
static const char NO_NEW_DICTIONARY[] = "the pickle is malformed: a dictionary made of something";
static const char NO_DICTIONARY[] = "the pickle is malformed: pairs for something that is no dictionary";
static const char NO_MARK[] = "the pickle is malformed: pairs without their mark";
static const char NO_ATTRIBUTES[] = "the pickle is malformed: attributes for something that is no dictionary";
static const char NO_TENSOR[] = "the pickle is malformed: a tensor that is not described as torch does";
static const char NO_KEY[] = "the pickle is malformed: a key that is no text";
static const char NO_VALUE[] = "'weight_ih_l0' is no tensor: save the model's state_dict() and nothing beside it";
static const char NO_TOP[] = "the file holds no dictionary: save the model's state_dict()";

static const struct {
  const char *name, *message;
} FILES[] = {
    {"id_of_nothing", STACK},
    {"id_of_mark", NO_STORAGE},
    {"id_of_number", NO_STORAGE},
    {"id_of_text", NO_STORAGE},
    {"id_of_dictionary", NO_STORAGE},
    {"id_of_class", NO_STORAGE},
    {"id_of_storage", NO_STORAGE},
    {"id_of_tensor", NO_STORAGE},
    {"id_of_short_tuple", NO_STORAGE},
    {"id_of_numbers", NO_STORAGE},
    {"id_without_class", NO_STORAGE},
    {"id_with_number_as_key", NO_STORAGE},
    {"call_of_nothing", STACK},
    {"call_of_arguments_alone", STACK},
    {"call_of_mark", NO_FUNCTION},
    {"call_of_number", NO_FUNCTION},
    {"call_of_text", NO_FUNCTION},
    {"call_of_dictionary", NO_FUNCTION},
    {"call_of_class", NO_FUNCTION},
    {"call_of_tensor", NO_FUNCTION},
    {"call_with_number", NO_ARGUMENTS},
    {"call_with_mark", NO_ARGUMENTS},
    {"call_with_storage", NO_ARGUMENTS},
    {"call_of_ordered_with_number", NO_NEW_DICTIONARY},
    {"call_of_rebuild_with_little", NO_FUNCTION},
    {"call_of_parameter_with_nothing", NO_FUNCTION},
    {"call_of_parameter_with_number", NO_FUNCTION},
    {"call_of_parameter_with_storage", NO_FUNCTION},
    {"set_in_nothing", STACK},
    {"set_in_too_little", STACK},
    {"set_in_number", NO_DICTIONARY},
    {"set_in_mark", NO_DICTIONARY},
    {"set_in_class", NO_DICTIONARY},
    {"set_in_tensor", NO_DICTIONARY},
    {"set_all_without_mark", NO_MARK},
    {"set_all_in_nothing", NO_DICTIONARY},
    {"set_all_in_number", NO_DICTIONARY},
    {"set_all_in_tuple", NO_DICTIONARY},
    {"set_all_of_three", NO_DICTIONARY},
    {"build_of_nothing", STACK},
    {"build_of_state_alone", STACK},
    {"build_of_number", NO_ATTRIBUTES},
    {"build_of_mark", NO_ATTRIBUTES},
    {"build_of_tensor", NO_ATTRIBUTES},
    {"build_with_mark", NO_ATTRIBUTES},
    {"tensor_of_number", NO_TENSOR},
    {"tensor_of_tuple", NO_TENSOR},
    {"tensor_of_tensor", NO_TENSOR},
    {"tensor_at_text", NO_TENSOR},
    {"tensor_with_number_as_shape", NO_TENSOR},
    {"tensor_with_text_in_shape", NO_TENSOR},
    {"tensor_with_negative_size", NO_TENSOR},
    {"tensor_with_short_stride", NO_TENSOR},
    {"key_of_number", NO_KEY},
    {"key_of_tensor", NO_KEY},
    {"value_of_number", NO_VALUE},
    {"value_of_mark", NO_VALUE},
    {"top_of_nothing", STACK},
    {"top_of_number", NO_TOP},
    {"top_of_mark", NO_TOP},
    {"top_of_class", NO_TOP},
    {"top_of_storage", NO_TOP},
};

static void other_kinds_are_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(FILES); i++) {
    char path[512];
    specrnn_model *model = NULL;
    snprintf(path, sizeof path, "%s/pickles/%s.pt", CASES_DIR, FILES[i].name);
    last_message[0] = '\0';
    assert_true(specrnn_model_load(&model, path, NULL, &LOG) != SPECRNN_OK);
    if (strcmp(last_message, FILES[i].message) != 0) {
      fail_msg("%s: %s", FILES[i].name, last_message);
    }
    assert_null(model);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(other_kinds_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
