/* First bytes of formats that other programs read. */
#include "audio/foreign.h"

#include <string.h>

static const struct {
  size_t at;
  const char *magic;
  size_t n_magic;
  const char *name;
} FOREIGN[] = {
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

const char *srn_foreign_name(srn_audio_source *source)
{
  unsigned char head[32];
  size_t n = srn_audio_source_look(source, 0, head, sizeof head);
  for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++) {
    if (FOREIGN[i].at + FOREIGN[i].n_magic <= n &&
        !memcmp(head + FOREIGN[i].at, FOREIGN[i].magic, FOREIGN[i].n_magic)) {
      return FOREIGN[i].name;
    }
  }
  return NULL;
}
