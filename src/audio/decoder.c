/* Opening of inputs: a path, standard input, memory; and reading them as far as there is sound. */
#include "audio/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/encoding.h"
#include "audio/mpeg.h"
#include "audio/mpeg_decoder.h"
#include "audio/refusal.h"
#include "audio/spool.h"
#include "audio/view.h"
#include "core/log.h"
#include "core/temporary.h"

/* Larger counts are libsndfile's ways to say that it does not know. */
#define MAX_PLAUSIBLE_FRAMES (INT64_C(1) << 53)

/* Encodings of WAV that are MP3, or its older kin. */
enum { WAV_TAG_MPEG = 0x50, WAV_TAG_MP3 = 0x55 };

static size_t frame_bytes(const srn_decoder *decoder)
{
  return srn_encoding_find(decoder->info.format).bytes * (size_t)decoder->info.channels;
}

static bool is_known(int64_t n_frames)
{
  return n_frames >= 0 && n_frames < MAX_PLAUSIBLE_FRAMES;
}

/* ------------------------------------------------------------------------------------------------ what it will give */

/* libsndfile takes every extensible header in a W64 for one of integers. */
static void restore_encoding(srn_decoder *decoder)
{
  static const struct {
    unsigned wav_tag;
    int taken, meant;
  } MISTAKEN[] = {{3, SF_FORMAT_PCM_32, SF_FORMAT_FLOAT},
                  {6, SF_FORMAT_PCM_U8, SF_FORMAT_ALAW},
                  {7, SF_FORMAT_PCM_U8, SF_FORMAT_ULAW}};
  SF_INFO *info = &decoder->info;
  for (size_t i = 0; i < sizeof MISTAKEN / sizeof *MISTAKEN; i++) {
    if (decoder->promise.wav_tag == MISTAKEN[i].wav_tag && (info->format & SF_FORMAT_SUBMASK) == MISTAKEN[i].taken) {
      info->format = (info->format & ~SF_FORMAT_SUBMASK) | MISTAKEN[i].meant;
      decoder->promise.is_misread = true;
    }
  }
}

/* The samples of a container whose size misleads libsndfile, or of a pipe, are read as what they are. */
static bool open_raw(srn_decoder *decoder, uint64_t begin, uint64_t end)
{
  const int native = SF_ENDIAN_CPU;
  const uint16_t one = 1;
  bool is_little = *(const unsigned char *)&one == 1;
  int swapped = is_little ? SF_ENDIAN_BIG : SF_ENDIAN_LITTLE;
  bool swaps = sf_command(decoder->sndfile, SFC_RAW_DATA_NEEDS_ENDSWAP, NULL, 0) == SF_TRUE;
  SF_INFO info = decoder->info;
  sf_close(decoder->sndfile);
  decoder->info.format = SF_FORMAT_RAW | (info.format & SF_FORMAT_SUBMASK) | (swaps ? swapped : native);
  decoder->view = (srn_decoder_view){.begin = begin, .end = end};
  decoder->sndfile = srn_view_open(decoder);
  decoder->info.format = info.format;
  decoder->info.seekable = !decoder->source.is_stream;
  decoder->is_raw = decoder->sndfile != NULL;
  return decoder->is_raw;
}

/* Opens the container once more, as the view now shows it. */
static bool open_anew(srn_decoder *decoder)
{
  if (decoder->sndfile) {
    sf_close(decoder->sndfile);
  }
  decoder->info = (SF_INFO){0};
  decoder->sndfile = srn_view_open(decoder);
  return decoder->sndfile != NULL;
}

/* Opens the container once more with the size of its samples as it should have been. */
static bool open_patched(srn_decoder *decoder, uint64_t n_bytes)
{
  const srn_promise *promise = &decoder->promise;
  srn_decoder_view *view = &decoder->view;
  uint64_t value = n_bytes + promise->field_extra;
  for (size_t i = 0; i < promise->n_field && i < sizeof view->patch; i++) {
    size_t shift = 8 * (promise->field_is_big_endian ? promise->n_field - 1 - i : i);
    view->patch[i] = (unsigned char)(value >> shift);
  }
  view->patch_at = promise->field_at;
  view->n_patch = promise->n_field;
  return open_anew(decoder);
}

/* A container that libsndfile refuses for a size beyond the end of the file. */
static bool open_with_true_size(srn_decoder *decoder)
{
  const srn_promise *promise = &decoder->promise;
  uint64_t size = decoder->source.size;
  uint64_t n_room = size > promise->begin ? size - promise->begin : 0;
  if (!promise->found || promise->n_field != 8 || (promise->sized && promise->n_bytes <= n_room)) {
    return false;
  }
  return open_patched(decoder, n_room);
}

