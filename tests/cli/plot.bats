# specrnn plot: every kind, what its pictures hold, and what is refused.
load helper

# pixels FILE EXPRESSION: a value of numpy over p = (height, width, 3) pixels; t is the file's text entries.
pixels() {
  /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import sys
import numpy as np
from PIL import Image
image = Image.open(sys.argv[1])
t, p = image.info, np.asarray(image.convert("RGB")).astype(int)
print(eval(sys.argv[2]))
PYTHON
}

# array EXPRESSION FILE: a float32 .npy.
array() {
  /usr/bin/python3 -c 'import sys, numpy as np; np.save(sys.argv[2], np.asarray(eval(sys.argv[1]), np.float32))' "$1" "$2"
}

# drawn FILE: the picture is a PNG with at least a hundred different colours or shades, so something is in it.
drawn() {
  local colours
  colours=$(pixels "$1" 'len(np.unique(p.reshape(-1, 3), axis=0))')
  ((colours >= 20)) || explain "$1 has only $colours colours"
}

@test "each kind of sound is a picture of the expected size" {
  local kind inputs
  for kind in spectrogram mel mfcc hidden gates; do
    succeeds plot "$test_wav" --kind "$kind" -o "$kind.png" --duration 1
    drawn "$kind.png"
  done
  succeeds plot "$test_wav" --kind waveform -o waveform.png
  succeeds plot "$test_wav" --kind histogram --layer 2 -o histogram.png
  drawn waveform.png
  drawn histogram.png
  equal "$(image_size spectrogram.png)" '1000 400'
  equal "$(image_size hidden.png)" '1000 400'
  equal "$(image_size histogram.png)" '640 480'
}

@test "size, dpi, theme, and no axes" {
  succeeds plot "$test_wav" -o a.png --width 6 --height 3 --dpi 200 --theme dark
  equal "$(image_size a.png)" '1200 600'
  equal "$(pixels a.png 'p[0, 0].max() < 40')" True
  equal "$(pixels a.png 'round(t["dpi"][0])')" 200
}

@test "a known value at a known place has its colour, bare raster" {
  array '[[0, 1], [2, 3]]' a.npy
  succeeds plot a.npy -o a.png --no-axes --width 2 --height 2 --dpi 50 --colormap gray
  equal "$(image_size a.png)" '100 100'
  # Rows go to the right, columns upward: 256 v / 3 is the entry of the map, the last one for v = 3.
  equal "$(pixels a.png '[int(p[75, 25, 0]), int(p[25, 25, 0]), int(p[75, 75, 0]), int(p[25, 75, 0])]')" '[0, 85, 170, 255]'
}

@test "clicks survive an hour" {
  /usr/bin/python3 - <<'PYTHON'
import wave
import numpy as np
x = np.zeros(8000 * 3600, np.int16)
x[8000 * 1800] = 30000
with wave.open("click.wav", "wb") as f:
    f.setnchannels(1); f.setsampwidth(2); f.setframerate(8000); f.writeframes(x.tobytes())
PYTHON
  succeeds plot click.wav -o click.png --no-axes --n-fft 256 --hop-length 256
  equal "$(pixels click.png 'int(p[:, 498:503].max(axis=2).max() > 200), int(p[:, :490].max() < 10)')" '(1, 1)'
}

@test "the mean of dB is that of the power" {
  succeeds plot "$test_wav" -o a.png --pool mean --width 2
  succeeds plot "$test_wav" -o b.png --pool mean-db --width 2
  succeeds plot "$test_wav" -o c.png --width 2
  equal "$(pixels a.png 'p.tolist()' | md5sum)" "$(pixels b.png 'p.tolist()' | md5sum)"
  equal "$(pixels c.png '(p != np.asarray(Image.open("a.png").convert("RGB"))).any()')" True
}

@test "one sample is a picture too" {
  /usr/bin/python3 - <<'PYTHON'
import wave
with wave.open("one.wav", "wb") as f:
    f.setnchannels(1); f.setsampwidth(2); f.setframerate(16000); f.writeframes(b"\0\x40")
PYTHON
  local kind inputs
  for kind in spectrogram mel waveform hidden histogram; do
    succeeds plot one.wav --kind "$kind" -o "$kind.png"
  done
  drawn spectrogram.png
  call plot one.wav -o /dev/full
  equal "$status" 2
  "$SPECRNN" plot one.wav -o - 2>message >/dev/full && explain 'a full disk is no success'
  equal "$(<message)" 'specrnn: standard output: No space left on device'
}

