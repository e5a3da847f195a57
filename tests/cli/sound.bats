# What a person sees of sound that is cut, stale, chained, too loud, or of a kind that is not read.
# shellcheck disable=SC2154 # status, output, stderr are bats' own; cases is of helper.bash
load helper

# counts FRAMES FILE: how many frames of the file there are.
counts() {
  call info "$2" --json
  equal "$status $(json "d['frames']")" "0 $1"
}

# warns MESSAGE ARGUMENT...: goes well, with that one warning.
warns() {
  call "${@:2}"
  equal "$status $stderr" "0 $1"
}

@test "a cut file is one line, and none of a library" {
  cp "$cases"/T_t* "$cases/trunc_3gb.wav" .
  refuses 1 'specrnn: T_t.mp3: truncated: its header promises 16000 frames, and there are 8687' analyze T_t.mp3
  refuses 1 'specrnn: T_t.w64: truncated: its header promises 16000 frames, and there are 9579' analyze T_t.w64
  refuses 1 'specrnn: T_t.rf64: truncated: its header promises 16000 frames, and there are 9579' analyze T_t.rf64
  refuses 1 'specrnn: T_tima.wav: truncated: its header promises 8192 bytes of sound, and there are 4891' \
    analyze T_tima.wav
  refuses 1 'specrnn: trunc_3gb.wav: truncated: its header promises 1500000000 frames, and there are 10000' \
    analyze trunc_3gb.wav
}

@test "a header that was never finished is read to the end, with one warning" {
  cp "$cases/zero_size.wav" "$cases/stale.wav" .
  local more='and more sound follows: read to the end, 5000 frames'
  warns "specrnn: zero_size.wav: warning: its header promises 0 frames, $more" features zero_size.wav -o out.npy
  warns "specrnn: stale.wav: warning: its header promises 500 frames, $more" features stale.wav -o out.npy
  counts 5000 zero_size.wav
  counts 5000 stale.wav
}

@test "a chained Ogg is whole" {
  counts 176400 "$cases/chain.ogg"
  succeeds features "$cases/chain.ogg" -o file.npy
  run bash -c "cat '$cases/chain.ogg' | '$SPECRNN' features - -o pipe.npy 2>&1"
  equal "$status $output" '0 '
  cmp file.npy pipe.npy
}

@test "floats in a W64 with an extensible header are floats" {
  cp "$cases/ext_float.w64" .
  /usr/bin/python3 -c 'import struct, subprocess
data = open("ext_float.w64", "rb").read()[160:2160]
head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 2036, b"WAVEfmt ", 16, 3, 1, 16000, 64000, 4, 32, b"data", 2000)
open("plain.wav", "wb").write(head + data)'
  succeeds info plain.wav --json
  local plain
  plain=$(json "d['frames'], d['peak_dbfs'], d['rms_dbfs'], d['encoding']")
  succeeds info ext_float.w64 --json
  equal "$(json "d['frames'], d['peak_dbfs'], d['rms_dbfs'], d['encoding']")" "$plain"
  run --separate-stderr bash -c "'$SPECRNN' info - --json <ext_float.w64"
  equal "$(json "d['frames'], d['peak_dbfs'], d['rms_dbfs'], d['encoding']")" "$plain"
}

@test "a VOC of several blocks is refused, as their heads would be samples" {
  cp "$cases/blocks.voc" .
  local why='its sound lies in several blocks, which are not read; sox or ffmpeg make a WAV of it'
  refuses 1 "specrnn: blocks.voc: not readable as audio: $why" analyze blocks.voc
}

@test "a sample that is too large is no NaN, and one above full scale is not clipped" {
  cp "$cases/e13.wav" .
  refuses 1 'specrnn: e13.wav: sample 5 (0.000313 s) of channel 0 is 1e+13: no sound is beyond 1e12' analyze e13.wav
  warns 'specrnn: e13.wav: warning: 1 sample beyond 1e12, which no sound is, was replaced by 0' info e13.wav
  [[ $output == *$'\n  1 sample is NaN, infinite or beyond 1e12' ]] || explain "$output"
}

@test "sound of a kind that is not read is named, with a way" {
  local way='which is not read; ffmpeg turns it into WAV: ffmpeg -i FILE -f wav - | specrnn analyze -'
  printf '\0\0\0\034ftypM4A \0\0\2\0M4A isomiso2and so on' >x.m4a
  refuses 1 "specrnn: x.m4a: MP4 (AAC or ALAC), $way" analyze x.m4a
  printf '\032\105\337\243\237B\206\201\001B\367\201\001 and so on' >x.webm
  refuses 1 "specrnn: x.webm: Matroska or WebM, $way" analyze x.webm
}