/* A 32-bit size of samples above 4 GiB is its rest: the largest number with that rest behind which no sound lies. */
static bool unwrap(srn_decoder *decoder, uint64_t n_room, size_t frame)
{
  const uint64_t period = UINT64_C(1) << 32;
  srn_promise whole = decoder->promise;
  if (whole.n_field != 4 || n_room - whole.n_bytes < period) {
    return false;
  }
  whole.n_bytes += (n_room - whole.n_bytes) / period * period;
  if (srn_promise_is_exceeded(&whole, &decoder->source, frame)) {
    return false;
  }
  decoder->promise = whole;
  return true;
}

/* AIFF and CAF count the packets of a codec elsewhere too: what lies behind them was never a part of it. */
static bool may_go_on(const srn_decoder *decoder, size_t frame)
{
  int container = decoder->info.format & SF_FORMAT_TYPEMASK;
  return frame > 0 || (container != SF_FORMAT_AIFF && container != SF_FORMAT_CAF);
}

/* Holds the promise against the bytes of a source that has an end. */
static void measure(srn_decoder *decoder, size_t frame)
{
  srn_promise *promise = &decoder->promise;
  uint64_t size = decoder->source.size;
  uint64_t n_room = size > promise->begin ? size - promise->begin : 0;
  decoder->n_there = n_room;
  if (!promise->sized) {
    return;
  }
  decoder->is_cut = promise->n_bytes > n_room;
  decoder->is_exceeded = !decoder->is_cut && may_go_on(decoder, frame) &&
                         srn_promise_is_exceeded(promise, &decoder->source, frame ? frame : 1);
  if (decoder->is_exceeded && unwrap(decoder, n_room, frame)) {
    decoder->is_exceeded = false;
  }
  if (!decoder->is_cut && !decoder->is_exceeded) {
    decoder->n_there = promise->n_bytes;
  }
}

/* Where libsndfile would read fewer or other bytes than there are samples, it is told otherwise. */
static bool correct(srn_decoder *decoder)
{
  const srn_promise *promise = &decoder->promise;
  restore_encoding(decoder);
  size_t frame = frame_bytes(decoder);
  measure(decoder, frame);
  if (frame > 0 && promise->behind == SRN_BEHIND_SOUND) {
    uint64_t n_frames = decoder->n_there / frame;
    return (n_frames == (uint64_t)decoder->info.frames && !promise->is_misread) ||
           open_raw(decoder, promise->begin, promise->begin + n_frames * frame);
  }
  if (decoder->is_cut && promise->wav_block > 1) { /* a part of a block would be filled up with what is no sound */
    return open_patched(decoder, decoder->n_there - decoder->n_there % promise->wav_block);
  }
  bool fits = promise->n_field == 8 || decoder->n_there + promise->field_extra <= UINT32_MAX;
  return !decoder->is_exceeded || !promise->n_field || !fits || open_patched(decoder, decoder->n_there);
}

static void learn_format(srn_decoder *decoder)
{
  const SF_INFO *info = &decoder->info;
  const srn_promise *promise = &decoder->promise;
  size_t frame = frame_bytes(decoder);
  int container = info->format & SF_FORMAT_TYPEMASK;
  bool is_flac = container == SF_FORMAT_FLAC;
  bool known = info->seekable && is_known(info->frames);
  decoder->full_scale = srn_encoding_find(info->format).full_scale;
  decoder->exact_seek = info->seekable && frame > 0;
  decoder->exact_seek |= known && is_flac && info->frames > 0;
  decoder->n_header_frames = known ? info->frames : -1;
  decoder->exact_header = known && (is_flac || container == SF_FORMAT_OGG);
  if (frame > 0 && promise->found) {
    decoder->exact_header = promise->sized;
    bool is_stated = promise->sized && !decoder->is_exceeded;
    int64_t n_there = decoder->source.is_stream ? -1 : (int64_t)(decoder->n_there / frame);
    decoder->n_header_frames = is_stated ? (int64_t)(promise->n_bytes / frame) : n_there;
  }
  if (container == SF_FORMAT_MPEG) {
    srn_mpeg_promise mpeg = srn_mpeg_promised(&decoder->source);
    decoder->exact_header = mpeg.n_frames >= 0;
    decoder->n_header_frames = mpeg.n_frames >= 0 ? mpeg.n_frames : decoder->n_header_frames;
    decoder->n_slack = mpeg.n_slack;
    decoder->is_followed = mpeg.is_followed;
  }
}

