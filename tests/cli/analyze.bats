# specrnn analyze: the main job, and every way in which it can be refused.
load helper

# wav EXPRESSION FILE: a float WAV of 16 kHz from a NumPy expression over n = arange(16000), written by hand as Python's
# wave module knows integers only.
wav() {
  /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import struct, sys
import numpy as np
n = np.arange(16000)
data = np.asarray(eval(sys.argv[1]), "<f4").tobytes()
head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 1, 16000, 64000, 4, 32) + b"data" + struct.pack("<I", len(data))
open(sys.argv[2], "wb").write(b"RIFF" + struct.pack("<I", len(head) + len(data)) + head + data)
PYTHON
}

pictures='spectrogram.png layer1.png layer2.png features.png overview.png'

@test "the segment of the tutorial: its shapes, its pictures" {
  succeeds analyze "$test_wav" --offset 1.5 --duration 3
  local line
  for line in '  Spectrogram              (1, 188, 257)' '  Layer 1 output           (1, 188, 128)' \
    '  Layer 2 output           (1, 188, 64)' '  rnn1.weight_ih_l0        (128, 257)' \
    '  rnn2.weight_hh_l0        (64, 64)' '  rnn2.bias_hh_l0          (64)'; do
    [[ $output == *$'\n'"$line"$'\n'* ]] || explain "no line '$line' in:" "$output"
  done
  equal "$(ls specrnn-out)" "$(tr ' ' '\n' <<<"$pictures" | sort)"
  # 10 x 4 inches at 100 dpi, as the tutorial draws them.
  equal "$(image_size specrnn-out/spectrogram.png)" '1000 400'
}

# same_pixels A B: what they say of themselves, the call, may differ.
same_pixels() {
  /usr/bin/python3 -c 'import sys
from PIL import Image
a, b = (Image.open(name).convert("RGB") for name in sys.argv[1:])
sys.exit(a.size != b.size or a.tobytes() != b.tobytes())' "$1" "$2" || explain "$1 and $2 differ"
}

@test "times are read as the axes write them, and are those of the file" {
  succeeds analyze "$test_wav" --offset 1.5 --duration 1
  mv specrnn-out seconds
  [[ $output == *': 1.000 s from 1.500 s, '* ]]
  for times in "0:01.5 1s" "1s500ms 0:01" "0m1.5s 1000ms"; do
    # shellcheck disable=SC2086
    set -- $times
    succeeds analyze "$test_wav" --offset "$1" --duration "$2"
    for picture in overview spectrogram layer1; do
      same_pixels seconds/$picture.png specrnn-out/$picture.png
    done
  done
  refuses 2 "specrnn: duration takes a time such as 75.5, 1:15.5 or 1m15.5s*, not '1:5'" \
    analyze "$test_wav" --duration 1:5
  refuses 2 "specrnn: --step: '1:5' is not a number *nor a time such as 1:15.5*" plot x.npy --step 1:5 -o x.png
  # Far in a long file: the axis has hours. Zeros, as the file is sparse.
  /usr/bin/python3 -c 'import struct
n = 2 * 8000 * 3603
with open("long.wav", "wb") as f:
    f.write(b"RIFF" + struct.pack("<I", n + 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16))
    f.write(b"data" + struct.pack("<I", n)); f.truncate(44 + n)'
  succeeds analyze long.wav --offset 1:00:01.25 --duration 1
  [[ $output == *'long.wav: 1.000 s from 1:00:01.25, '*' peak silence, RMS silence'* ]]
  succeeds analyze long.wav --offset 1h --duration 1 --json
  equal "$(json "d['offset_s'], d['duration_s']")" '(3600.0, 1.0)'
}

@test "the whole file without --offset, and the folder that -o names" {
  succeeds analyze "$test_wav" -o folder
  [[ $output == *'(1, 341, 257)'* ]] # 1 + 87131 / 256
  [[ ! -e specrnn-out && -f folder/overview.png ]]
}

