/* Entries of a zip archive (.npz, .pt), read under limits. The only reader on libzip.
 *
 * What the archive says of itself is checked: an entry must unpack to exactly the size that its directory states, with
 * the right checksum, and that size is limited in proportion to the archive, so that a small file cannot ask for much
 * memory; so is the sum over the entries that are read, so that it cannot ask for much time either. Names that occur
 * twice are refused, as the two readers of a file could take different ones. */
#ifndef SPECRNN_SRC_IO_ZIP_H
#define SPECRNN_SRC_IO_ZIP_H

#include "io/source.h"

typedef struct srn_zip srn_zip;

#define SRN_ZIP_NO_ENTRY SIZE_MAX

/* 2 x size + 16 MiB: the most that a reader allocates for a file of that size. */
uint64_t srn_allocation_limit(uint64_t file_size);

/* "-" is standard input, which is read into memory. */
SPECRNN_MUST_CHECK specrnn_status srn_zip_open(srn_zip **out, const char *path, const specrnn_log *log);

/* Borrows the bytes, which must outlive the object. */
SPECRNN_MUST_CHECK specrnn_status srn_zip_open_memory(srn_zip **out, const void *bytes, size_t size,
                                                      const specrnn_log *log);

void srn_zip_close(srn_zip **zip);

/* Replaces both limits on unpacked bytes: that on one entry, srn_allocation_limit(size of the archive) at first, and
 * that on all entries which are read (each counts once), 16 x the size of the archive + 16 MiB at first. */
void srn_zip_set_limit(srn_zip *zip, uint64_t max_bytes);

size_t srn_zip_count(const srn_zip *zip);

/* As it stands in the directory; NULL from the count on. Lives as long as the object. */
const char *srn_zip_name(const srn_zip *zip, size_t index);

/* The entry of exactly that name, or SRN_ZIP_NO_ENTRY. */
size_t srn_zip_find(const srn_zip *zip, const char *name);

/* The unpacked size that the directory claims; 0 from the count on. Reading checks it. */
uint64_t srn_zip_size(const srn_zip *zip, size_t index);

/* Whether the entry is stored, not packed: then its bytes lie in the archive as they are. */
bool srn_zip_is_stored(const srn_zip *zip, size_t index);

/* A source of the entry's unpacked bytes, to be closed before the archive. The checksum is checked with the last byte.
 */
SPECRNN_MUST_CHECK specrnn_status srn_zip_entry_open(srn_source *source, srn_zip *zip, size_t index,
                                                     const specrnn_log *log);

/* A whole entry of `size` bytes, as its directory says, into memory of the caller's. */
SPECRNN_MUST_CHECK specrnn_status srn_zip_read_into(unsigned char *bytes, size_t size, srn_zip *zip, size_t index,
                                                    const specrnn_log *log);

/* A whole entry. *bytes goes with free(), and is not NULL for an empty entry. */
SPECRNN_MUST_CHECK specrnn_status srn_zip_read(unsigned char **bytes, size_t *size, srn_zip *zip, size_t index,
                                               const specrnn_log *log);

#endif
