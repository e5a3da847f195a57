/* The table of encodings. */
#include "audio/encoding.h"

#include <sndfile.h>

static const srn_encoding ENCODINGS[] = {
    {SF_FORMAT_PCM_S8, 1, 1.0F - 0x1p-7F},
    {SF_FORMAT_PCM_U8, 1, 1.0F - 0x1p-7F},
    {SF_FORMAT_PCM_16, 2, 1.0F - 0x1p-15F},
    {SF_FORMAT_PCM_24, 3, 1.0F - 0x1p-23F},
    {SF_FORMAT_PCM_32, 4, 1.0F},
    {SF_FORMAT_FLOAT, 4, 1.0F},
    {SF_FORMAT_DOUBLE, 8, 1.0F},
    {SF_FORMAT_ULAW, 1, 32124.0F / 32768.0F},
    {SF_FORMAT_ALAW, 1, 32256.0F / 32768.0F},
    {SF_FORMAT_IMA_ADPCM, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_MS_ADPCM, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_GSM610, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_ALAC_16, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_ALAC_24, 0, 1.0F - 0x1p-23F},
};

srn_encoding srn_encoding_find(int format)
{
  int container = format & SF_FORMAT_TYPEMASK;
  for (size_t i = 0; i < sizeof ENCODINGS / sizeof *ENCODINGS; i++) {
    if (ENCODINGS[i].subtype == (format & SF_FORMAT_SUBMASK)) {
      srn_encoding encoding = ENCODINGS[i];
      /* Packed, or in blocks of an own kind, whatever the samples are. */
      if (container == SF_FORMAT_FLAC || container == SF_FORMAT_SDS ||
          (container == SF_FORMAT_PAF && encoding.subtype == SF_FORMAT_PCM_24)) {
        encoding.bytes = 0;
      }
      return encoding;
    }
  }
  return (srn_encoding){0, 0, 1.0F};
}