@test "the last words are the paths of the pictures" {
  succeeds analyze "$test_wav" -o out
  local name expected=
  for name in $pictures; do
    expected+=$'\n'"  out/$name"
  done
  [[ $output == *$'\nPictures'"$expected" ]] || explain "$output"
}

@test "--json says the same in one object" {
  succeeds analyze "$test_wav" --json --offset 1.5 --duration 3
  equal "$(json "d['spectrogram'], [l['shape'] for l in d['layers']]")" '([1, 188, 257], [[1, 188, 128], [1, 188, 64]])'
  equal "$(json "d['parameters']['rnn1.weight_ih_l0'], d['samples'], d['duration_s']")" '([128, 257], 48000, 3.0)'
  equal "$(json "' '.join(p.rpartition('/')[2] for p in d['pictures'])")" "$pictures"
  equal "$(json "d['elapsed_s'] > 0 and d['sample_rate_hz']")" 16000
}

@test "levels are those of the samples" {
  wav '0.5 * np.sin(2 * np.pi * 1000 * n / 16000)' sine.wav
  succeeds analyze sine.wav --json
  # A sine of amplitude 1/2: 20 log10(1/2), and 3.01 dB less.
  equal "$(json "'%.2f %.2f' % (d['peak_dbfs'], d['rms_dbfs'])")" '-6.02 -9.03'
}

@test "every kind of sample sound, and standard input" {
  local sound
  for sound in "$samples"/*.{wav,flac,ogg,aiff,mp3}; do
    succeeds analyze "$sound" -o "out-${sound##*/}"
    equal "$(find "out-${sound##*/}" -name '*.png' -size +1k | wc -l)" 5
  done
  succeeds analyze - -o from-pipe < <(cat "$test_wav")
  succeeds analyze "$test_wav" -o from-file
  cmp <("$SPECRNN" analyze - --json -o a <"$test_wav" | sed 's/"elapsed_s".*//; s/"file": "[^"]*"//; s/"pictures".*//') \
    <("$SPECRNN" analyze "$test_wav" --json -o a | sed 's/"elapsed_s".*//; s/"file": "[^"]*"//; s/"pictures".*//')
}

@test "the same input makes the same pictures" {
  succeeds analyze "$test_wav" -o out
  mv out before
  succeeds analyze "$test_wav" -o out
  diff -r before out
}

@test "--literal takes other numbers into the encoder" {
  succeeds analyze "$test_wav" -o normal
  succeeds analyze "$test_wav" -o literal --literal
  run ! cmp -s normal/layer1.png literal/layer1.png
}

@test "a bare state_dict says nothing of a front end: options do" {
  succeeds model init -o wide.safetensors --input-size 257 --hidden-size 12,5
  refuses 1 'specrnn: wide.safetensors: does not say how sound becomes the 257 features that it reads: give front-end options or --config, or make a model of it with specrnn model convert' \
    analyze "$test_wav" --model wide.safetensors
  succeeds analyze "$test_wav" --model wide.safetensors --preset librosa --sample-rate 16000 --n-fft 512 \
    --hop-length 256 --json
  equal "$(json "d['spectrogram'], [l['shape'] for l in d['layers']]")" '([1, 341, 257], [[1, 341, 12], [1, 341, 5]])'
  refuses 2 'specrnn: built-in model: has its own front end, which --* cannot change (specrnn model convert can)' \
    analyze "$test_wav" --n-fft 1024
}

@test "silence and one sample have pictures too" {
  wav '0.0 * n' silence.wav
  succeeds analyze silence.wav -o silence --json
  equal "$(json "d['peak_dbfs'], d['rms_dbfs']")" '(None, None)'
  wav 'n[:1000] / 16000' short.wav
  succeeds analyze short.wav -o short
  equal "$(find short -name '*.png' | wc -l)" 5
}