/* ---------------------------------------------------------------------------------------------------------- opening */

static bool open_link(srn_decoder *decoder, uint64_t begin)
{
  decoder->link = srn_ogg_begin(begin);
  decoder->view = (srn_decoder_view){.begin = begin, .end = UINT64_MAX};
  decoder->info = (SF_INFO){0};
  decoder->n_links++;
  decoder->n_link_frames = 0;
  if (!decoder->source.is_stream) {
    while (srn_ogg_step(&decoder->link, &decoder->source)) {
    }
    decoder->view.end = decoder->link.end;
  }
  decoder->is_opening = true;
  decoder->sndfile = srn_view_open(decoder);
  decoder->is_opening = false;
  decoder->info.seekable = !decoder->source.is_stream;
  return decoder->sndfile != NULL;
}

static specrnn_status open_mpeg(srn_decoder *decoder, const specrnn_log *log)
{
  if (!srn_mpeg_open(decoder)) {
    char text[256];
    specrnn_status status = srn_decoder_error(decoder, text, sizeof text);
    specrnn_status known = status == SPECRNN_ERROR_IO ? SPECRNN_OK : srn_decoder_fail_known(decoder, log);
    return known ? known : srn_fail(log, status, "not readable as audio: %s", text);
  }
  learn_format(decoder);
  return SPECRNN_OK;
}

static specrnn_status open_mpeg_in_wav(srn_decoder *decoder, const specrnn_log *log)
{
  measure(decoder, 0);
  decoder->view.begin = decoder->promise.begin;
  decoder->view.end = decoder->promise.begin + decoder->n_there;
  specrnn_status status = open_mpeg(decoder, log);
  decoder->info.format = SF_FORMAT_WAV | (decoder->info.format & SF_FORMAT_SUBMASK);
  return status;
}

static specrnn_status open_links(srn_decoder *decoder, const specrnn_log *log)
{
  if (!open_link(decoder, 0)) {
    return srn_decoder_refuse(decoder, log);
  }
  learn_format(decoder);
  if (!decoder->link.is_last) {
    decoder->n_header_frames = -1; /* the sum of a chain stands nowhere */
  }
  return SPECRNN_OK;
}

/* An input of which every byte can be had at any time. */
static specrnn_status open_seekable(srn_decoder *decoder, const specrnn_log *log)
{
  if (srn_mpeg_is(&decoder->source)) {
    decoder->view = (srn_decoder_view){.end = decoder->source.size};
    return open_mpeg(decoder, log);
  }
  /* Tags in front are hung on files of any kind; libsndfile loses their size at the end of a virtual file. */
  srn_audio_source_skip(&decoder->source, srn_mpeg_behind_tags(&decoder->source, 0));
  if (srn_ogg_is(&decoder->source)) {
    return open_links(decoder, log);
  }
  decoder->view = (srn_decoder_view){.end = decoder->source.size};
  decoder->promise = srn_promise_read(&decoder->source);
  if (decoder->promise.fault) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "not readable as audio: %s", decoder->promise.fault);
  }
  decoder->is_followed = srn_promise_is_followed(&decoder->promise, &decoder->source);
  if (decoder->promise.wav_tag == WAV_TAG_MPEG || decoder->promise.wav_tag == WAV_TAG_MP3) {
    return open_mpeg_in_wav(decoder, log);
  }
  bool ends_there = decoder->promise.behind == SRN_BEHIND_OTHER && decoder->promise.n_bytes > 0;
  uint64_t end = decoder->promise.begin + decoder->promise.n_bytes;
  if (decoder->is_followed || (ends_there && end < decoder->source.size)) {
    decoder->view.end = end;
  }
  decoder->sndfile = srn_view_open(decoder);
  if (!decoder->sndfile && !open_with_true_size(decoder)) {
    return srn_decoder_refuse(decoder, log);
  }
  if (decoder->promise.found && !correct(decoder)) {
    return srn_decoder_refuse(decoder, log);
  }
  learn_format(decoder);
  return SPECRNN_OK;
}

/* Samples of one size in a container that says where they begin are read from a pipe as they come, and so is Ogg. False
 * leaves every byte in the source. */
static bool open_stream(srn_decoder *decoder)
{
  srn_audio_source *pipe = &decoder->source;
  if (srn_ogg_is(pipe)) {
    return open_link(decoder, 0);
  }
  decoder->promise = srn_promise_read(pipe);
  if (!decoder->promise.found || decoder->promise.behind != SRN_BEHIND_SOUND) {
    return false;
  }
  srn_audio_source whole = *pipe;
  *pipe = srn_audio_source_memory(whole.ahead, whole.n_ahead);
  decoder->view = (srn_decoder_view){.end = whole.n_ahead};
  decoder->sndfile = srn_view_open(decoder);
  *pipe = whole;
  restore_encoding(decoder);
  bool is_linear = decoder->sndfile && frame_bytes(decoder) > 0;
  return is_linear && open_raw(decoder, decoder->promise.begin, UINT64_MAX);
}