@test "the picture says where it comes from" {
  succeeds plot "$test_wav" -o a.png --title 'a title'
  equal "$(pixels a.png 't["Source"]')" test.wav
  [[ $(pixels a.png 't["Comment"]') == 'specrnn plot '*"--title 'a title'" ]]
  equal "$(pixels a.png '__import__("json").loads(t["Parameters"])["sample_rate_hz"]')" 16000
}

@test "standard output gets a PNG, standard input is sound" {
  "$SPECRNN" plot - -o - <"$test_wav" >a.png
  succeeds plot "$test_wav" -o b.png
  equal "$(pixels a.png 'p.shape')" "$(pixels b.png 'p.shape')"
}

@test "SVG and PDF, with Greek and Cyrillic in title and file name" {
  cp "$test_wav" 'ήχος звук.wav'
  succeeds plot 'ήχος звук.wav' -o 'ήχος.svg' --title 'Φάσμα, спектр'
  grep -q '<svg' 'ήχος.svg'
  succeeds plot 'ήχος звук.wav' -o 'звук.pdf'
  equal "$(head -c 5 'звук.pdf')" %PDF-
  succeeds plot 'ήχος звук.wav' -o 'звук.png'
  equal "$(pixels 'звук.png' 't["Source"]')" 'ήχος звук.wav'
}

@test "CJK in a title" {
  fc-list :lang=ja family | grep -q . || skip 'SKIPPED: no CJK font is installed'
  succeeds plot "$test_wav" -o a.png --title '音のスペクトル'
}

@test "characters that no font has are said, once" {
  fc-list :lang=ja family | grep -q . && skip 'SKIPPED: a CJK font is installed'
  call plot "$test_wav" -o a.png --title '音'
  equal "$status" 0
  [[ $stderr == *font* ]] || explain "$stderr"
}

# same_pixels A.png B.png
same_pixels() {
  /usr/bin/python3 -c 'import sys, numpy as np; from PIL import Image
a, b = (np.asarray(Image.open(name)) for name in sys.argv[1:]); sys.exit(a.shape != b.shape or bool((a != b).any()))' "$@"
}

@test "numbers that a float cannot tell apart are drawn apart" {
  local kind
  /usr/bin/python3 -c 'import sys, numpy as np
cases = sys.argv[1]; a, b = np.load(cases + "/da.npy"), np.load(cases + "/db.npy")
np.save("difference.npy", a - b); np.save("near.npy", a - 1e6); np.save("sine.npy", np.load(cases + "/loff.npy") - 1e9)
np.save("line.npy", np.load(cases + "/l300.npy") / 1e302); np.save("constant.npy", np.full(20, 1e17))
np.save("wide.npy", np.array([-1.7e308, 0, 1.7e308])); np.save("narrow.npy", np.array([-1.7, 0, 1.7]))' "$cases"
  succeeds plot "$cases/da.npy" "$cases/db.npy" --kind difference --no-axes -o a.png
  succeeds plot difference.npy --colormap coolwarm --symmetric --pool max-abs --no-axes -o b.png
  same_pixels a.png b.png
  succeeds plot "$cases/da.npy" --no-axes -o a.png
  succeeds plot near.npy --no-axes -o b.png
  same_pixels a.png b.png
  succeeds plot "$cases/loff.npy" --no-axes -o a.png
  succeeds plot sine.npy --no-axes -o b.png
  same_pixels a.png b.png
  succeeds plot "$cases/l300.npy" --kind heatmap --no-axes -o a.png
  succeeds plot line.npy --kind heatmap --no-axes -o b.png
  same_pixels a.png b.png
  succeeds plot wide.npy --kind histogram --no-axes -o a.png
  succeeds plot narrow.npy --kind histogram --no-axes -o b.png
  same_pixels a.png b.png
  succeeds plot constant.npy --kind histogram -o c.png
  # The smallest numbers that there are, and an infinity beside numbers.
  /usr/bin/python3 -c 'import numpy as np
a = np.eye(4, 5); np.save("small.npy", a * 5e-324); np.save("a.npy", a)
b = a.copy(); b[1, 2] = np.inf; np.save("infinite.npy", b); b[1, 2] = 1; np.save("most.npy", b)
np.save("zero.npy", 0 * a)'
  for kind in heatmap histogram; do
    succeeds plot small.npy --kind $kind --no-axes -o a.png
    succeeds plot a.npy --kind $kind --no-axes -o b.png
    same_pixels a.png b.png
  done
  succeeds plot infinite.npy zero.npy --kind difference --no-axes -o a.png
  succeeds plot most.npy zero.npy --kind difference --no-axes -o b.png
  same_pixels a.png b.png
  # Without a finite number the colour bar says so and has no numbers: six of three glyphs, 0.0 to 1.0, are missing.
  mkdir some none
  /usr/bin/python3 -c 'import numpy as np
a = np.full((20, 5), np.nan); np.save("none/a.npy", a); a[0, :2] = 0, 1; np.save("some/a.npy", a)'
  succeeds plot none/a.npy -o none.svg
  succeeds plot some/a.npy -o some.svg
  succeeds plot some/a.npy -o titled.svg --title "xno value is finite"
  succeeds plot some/a.npy -o short.svg --title x
  glyphs() { grep -c '<use' "$1"; }
  equal $(($(glyphs none.svg) - $(glyphs some.svg) + 18)) $(($(glyphs titled.svg) - $(glyphs short.svg)))
}