@test "help and version" {
  succeeds --version
  [[ $output =~ ^specrnn\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  succeeds --help
  [[ $output == *'specrnn analyze test.wav'* ]]
  succeeds analyze --help
  equal "${lines[0]}" Example
  [[ $output == *--literal* ]]
}

@test "refused: no such file, a folder, an empty file, a text" {
  refuses 1 'specrnn: missing.wav: cannot open: No such file or directory' analyze missing.wav
  mkdir folder
  refuses 1 'specrnn: folder: cannot read: Is a directory' analyze folder
  : >empty.wav
  refuses 1 'specrnn: empty.wav: nothing in it: 0 bytes' analyze empty.wav
  printf 'Not a sound, though it is called one.\n' >text.wav
  refuses 1 'specrnn: text.wav: this is no sound: text; *' analyze text.wav
}

@test "refused: no samples, samples that are no numbers, half a file" {
  wav '[]' none.wav
  refuses 1 'specrnn: none.wav: no audio samples' analyze none.wav
  wav 'np.where(n == 12345, np.nan, 0.1)' nan.wav
  refuses 1 'specrnn: nan.wav: *12345*' analyze nan.wav
  wav 'np.where(n == 700, -np.inf, 0.1)' inf.wav
  refuses 1 'specrnn: inf.wav: *700*' analyze inf.wav
  head -c 20000 "$test_wav" >half.wav
  refuses 1 'specrnn: half.wav: truncated: its header promises 87131 frames, and there are 9978' analyze half.wav
}

@test "--nan zero and --truncated accept go on" {
  wav 'np.where(n == 12345, np.nan, 0.1)' nan.wav
  call analyze nan.wav --nan zero --json
  equal "$status $(json "d['replaced_samples']")" '0 1'
  head -c 20000 "$test_wav" >half.wav
  call analyze half.wav --truncated accept --json
  equal "$status $(json "d['samples']")" '0 9978'
}

@test "refused: a call that is wrong" {
  refuses 2 'specrnn: --bogus: unknown option (see specrnn analyze --help)' analyze "$test_wav" --bogus
  refuses 2 'specrnn: analyze: an input is missing (see specrnn analyze --help)' analyze
  refuses 2 'specrnn: extra: one argument too many (see specrnn analyze --help)' analyze "$test_wav" extra
  refuses 2 "specrnn: offset is -1; it must be from 0 *" analyze "$test_wav" --offset -1
  refuses 2 "specrnn: duration takes a time such as 75.5, 1:15.5 or 1m15.5s*, not '3x'" analyze "$test_wav" --duration 3x
  refuses 2 'specrnn: analyse: unknown subcommand; did you mean analyze? (see specrnn --help)' analyse "$test_wav"
}

@test "refused: a segment behind the end" {
  refuses 1 "specrnn: $test_wav: no audio samples in the segment: *" analyze "$test_wav" --offset 100
}

@test "refused: a place that cannot be written" {
  : >file
  refuses 1 'specrnn: file*: Not a directory' analyze "$test_wav" -o file
  refuses 1 'specrnn: file/folder: cannot make the folder: Not a directory' analyze "$test_wav" -o file/folder
  mkdir -m 555 closed
  bound_by_permissions
  refuses 1 'specrnn: closed/*: *Permission denied' analyze "$test_wav" -o closed
}

@test "refused: a model that is missing, is none, or does not fit" {
  refuses 1 'specrnn: none.safetensors: cannot read: No such file or directory' analyze "$test_wav" \
    --model none.safetensors
  refuses 1 "specrnn: $test_wav: this is no model: *" analyze "$test_wav" --model "$test_wav"
  succeeds model init -o narrow.safetensors --input-size 100 --hidden-size 8
  refuses 1 'specrnn: narrow.safetensors: reads 100 features per frame; the front end gives 257' \
    analyze "$test_wav" --model narrow.safetensors --sample-rate 16000 --n-fft 512
}

@test "a full disk behind standard output is an error" {
  into_full_disk() {
    "$SPECRNN" analyze "$test_wav" -o out >/dev/full
  }
  run --separate-stderr into_full_disk
  equal "$status" 1
  equal "$stderr" 'specrnn: standard output: No space left on device'
}