static void start_anew(srn_decoder *decoder)
{
  if (decoder->sndfile) {
    sf_close(decoder->sndfile);
  }
  decoder->sndfile = NULL;
  decoder->info = (SF_INFO){0};
  decoder->promise = (srn_promise){.found = false};
  decoder->n_links = 0;
}

/* HTK has no word of its own, and is known by the length of the file: of its header two fields say sound of 16 bits. */
static bool may_be_htk(srn_audio_source *pipe)
{
  static const unsigned char WAVEFORM[] = {0, 2, 0, 0};
  unsigned char fields[sizeof WAVEFORM];
  return srn_audio_source_look(pipe, 8, fields, sizeof fields) == sizeof fields &&
         !memcmp(fields, WAVEFORM, sizeof fields);
}

/* libsndfile knows the other formats by their first bytes, and looks at no more where it knows none; behind tags they
 * may not be there yet. Its own word for that is one for all threads, which another may have changed. */
static bool begins_as_sound(srn_decoder *decoder)
{
  enum { FIRST_BYTES = 16 };
  srn_audio_source *pipe = &decoder->source;
  unsigned char byte;
  (void)srn_audio_source_look(pipe, SRN_AUDIO_LOOK_SIZE - 1, &byte, 1); /* as much as it can show */
  if (srn_mpeg_is(pipe) || srn_mpeg_behind_tags(pipe, 0) > 0 || may_be_htk(pipe)) {
    return true;
  }
  srn_audio_source whole = *pipe;
  *pipe = srn_audio_source_memory(whole.ahead, whole.n_ahead);
  decoder->view = (srn_decoder_view){.end = whole.n_ahead};
  decoder->sndfile = srn_view_open(decoder);
  bool is_unknown = !decoder->sndfile && decoder->view.position <= FIRST_BYTES;
  *pipe = whole;
  start_anew(decoder);
  return !is_unknown;
}

/* What is no sound by its first bytes is refused before all of it is copied, as it may have no end. Of a zip the end
 * says what it is. */
static specrnn_status refuse_stream(srn_decoder *decoder, const specrnn_log *log)
{
  bool goes_on = srn_decoder_format(decoder) == SPECRNN_FILE_ZIP || begins_as_sound(decoder);
  return goes_on ? SPECRNN_OK : srn_decoder_refuse(decoder, log);
}

static specrnn_status open_pipe(srn_decoder *decoder, int descriptor, const void *head, size_t n_head,
                                const specrnn_log *log)
{
  decoder->path = NULL; /* opened again, a pipe would show something else */
  specrnn_status status = srn_audio_source_stream(&decoder->source, descriptor, head, n_head, log);
  if (status) {
    return status;
  }
  unsigned char byte;
  if (srn_audio_source_look(&decoder->source, 0, &byte, 1) == 0) {
    return decoder->source.error ? srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(decoder->source.error))
                                 : srn_fail(log, SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  }
  if (open_stream(decoder)) {
    learn_format(decoder);
    return SPECRNN_OK;
  }
  start_anew(decoder);
  status = refuse_stream(decoder, log);
  status = status ? status : srn_spool(&decoder->spool, &decoder->source, log);
  if (status) {
    return status;
  }
  srn_audio_source_close(&decoder->source);
  if (!srn_audio_source_file(&decoder->source, fileno(decoder->spool))) {
    return srn_fail_temporary(log, "read", errno);
  }
  return open_seekable(decoder, log);
}

static specrnn_status open_descriptor(srn_decoder *decoder, int descriptor, const void *head, size_t n_head,
                                      const specrnn_log *log)
{
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(EISDIR));
  }
  if (n_head > 0 || !srn_audio_source_file(&decoder->source, descriptor)) {
    return open_pipe(decoder, descriptor, head, n_head, log);
  }
  unsigned char byte; /* the size of a device says nothing */
  if (decoder->source.size == 0 && (S_ISREG(status.st_mode) || pread(descriptor, &byte, 1, 0) == 0)) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  }
  return open_seekable(decoder, log);
}

