/* Status codes as words. */
#include "specrnn/core.h"

const char *specrnn_status_text(specrnn_status status)
{
  switch (status) {
  case SPECRNN_OK: return "ok";
  case SPECRNN_ERROR_ARGUMENT: return "invalid argument";
  case SPECRNN_ERROR_MEMORY: return "out of memory";
  case SPECRNN_ERROR_IO: return "input/output error";
  case SPECRNN_ERROR_FORMAT: return "malformed data";
  case SPECRNN_ERROR_UNSUPPORTED: return "not supported";
  case SPECRNN_ERROR_SHAPE: return "shapes do not agree";
  case SPECRNN_ERROR_NOT_FINITE: return "value is not finite";
  case SPECRNN_ERROR_EMPTY: return "nothing in it";
  case SPECRNN_ERROR_STATE: return "call out of order";
  case SPECRNN_ERROR_FULL: return "no room: pull first";
  case SPECRNN_NEED_INPUT: return "no complete frame yet";
  case SPECRNN_END: return "end of the stream";
  }
  return "unknown status";
}