@test "integers that doubles cannot hold are drawn with a warning" {
  local kind inputs
  /usr/bin/python3 -c 'import numpy as np
np.save("wide.npy", np.array([[2**63 - 1, 2**63 - 3], [2**53, 1]])); np.save("narrow.npy", np.array([[2**53, -2**53], [0, 1]]))'
  for kind in heatmap difference lines histogram; do
    inputs=(wide.npy)
    [[ $kind != difference ]] || inputs+=(wide.npy)
    call plot "${inputs[@]}" --kind "$kind" -o a.png
    equal "$status $stderr" \
      "0 specrnn: wide.npy: warning: integers beyond 2^53 are drawn as the nearest doubles, 1024 apart at 2^63"
  done
  succeeds plot narrow.npy -o b.png
}

@test "difference of two arrays, and its largest value in the title" {
  array 'np.zeros((20, 5))' a.npy
  array 'np.eye(20, 5) * -0.25' b.npy
  succeeds plot a.npy b.npy --kind difference -o d.svg
  succeeds plot a.npy b.npy --kind difference -o d.png
  drawn d.png
  array 'np.zeros((20, 6))' c.npy
  refuses 1 'specrnn: c.npy: shape (20, 6); a.npy has (20, 5)' plot a.npy c.npy --kind difference -o e.png
}

@test "an .npy of any number of rows: bounded memory, no value skipped" {
  /usr/bin/python3 - <<'PYTHON'
import numpy as np
with open("huge.npy", "wb") as out:
    np.lib.format.write_array_header_1_0(out, {"descr": "<f4", "fortran_order": False, "shape": (1000000, 100)})
    start = out.tell()
    out.truncate(start + 4 * 100 * 1000000)
    out.seek(start + 4 * (600000 * 100 + 37))
    out.write(np.float32(1).tobytes())
with open("step.npy", "wb") as out:
    np.lib.format.write_array_header_1_0(out, {"descr": "<f8", "fortran_order": False, "shape": (1000000, 100)})
    out.truncate(out.tell() + 8 * 100 * 1000000)
PYTHON
  # Peak memory in MB; the arrays have 400 and 800.
  peak() {
    /usr/bin/python3 -c 'import os, sys
child = os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss // 1024)
sys.exit(status != 0)' "$SPECRNN" plot "$@"
  }
  local most=200 # with room for sanitizers
  [[ $(peak huge.npy -o a.png --no-axes --colormap gray) -lt $most ]]
  # One cell of a hundred million: column 600, a hundredth of the height. Its neighbours are black.
  equal "$(pixels a.png 'int(p[247:252, 599:602].max()), int(p[:, :590].max()), int(p[:200].max())')" '(255, 0, 0)'
  [[ $(peak huge.npy step.npy --kind difference -o d.png) -lt $most ]]
  [[ $(peak step.npy --kind histogram -o h.png) -lt $most ]]
  [[ $(peak step.npy --order activity -o o.png) -lt $most ]]
}