specrnn_status srn_decoder_open_path(srn_decoder *decoder, const char *path, const specrnn_log *log)
{
  *decoder = (srn_decoder){.descriptor = -1};
  if (!strcmp(path, "-")) {
    return open_descriptor(decoder, STDIN_FILENO, NULL, 0, log);
  }
  decoder->descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (decoder->descriptor < 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot open: %s", strerror(errno));
  }
  decoder->path = path;
  specrnn_status status = open_descriptor(decoder, decoder->descriptor, NULL, 0, log);
  decoder->path = NULL;
  return status;
}

specrnn_status srn_decoder_open_descriptor(srn_decoder *decoder, int descriptor, const void *head, size_t n_head,
                                           const specrnn_log *log)
{
  *decoder = (srn_decoder){.descriptor = descriptor};
  if (n_head > SRN_AUDIO_LOOK_SIZE) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "of a descriptor %zu bytes at most can have been read already",
                    SRN_AUDIO_LOOK_SIZE);
  }
  return open_descriptor(decoder, descriptor, head, n_head, log);
}

specrnn_status srn_decoder_open_memory(srn_decoder *decoder, const void *bytes, size_t n_bytes, const specrnn_log *log)
{
  *decoder = (srn_decoder){.descriptor = -1};
  if (n_bytes == 0) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  }
  if (n_bytes > INT64_MAX) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%zu bytes are more than can be in memory", n_bytes);
  }
  decoder->source = srn_audio_source_memory(bytes, n_bytes);
  return open_seekable(decoder, log);
}

void srn_decoder_close(srn_decoder *decoder)
{
  if (decoder->sndfile) {
    sf_close(decoder->sndfile);
  }
  srn_mpeg_close(decoder);
  if (decoder->spool) {
    fclose(decoder->spool);
  }
  if (decoder->descriptor >= 0) {
    close(decoder->descriptor);
  }
  srn_audio_source_close(&decoder->source);
  *decoder = (srn_decoder){.descriptor = -1};
}

/* ---------------------------------------------------------------------------------------------------------- reading */

bool srn_decoder_has_link(const srn_decoder *decoder)
{
  return !is_known(decoder->info.frames) || decoder->n_link_frames >= (uint64_t)decoder->info.frames;
}

/* True where a link of a chain follows and was opened. */
static bool open_next_link(srn_decoder *decoder)
{
  if (!decoder->n_links || !srn_ogg_is_complete(&decoder->link) || !srn_decoder_has_link(decoder)) {
    return false;
  }
  while (srn_ogg_step(&decoder->link, &decoder->source)) {
  }
  if (decoder->link.is_last) {
    return false;
  }
  SF_INFO before = decoder->info;
  sf_close(decoder->sndfile);
  if (!open_link(decoder, decoder->link.next)) {
    decoder->failure = "the next stream of this chained Ogg is damaged or truncated";
  } else if (decoder->info.channels != before.channels || decoder->info.samplerate != before.samplerate) {
    decoder->failure = "the next stream of this chained Ogg has another sample rate or number of channels";
  }
  return !decoder->failure;
}

static sf_count_t read_frames(srn_decoder *decoder, float *samples, int64_t n_wanted)
{
  if (decoder->failure) {
    return 0;
  }
  return decoder->mpeg ? (sf_count_t)srn_mpeg_read(decoder, samples, (size_t)n_wanted)
                       : sf_readf_float(decoder->sndfile, samples, n_wanted);
}

bool srn_decoder_read(srn_decoder *decoder, float *samples, int64_t n_wanted, size_t *n_frames)
{
  *n_frames = 0;
  do {
    sf_count_t n = read_frames(decoder, samples, n_wanted);
    if (n > 0) {
      decoder->n_link_frames += (uint64_t)n;
      *n_frames = (size_t)n;
      return true;
    }
    bool failed = decoder->sndfile && sf_error(decoder->sndfile) != SF_ERR_NO_ERROR;
    if (decoder->source.error || decoder->failure || failed) {
      return false;
    }
  } while (open_next_link(decoder));
  return !decoder->failure;
}

bool srn_decoder_seek(srn_decoder *decoder, int64_t frame)
{
  return sf_seek(decoder->sndfile, frame, SEEK_SET) == frame;
}

/* ------------------------------------------------------------------------------------------------------------ names */

static const char *format_name(int format)
{
  SF_FORMAT_INFO info = {.format = format};
  return sf_command(NULL, SFC_GET_FORMAT_INFO, &info, sizeof info) == 0 && info.name ? info.name : "unknown";
}

const char *srn_container_name(int format)
{
  return format_name(format & SF_FORMAT_TYPEMASK);
}

const char *srn_encoding_name(int format)
{
  return format_name(format & SF_FORMAT_SUBMASK);
}
