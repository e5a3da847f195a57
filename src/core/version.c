/* The version: core.h states it for the compiler, meson.build for the build; they must agree. */
#include "specrnn/core.h"

#define TEXT(x)                           #x
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)
#define HEADER_VERSION                    VERSION_TEXT(SPECRNN_VERSION_MAJOR, SPECRNN_VERSION_MINOR, SPECRNN_VERSION_PATCH)

_Static_assert(sizeof HEADER_VERSION == sizeof SPECRNN_BUILD_VERSION, "version of core.h and of meson.build differ");

const char *specrnn_version(void)
{
  return SPECRNN_BUILD_VERSION;
}
