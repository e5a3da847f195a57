/* A program of somebody else: built against the installed headers and pkg-config files alone. */
#include <specrnn/specrnn.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
  char compiled[32];
  snprintf(compiled, sizeof compiled, "%d.%d.%d", SPECRNN_VERSION_MAJOR, SPECRNN_VERSION_MINOR, SPECRNN_VERSION_PATCH);
  printf("%s\n", specrnn_version());
  return strcmp(compiled, specrnn_version()) != 0;
}