@test "rows from disk and from memory make the same picture" {
  array 'np.random.default_rng(1).normal(size=(3000, 70))' a.npy
  array 'np.random.default_rng(2).normal(size=(3000, 70))' b.npy
  /usr/bin/python3 -c 'import numpy as np
a = np.load("a.npy"); np.savez("c.npz", a=a); np.save("f.npy", np.asfortranarray(a)); np.save("d.npy", a.astype(">f8"))'
  local kind file
  for kind in heatmap histogram; do
    succeeds plot a.npy --kind $kind --title x -o a.png
    for file in c.npz f.npy d.npy; do
      succeeds plot $file --kind $kind --title x -o b.png
      equal "$(pixels b.png '(p == np.asarray(Image.open("a.png").convert("RGB"))).all()')" True
    done
  done
  succeeds plot a.npy b.npy --kind difference --title x -o a.png
  succeeds plot f.npy b.npy --kind difference --title x -o b.png
  equal "$(pixels b.png '(p == np.asarray(Image.open("a.png").convert("RGB"))).all()')" True
  head -c 5000 a.npy >short.npy
  refuses 1 'specrnn: short.npy: shape (3000, 70) of <f4 does not fit the 4872 bytes of data' plot short.npy -o s.png
}

@test "arrays: heat map, lines, scatter, histogram; .csv and .npz by name" {
  array 'np.random.default_rng(0).normal(size=(50, 2))' a.npy
  local kind inputs
  for kind in heatmap lines scatter histogram; do
    succeeds plot a.npy --kind "$kind" -o "$kind.png"
    drawn "$kind.png"
  done
  succeeds features "$test_wav" -o f.npz
  succeeds plot f.npz -o f.png
  succeeds plot f.npz:features -o g.png --axis log
  refuses 1 'specrnn: f.npz: no array nothing; it holds *features*' plot f.npz:nothing -o h.png
  refuses 1 "specrnn: $cases/times_damaged.npz: times: cannot unpack the zip's entry: CRC error" \
    plot "$cases/times_damaged.npz" -o h.png
  array 'np.full((3, 2), np.nan)' nan.npy
  for kind in lines scatter histogram; do
    refuses 1 'specrnn: nan.npy: no finite value in it' plot nan.npy --kind "$kind" -o n.png
  done
  printf '1,2\n3,4\n' >a.csv
  succeeds plot a.csv -o c.png
  array 'np.arange(9)' v.npy
  succeeds plot v.npy -o v.png
}

@test "hidden units in order: the rows of the array, permuted" {
  array 'np.outer(np.cos(np.arange(8)), [0.1, 1, 0.5])' a.npy
  succeeds plot a.npy --order activity --no-axes --width 1 --height 3 --dpi 30 --colormap gray -o a.png
  array 'np.outer(np.cos(np.arange(8)), [0.1, 0.5, 1])' b.npy
  succeeds plot b.npy --no-axes --width 1 --height 3 --dpi 30 --colormap gray -o b.png
  equal "$(pixels a.png 'p.tolist()' | md5sum)" "$(pixels b.png 'p.tolist()' | md5sum)"
  # Similarity: the liveliest on top, then the one that goes with it (also against it), then the rest.
  array 'np.stack([[1, 1, -1, -1], [4, -4, 4, -4], [-1, 1, -1, 1.]], 1)' c.npy
  succeeds plot c.npy --order similarity --no-axes --width 1 --height 3 --dpi 30 --colormap gray -o c.png
  array 'np.stack([[1, 1, -1, -1], [-1, 1, -1, 1.], [4, -4, 4, -4]], 1)' d.npy
  succeeds plot d.npy --no-axes --width 1 --height 3 --dpi 30 --colormap gray -o d.png
  equal "$(pixels c.png 'p.tolist()' | md5sum)" "$(pixels d.png 'p.tolist()' | md5sum)"
}

