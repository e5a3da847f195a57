/* The tensors of a file by its format, which its content tells. */
#include <string.h>

#include "core/log.h"
#include "io/zip.h"
#include "model/tensors.h"
#include "specrnn/io.h"

/* What is known and not read, with the way out. */
static specrnn_status fail_format(specrnn_file_format format, const specrnn_log *log)
{
  const char *name = specrnn_file_format_name(format);
  switch (format) {
  case SPECRNN_FILE_NPY:
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                    "this is no model: %s; the weights of a model are several, as in an .npz", name);
  case SPECRNN_FILE_TORCH_LEGACY:
  case SPECRNN_FILE_PICKLE:
  case SPECRNN_FILE_HDF5:
  case SPECRNN_FILE_TFLITE:
  case SPECRNN_FILE_ONNX:
  case SPECRNN_FILE_ZIP:
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "this is no model: %s%s", name, specrnn_file_format_advice(format));
  default: return srn_fail(log, SPECRNN_ERROR_FORMAT, "this is no model: neither safetensors, nor .pt, nor .npz");
  }
}

/* A zip may be damaged, or of something else; or memory was out when its entries were looked at. */
static specrnn_status fail_zip(const unsigned char *bytes, size_t n_bytes, const specrnn_log *log)
{
  srn_zip *zip = NULL;
  specrnn_status status = srn_zip_open_memory(&zip, bytes, n_bytes, log);
  srn_zip_close(&zip);
  if (!status && specrnn_bytes_identify(bytes, n_bytes) != SPECRNN_FILE_ZIP) {
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory");
  }
  return status ? status : fail_format(SPECRNN_FILE_ZIP, log);
}

specrnn_status srn_tensors_read(srn_tensor_file *file, const unsigned char *bytes, size_t n_bytes,
                                const specrnn_log *log)
{
  enum { HEADER_BEGIN = 8 };
  specrnn_file_format format = specrnn_bytes_identify(bytes, n_bytes);
  switch (format) {
  case SPECRNN_FILE_SAFETENSORS: return srn_safetensors_read(file, bytes, n_bytes, log);
  case SPECRNN_FILE_TORCH: return srn_torch_read(file, bytes, n_bytes, log);
  case SPECRNN_FILE_NPZ: return srn_npz_read(file, bytes, n_bytes, log);
  case SPECRNN_FILE_ZIP: return fail_zip(bytes, n_bytes, log);
  case SPECRNN_FILE_OTHER: break;
  default: return fail_format(format, log);
  }
  /* Damaged safetensors: the reader knows what is wrong. */
  bool like_safetensors = n_bytes > HEADER_BEGIN && memchr(" \t\r\n{", bytes[HEADER_BEGIN], sizeof " \t\r\n{" - 1);
  return like_safetensors ? srn_safetensors_read(file, bytes, n_bytes, log) : fail_format(format, log);
}
