# specrnn analyze --report: one file that needs nothing else, in a real browser.
load helper

browser_flags=(--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
  --disable-component-update --disable-sync --hide-scrollbars)

# shoot WIDTH PICTURE [FLAG...]: a screenshot of the report, and what Chromium said in chromium.log.
shoot() {
  timeout 100 chromium "${browser_flags[@]}" --user-data-dir="$PWD/profile" --enable-logging=stderr --v=0 "${@:3}" \
    --window-size="$1,1400" --screenshot="$PWD/$2" "file://$PWD/out/index.html" 2>chromium.log
}

@test "the report holds the numbers, the pictures and the command" {
  cp "$test_wav" test.wav # the path of the samples may hold blanks, which the report quotes
  succeeds analyze test.wav --offset 1.5 --duration 3 --report -o out
  [[ $output == *out/index.html* ]]
  local html
  html=$(<out/index.html)
  # A word that stands for a number has no unit.
  [[ $html != *'none s'* && $html != *'none dB'* && $html != *'auto Hz'* && $html == *'<td>none</td>'* ]]
  for text in '3.000 s from 1.500 s' '(1, 188, 257)' '(1, 188, 128)' '(1, 188, 64)' rnn1.weight_ih_l0 'name="viewport"' \
    'prefers-color-scheme: dark' "specrnn analyze test.wav --offset 1.5 --duration 3 --report -o out"; do
    [[ $html == *"$text"* ]] || explain "no '$text' in the report"
  done
  equal "$(grep -o ' src="data:image/png;base64,' out/index.html | wc -l)" 4
  equal "$(grep -o 'dark)" srcset="data:image/png;base64,' out/index.html | wc -l)" 4
  # Each picture inside is the file beside it.
  /usr/bin/python3 - <<'PYTHON'
import base64, io, re
from PIL import Image
html = open("out/index.html", encoding="utf-8").read()
pictures = re.findall(r' src="data:image/png;base64,([^"]*)"', html)
names = ["overview", "spectrogram", "layer1", "layer2"]
assert [base64.b64decode(p) == open(f"out/{n}.png", "rb").read() for p, n in zip(pictures, names)] == [True] * 4
for dark in re.findall(r'srcset="data:image/png;base64,([^"]*)"', html):
    assert max(Image.open(io.BytesIO(base64.b64decode(dark))).convert("RGB").getpixel((0, 0))) < 40
assert not re.search(r'(src|srcset|href)="(?!data:)', html) and "url(" not in html and "<script" not in html
PYTHON
}

@test "a theme that was asked for is that of the report on every page" {
  succeeds analyze "$test_wav" --duration 1 --report -o out --theme light
  [[ $(<out/index.html) != *srcset* ]]
}

@test "a model of samples has no spectrogram to show" {
  succeeds model init -o wave.safetensors --cell rnn --input-size 1 --hidden-size 4 --kind wave --sample-rate 8000
  succeeds analyze "$test_wav" --model wave.safetensors --duration 0.2 --report -o out
  [[ $(<out/index.html) != *Spectrogram* && $(<out/index.html) == *'<tr><td>Samples</td><td>(1, 1600, 1)</td></tr>'* ]]
}

@test "names are text, whatever is in them" {
  local name=$'<img src=x onerror="a()"> & \'Ω\'.wav'
  cp "$test_wav" "$name"
  succeeds analyze "$name" --duration 1 --report -o out
  [[ $(<out/index.html) == *'<h1>&lt;img src=x onerror=&quot;a()&quot;&gt; &amp; '"'Ω'"'.wav</h1>'* ]]
  name=$'bad\xff\xc0\x80.wav'
  cp "$test_wav" "$name"
  call analyze "$name" --duration 1 --report -o out
  equal "$status" 0
  iconv -f UTF-8 -t UTF-8 out/index.html >valid
  cmp valid out/index.html
}

@test "Chromium: no console error, no request, light and dark, phone and desk" {
  command -v chromium >chromium.path || skip 'SKIPPED: no Chromium'
  succeeds analyze "$test_wav" --duration 3 --report -o out
  shoot 390 phone.png
  shoot 1200 desk.png --log-net-log="$PWD/net.json"
  shoot 1200 dark.png --blink-settings=preferredColorScheme=0
  if grep -i 'CONSOLE' chromium.log; then
    explain 'the page says something on the console'
  fi
  equal "$(image_size phone.png)" '390 1400'
  equal "$(image_size desk.png)" '1200 1400'
  /usr/bin/python3 - <<'PYTHON'
import json, re
import numpy as np
from PIL import Image
pictures = {n: np.asarray(Image.open(n + ".png").convert("RGB")).astype(int) for n in ("phone", "desk", "dark")}
assert pictures["desk"][3, 3].min() > 240 and pictures["dark"][3, 3].max() < 60, "themes"
# Pictures go with the page: beside the first title of the overview there is its paper.
first = {n: next(y for y in range(1400) if abs(p[y, 140:1060] - p[3, 3]).max(axis=1).min() > 2) for n, p in pictures.items()
         if n != "phone"}
assert pictures["desk"][first["desk"] + 8, 600].min() > 240, "light"
assert pictures["dark"][first["dark"] + 8, 600].max() < 60, "dark"
assert all(len(np.unique(p.reshape(-1, 3), axis=0)) > 500 for p in pictures.values()), "pictures inside are not shown"
# Nothing sticks out to the right on a phone: the last columns are the page's ground.
assert (pictures["phone"][:, -8:] == pictures["phone"][3, 3]).all(), "wider than the screen"
text = open("net.json", encoding="utf-8").read()
# The browser itself asks its maker for updates, time and accounts, with any page; the report asks nobody.
own = re.compile(r"(file|data|chrome):|https?://[a-z0-9.-]+\.(google|googleapis|gvt1)\.com/")
urls = [u for u in re.findall(r'"url":"([^"]*)"', text) if not own.match(u)]
assert "index.html" in text
assert not urls, urls
PYTHON
}
