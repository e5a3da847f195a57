/* First bytes of formats that other programs read. */
#include "audio/foreign.h"

#include <string.h>

typedef struct magic {
  size_t at;
  const char *bytes;
  size_t n_bytes;
  const char *name;
} magic;

static const magic SOUNDS[] = {
    {4, "ftyp", 4, "MP4 (AAC or ALAC)"},
    {4, "moov", 4, "QuickTime (AAC or ALAC)"},
    {4, "mdat", 4, "QuickTime (AAC or ALAC)"},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", 8, "ASF (WMA)"},
    {0, "\x1a\x45\xdf\xa3", 4, "Matroska or WebM"},
    {0, "#!AMR", 5, "AMR"},
    {0, "MAC ", 4, "Monkey's Audio (APE)"},
    {0, "wvpk", 4, "WavPack"},
    {0, "MPCK", 4, "Musepack"},
    {0, "MP+", 3, "Musepack"},
    {0, "TTA1", 4, "True Audio (TTA)"},
    {0, "tBaK", 4, "TAK"},
    {0, "OFR ", 4, "OptimFROG"},
    {0, "ajkg", 4, "Shorten"},
    {0, "DSD ", 4, "DSF (DSD)"},
    {0, "FRM8", 4, "DSDIFF (DSD)"},
    {0, "\x0b\x77", 2, "AC-3"},
    {0, "\x7f\xfe\x80\x01", 4, "DTS"},
    {0, ".RMF", 4, "RealMedia"},
    {0, ".ra\xfd", 4, "RealAudio"},
    {0, "FLV\x01", 4, "Flash video"},
    {0, "ADIF", 4, "AAC"},
    {0, "\xff\xf1", 2, "AAC (ADTS)"},
    {0, "\xff\xf9", 2, "AAC (ADTS)"},
    {8, "AVI ", 4, "AVI"},
    {8, "AVI\x19", 4, "AVI"},
};

/* Of few bytes only those that nothing else begins with. */
static const magic OTHERS[] = {
    {0, "\x89PNG\r\n\x1a\n", 8, "a picture (PNG)"},
    {0, "\xff\xd8\xff", 3, "a picture (JPEG)"},
    {0, "GIF8", 4, "a picture (GIF)"},
    {8, "WEBP", 4, "a picture (WebP)"},
    {0, "II*\0", 4, "a picture (TIFF)"},
    {0, "MM\0*", 4, "a picture (TIFF)"},
    {0, "%PDF-", 5, "a document (PDF)"},
    {0, "%!PS", 4, "a document (PostScript)"},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "a document (of an older Office)"},
    {0,
     "\x7f"
     "ELF",
     4, "a program (ELF)"},
    {0, "\x1f\x8b\x08", 3, "a file packed by gzip (unpack it first)"},
    {0,
     "\xfd"
     "7zXZ\0",
     6, "a file packed by xz (unpack it first)"},
    {0, "BZh", 3, "a file packed by bzip2 (unpack it first)"},
    {0, "\x28\xb5\x2f\xfd", 4, "a file packed by zstd (unpack it first)"},
    {0, "7z\xbc\xaf\x27\x1c", 6, "an archive of 7z (unpack it first)"},
    {0, "Rar!\x1a\x07", 6, "an archive of RAR (unpack it first)"},
    {257, "ustar", 5, "an archive of tar (unpack it first)"},
    {0, "SQLite format 3", 16, "a database (SQLite)"},
    {0, "MThd", 4, "notes without sound (MIDI)"},
    {0, "\xca\xfe\xba\xbe", 4, "a program (Java or macOS)"},
};

enum { HEAD_SIZE = 512 };

static const char *find(const magic *magics, size_t count, const unsigned char *head, size_t n)
{
  for (size_t i = 0; i < count; i++) {
    if (magics[i].at + magics[i].n_bytes <= n && !memcmp(head + magics[i].at, magics[i].bytes, magics[i].n_bytes)) {
      return magics[i].name;
    }
  }
  return NULL;
}

srn_foreign srn_foreign_find(srn_audio_source *source)
{
  unsigned char head[HEAD_SIZE];
  size_t n = srn_audio_source_look(source, 0, head, sizeof head);
  const char *name = find(SOUNDS, sizeof SOUNDS / sizeof *SOUNDS, head, n);
  bool is_sound = name != NULL;
  return (srn_foreign){.name = is_sound ? name : find(OTHERS, sizeof OTHERS / sizeof *OTHERS, head, n),
                       .is_sound = is_sound};
}
