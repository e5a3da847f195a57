#!/usr/bin/env bash
# Makes the sounds of this folder. Needs espeak-ng, sox (with libsox-fmt-base) and ffmpeg (for the MP3).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sox without dither and with its fixed seed: the same sounds every time.
make() { sox -D -R "$@"; }

say() { # FILE VOICE WORDS_PER_MINUTE PITCH TEXT
  espeak-ng -v "$2" -s "$3" -p "$4" -w "$work/$1" "$5"
}

cp ../../tests/golden/speech_16k.wav test.wav

say low.wav en-us 150 20 "She had your dark suit in greasy wash water all year. The quick brown fox jumps over the lazy dog."
make "$work/low.wav" voice_low.flac norm -3

say high.wav en-gb+f3 165 70 "A large size in stockings is hard to sell. Rice is often served in round bowls."
make "$work/high.wav" -r 44100 -C 3 voice_high.ogg norm -6

say german.wav de+f2 160 50 "Heute ist schönes Frühlingswetter. Die Sonne lacht über dem Wald."
make "$work/german.wav" -r 32000 "$work/german32.wav" norm -4
ffmpeg -v error -y -bitexact -i "$work/german32.wav" -codec:a libmp3lame -b:a 48k voice_german.mp3

# A broken chord on two channels, each string a little later and further to the right.
notes=(E2 B2 E3 Ab3 B3 E4)
parts=()
for i in "${!notes[@]}"; do
  start=$(awk "BEGIN { print $i * 0.35 }")
  make -n -r 44100 -c 1 "$work/note$i.wav" synth 3.5 pluck "${notes[$i]}" gain -6 pad "$start" trim 0 3.5
  make "$work/note$i.wav" -c 2 "$work/side$i.wav" remix "1v$(awk "BEGIN { print 1 - $i * 0.15 }")" \
    "1v$(awk "BEGIN { print 0.25 + $i * 0.15 }")"
  parts+=("$work/side$i.wav")
done
make -m "${parts[@]}" -b 16 strings.flac norm -2

make -n -r 32000 -c 1 -b 16 chord.aiff synth 3 sawtooth C3 sawtooth E3 sawtooth G3 sawtooth C4 \
  remix 1,2,3,4 lowpass 2500 tremolo 4 30 fade h 0.4 3 0.8 norm -3

make -n -r 48000 -c 1 -b 24 sweep.wav synth 2 sine 40/16000 fade h 0.02 2 0.02 gain -4

make -n -r 8000 -c 1 -e mu-law noise.wav synth 3 pinknoise tremolo 1.5 90 fade 0.1 3 0.3 norm -3
