# specrnn animate: frames, delays, loops and sizes of its GIFs.
load helper

# gif FILE: 'FRAMES LOOPS DELAY WIDTH HEIGHT' and whether each frame differs from the one before.
gif() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import sys
import numpy as np
from PIL import Image
image = Image.open(sys.argv[1])
frames, delay = [], image.info["duration"]
for i in range(image.n_frames):
    image.seek(i)
    frames.append(np.asarray(image.convert("RGB")))
moves = all((a != b).any() for a, b in zip(frames, frames[1:]))
print(len(frames), image.info.get("loop"), delay, *image.size, moves)
PYTHON
}

small() {
  (($(stat -c %s "$1") < 2000000)) || explain "$1 has $(stat -c %s "$1") bytes"
}

@test "without an input: three steps of the built-in model, one picture per node" {
  succeeds animate -o rnn.gif
  equal "$(gif rnn.gif)" '7 0 1500 640 460 True'
  small rnn.gif
  succeeds animate -o again.gif
  cmp rnn.gif again.gif
}

@test "without an input the sound is the sample test.wav" {
  succeeds animate --steps 2 -o own.gif
  succeeds animate "$test_wav" --steps 2 -o given.gif
  cmp own.gif given.gif
  succeeds animate --kind hidden --frames 2 --duration 1 -o own.gif
  succeeds animate "$test_wav" --kind hidden --frames 2 --duration 1 -o given.gif
  cmp own.gif given.gif
}

@test "steps, one layer, delay, from sound" {
  succeeds animate "$test_wav" --offset 1.5 --steps 5 --layer 1 --delay 0.5 -o five.gif
  equal "$(gif five.gif | cut -d' ' -f1-3)" '6 0 500'
  succeeds animate "$test_wav" --offset 1.5 --steps 2 --layer 2 --theme dark -o dark.gif
  equal "$(gif dark.gif | cut -d' ' -f1)" 3
}

@test "hidden: states along the spectrogram" {
  succeeds animate "$test_wav" --kind hidden -o hidden.gif
  equal "$(gif hidden.gif)" '40 0 100 700 600 True'
  small hidden.gif
}

@test "an array of features" {
  succeeds features "$test_wav" -o f.npy --kind stft --sample-rate 16000 --n-fft 512 --hop-length 256
  succeeds animate f.npy --steps 2 --layer 1 -o a.gif
  equal "$(gif a.gif | cut -d' ' -f1)" 3
}

@test "what cannot be is refused" {
  refuses 2 'specrnn: --output: name a .gif *' animate
  refuses 2 'specrnn: --output: name a .gif *' animate -o a.png
  refuses 2 'specrnn: --kind: computation or hidden' animate --kind other -o a.gif
  refuses 2 'specrnn: --layer 9: *' animate --layer 9 -o a.gif
  refuses 1 'specrnn: missing.wav: *' animate missing.wav -o a.gif
}
