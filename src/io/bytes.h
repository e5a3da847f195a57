/* Numbers from bytes of either order, and byte order of whole arrays. */
#ifndef SPECRNN_SRC_IO_BYTES_H
#define SPECRNN_SRC_IO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SRN_HOST_IS_LITTLE 0
#else
#define SRN_HOST_IS_LITTLE 1
#endif

static inline uint16_t srn_load_le16(const unsigned char *bytes)
{
  return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t srn_load_le32(const unsigned char *bytes)
{
  return (uint32_t)srn_load_le16(bytes) | (uint32_t)srn_load_le16(bytes + 2) << 16;
}

static inline uint64_t srn_load_le64(const unsigned char *bytes)
{
  return (uint64_t)srn_load_le32(bytes) | (uint64_t)srn_load_le32(bytes + 4) << 32;
}

static inline void srn_store_le(unsigned char *bytes, uint64_t value, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (unsigned char)(value >> 8 * i);
  }
}

/* Reverses the bytes of each of `count` numbers of `size` bytes. */
static inline void srn_swap_bytes(void *numbers, size_t count, size_t size)
{
  unsigned char *number = numbers;
  for (size_t i = 0; i < count; i++, number += size) {
    for (size_t low = 0, high = size - 1; low < high; low++, high--) {
      unsigned char kept = number[low];
      number[low] = number[high];
      number[high] = kept;
    }
  }
}

/* What is left of a block of bytes that is being read; every read says whether there was enough. */
typedef struct srn_bytes {
  const unsigned char *at;
  size_t left;
} srn_bytes;

/* The next `size` bytes, or NULL where fewer are left. */
static inline const unsigned char *srn_bytes_take(srn_bytes *bytes, size_t size)
{
  if (size > bytes->left) {
    return NULL;
  }
  const unsigned char *part = bytes->at;
  bytes->at += size;
  bytes->left -= size;
  return part;
}

static inline bool srn_bytes_u8(srn_bytes *bytes, uint8_t *value)
{
  const unsigned char *part = srn_bytes_take(bytes, 1);
  if (part) {
    *value = *part;
  }
  return part;
}

static inline bool srn_bytes_le16(srn_bytes *bytes, uint16_t *value)
{
  const unsigned char *part = srn_bytes_take(bytes, 2);
  if (part) {
    *value = srn_load_le16(part);
  }
  return part;
}

static inline bool srn_bytes_le32(srn_bytes *bytes, uint32_t *value)
{
  const unsigned char *part = srn_bytes_take(bytes, 4);
  if (part) {
    *value = srn_load_le32(part);
  }
  return part;
}

static inline bool srn_bytes_le64(srn_bytes *bytes, uint64_t *value)
{
  const unsigned char *part = srn_bytes_take(bytes, 8);
  if (part) {
    *value = srn_load_le64(part);
  }
  return part;
}

#endif