@test "gates and cell of an LSTM, weights, two models side by side" {
  succeeds model init -o lstm.safetensors --cell lstm --input-size 257 --hidden-size 16 --seed 1 --kind stft \
    --sample-rate 16000 --n-fft 512
  array 'np.random.default_rng(0).normal(size=(30, 257))' f.npy
  succeeds plot f.npy --kind gates --model lstm.safetensors -o g.png
  equal "$(image_size g.png)" '1000 800'
  succeeds plot f.npy --kind cell --model lstm.safetensors -o c.png
  succeeds plot lstm.safetensors --kind weights -o w.png
  drawn w.png
  succeeds plot builtin --kind weights --layer 1 -o w1.png
  succeeds plot f.npy --kind hidden --layer 1 --model lstm.safetensors --compare lstm.safetensors -o two.png
  succeeds plot "$test_wav" --kind hidden --layer 1 --model lstm.safetensors --compare builtin -o three.png
  refuses 2 'specrnn: --kind cell: layer 1 of built-in model is no LSTM and has none' plot f.npy --kind cell -o x.png
}

# widen MODEL OUT: the same model with a projection 256 times as large, whose h goes into the gates through weights 256
# times as small: every h is 256 times what it was, exactly, and everything else is the same.
widen() {
  /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import json, struct, sys
import numpy as np
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header, body = json.loads(data[8 : 8 + size]), bytearray(data[8 + size :])
for name, entry in header.items():
    if name.endswith(("weight_hr_l0", "weight_hh_l0")):
        begin, end = entry["data_offsets"]
        values = np.frombuffer(bytes(body[begin:end]), "<f4") * np.float32(256 if "hr" in name else 1 / 256)
        body[begin:end] = values.astype("<f4").tobytes()
del header["__metadata__"]  # a bare state_dict: its fingerprint was of the other weights
text = json.dumps(header).encode()
open(sys.argv[2], "wb").write(struct.pack("<Q", len(text)) + text + body)
PYTHON
}

@test "hidden states behind a projection have no bound, and are drawn over the range that they have" {
  succeeds model init -o narrow.safetensors --cell lstm --input-size 8 --hidden-size 16 --proj-size 4
  widen narrow.safetensors wide.safetensors
  array '3 * np.random.default_rng(0).normal(size=(30, 8))' f.npy
  succeeds encode f.npy --model wide.safetensors -o h.npz
  /usr/bin/python3 -c 'import numpy as np; assert abs(np.load("h.npz")["output"]).max() > 10'
  local name
  for name in narrow wide; do
    succeeds plot f.npy --kind hidden --model $name.safetensors --no-axes --width 2 --height 1 --dpi 50 -o $name.png
    succeeds plot f.npy --kind gates --model $name.safetensors -o $name-gates.png --title gates
  done
  equal "$(pixels wide.png '(p == np.asarray(Image.open("narrow.png").convert("RGB"))).all()')" True
  equal "$(pixels wide-gates.png '(p == np.asarray(Image.open("narrow-gates.png").convert("RGB"))).all()')" True
}

@test "labels are drawn over time" {
  printf '0.5\t1.0\tπρώτο\n\\\t100\t200\n2\t2\tmark\n' >labels.txt
  succeeds plot "$test_wav" -o plain.png
  succeeds plot "$test_wav" -o labels.png --labels labels.txt
  equal "$(pixels labels.png '(p != np.asarray(Image.open("plain.png").convert("RGB"))).any()')" True
  # As Windows writes it: a byte order mark, and carriage returns.
  sed 's/$/\r/; 1 s/^/\xef\xbb\xbf/' labels.txt >windows.txt
  succeeds plot "$test_wav" -o windows.png --labels windows.txt
  equal "$(pixels windows.png '(p == np.asarray(Image.open("labels.png").convert("RGB"))).all()')" True
  printf '0.5\t0.2\tbackwards\n' >bad.txt
  refuses 1 'specrnn: bad.txt: line 1 is no label: *' plot "$test_wav" -o x.png --labels bad.txt
}

@test "a picture grows with the inputs side by side" {
  local inputs=("$test_wav" "$test_wav" "$test_wav" "$test_wav" "$test_wav")
  succeeds plot "${inputs[@]:0:2}" -o two.png --duration 0.2
  succeeds plot "${inputs[@]}" -o five.png --duration 0.2
  succeeds plot "${inputs[@]}" -o stack.png --duration 0.2 --stack
  equal "$(image_size two.png), $(image_size five.png), $(image_size stack.png)" '1000 400, 2500 400, 1000 2000'
}

@test "what cannot be is refused, and no file appears" {
  refuses 2 'specrnn: --output: *' plot "$test_wav"
  refuses 2 'specrnn: a.jpg: pictures are .png, .svg or .pdf' plot "$test_wav" -o a.jpg
  refuses 2 'specrnn: --kind nothing: *' plot "$test_wav" --kind nothing -o a.png
  refuses 2 'specrnn: --axis: not one of linear, log, mel' plot "$test_wav" --axis square -o a.png
  refuses 2 'specrnn: --order up: *' plot "$test_wav" --kind hidden --order up -o a.png
  refuses 2 'specrnn: --layer 3: *' plot "$test_wav" --kind hidden --layer 3 -o a.png
  refuses 1 'specrnn: missing.wav: *' plot missing.wav -o a.png
  refuses 1 'specrnn: a picture of 100 x 100 pixels has no room for 1 panel and its texts: make it larger, or leave out the axes' \
    plot "$test_wav" -o a.png --width 1 --height 1
  refuses 1 'specrnn: a picture of 300 x 200 pixels has no room for 4 panels and their texts: make it larger' \
    plot builtin --kind weights -o a.png --width 3 --height 2
  refuses 1 '*1000000*' plot "$test_wav" -o a.png --width 101 --dpi 10000
}

@test "an option that the kind has no use for is refused, not passed over" {
  array 'np.zeros((4, 3))' a.npy
  printf '0\t1\tx\n' >labels.txt
  local options=(--axis mel --order activity --compare builtin --model builtin --layer 1 --bars 3 --step 1 --log-y)
  local kind=waveform at
  for ((at = 0; at < ${#options[@]}; at += 2)); do
    refuses 2 "specrnn: ${options[at]}: --kind $kind has no use for it; it is for *" \
      plot "$test_wav" --kind $kind -o x.png "${options[@]:at:2}"
  done
  refuses 2 'specrnn: --vmin: --kind waveform has no use for it; *' \
    plot "$test_wav" --kind waveform --vmin 1 -o x.png
  refuses 2 'specrnn: --*: --kind waveform has no use for it; *' \
    plot "$test_wav" --kind waveform --n-fft 64 -o x.png
  refuses 2 'specrnn: --offset: --kind heatmap has no use for it; *' plot a.npy --offset 1 -o x.png
  refuses 2 'specrnn: built-in model: has its own front end, which --* cannot change *' \
    plot "$test_wav" --kind hidden --n-fft 64 -o x.png
  refuses 2 'specrnn: built-in model: has its own front end, which --* cannot change *' \
    plot "$test_wav" --kind histogram --preset whisper -o x.png
  refuses 2 'specrnn: --labels: no axis of this picture is time' plot a.npy --labels labels.txt -o x.png
  succeeds plot a.npy --labels labels.txt --step 1 -o x.png
}

@test "a bare state_dict: its front end comes from options" {
  succeeds model init --cell lstm --input-size 80 --hidden-size 6 -o bare.safetensors
  succeeds plot "$test_wav" --kind gates --model bare.safetensors --preset whisper -o gates.png
  succeeds features "$test_wav" --preset whisper -o config.json
  succeeds plot "$test_wav" --kind gates --model bare.safetensors --config config.json -o same.png
  equal "$(pixels same.png '(p == np.asarray(Image.open("gates.png").convert("RGB"))).all()')" True
  refuses 1 'specrnn: bare.safetensors: does not say how sound becomes the 80 features that it reads: *' \
    plot "$test_wav" --kind gates --model bare.safetensors -o other.png
  refuses 1 'specrnn: bare.safetensors: reads 80 features per frame; the front end gives 128' \
    plot "$test_wav" --kind hidden --model bare.safetensors --preset librosa -o other.png
}
