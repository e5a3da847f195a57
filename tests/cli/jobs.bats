# --jobs: the same bytes and the same messages as one input after the other; what a terminal shows meanwhile.
load helper

speech=$SPECRNN_SOURCE_ROOT/tests/golden/speech_16k.wav

# many_inputs: 12 sounds of different lengths, two of which are none, in $inputs; later ones are shorter, so that they
# are done first.
many_inputs() {
  local i
  inputs=()
  for i in {10..1}; do
    sox "$speech" "in$i.wav" trim "0.$((10 - i))" "$((i / 3)).5"
    inputs+=("in$i.wav")
  done
  printf 'no sound at all, but some bytes' >bad.wav
  inputs=("${inputs[@]:0:3}" bad.wav "${inputs[@]:3}" missing.wav)
}

@test "a folder, an .npz, an .ark, statistics" {
  many_inputs
  local jobs out
  for jobs in 1 2 7; do
    for out in folder/ rows.npz rows.ark; do
      call features "${inputs[@]}" -o "$jobs-$out" --jobs "$jobs" --preset torchaudio
      equal "$status" 1
      printf '%s\n' "$stderr" >"$jobs-$out.messages" 2>/dev/null || printf '%s\n' "$stderr" >"$jobs-folder.messages"
    done
    call stats "${inputs[@]}" -o "$jobs-stats.npz" --jobs "$jobs" --preset kaldi
    equal "$status" 1
  done
  for jobs in 2 7; do
    diff -r 1-folder "$jobs-folder"
    for out in rows.npz rows.ark stats.npz rows.npz.messages; do
      cmp "1-$out" "$jobs-$out"
    done
  done
  local files=(1-folder/*)
  equal "${#files[@]}" 10
  # An empty filter bank is a warning, said once; the rest in the order of the inputs.
  equal "$(cut -d: -f1,2 1-rows.npz.messages)" "specrnn: in10.wav
specrnn: bad.wav
specrnn: missing.wav"
}

# Arrays and archives among sounds, a sound that ends before its end, what is no sound at all.
@test "encode: a folder, an .npz with gates, an .ark, vectors" {
  many_inputs
  "$SPECRNN" model init -o model.safetensors --cell lstm --hidden-size 9,6 --preset whisper --test 2 >/dev/null
  "$SPECRNN" features in3.wav in2.wav -o some.npz --preset whisper
  "$SPECRNN" features in1.wav -o one.npy --preset whisper
  head -c 9000 in6.wav >cut.wav
  inputs+=(some.npz one.npy cut.wav in10.wav/none.wav)
  local jobs out
  for jobs in 1 2 7; do
    for out in folder/ states.npz output.ark vectors.npz raw.npy; do
      local options=()
      [[ $out != states.npz ]] || options=(--gates)
      [[ $out != vectors.npz ]] || options=(--pool mean)
      [[ $out != raw.npy ]] || options=(--pool last --layer 1)
      call encode "${inputs[@]}" --model model.safetensors -o "$jobs-$out" --jobs "$jobs" "${options[@]}"
      equal "$status" 1
      printf '%s\n' "$stderr" >"$jobs-${out%/}.messages"
    done
  done
  for jobs in 2 7; do
    diff -r 1-folder "$jobs-folder"
    for out in states.npz output.ark vectors.npz raw.npy; do
      cmp "1-$out" "$jobs-$out"
    done
    for out in folder states.npz output.ark vectors.npz raw.npy; do
      cmp "1-$out.messages" "$jobs-$out.messages"
    done
  done
  local files=(1-folder/*)
  equal "${#files[@]}" 13
  equal "$(cut -d: -f1,2 1-states.npz.messages)" "specrnn: bad.wav
specrnn: missing.wav
specrnn: cut.wav
specrnn: in10.wav/none.wav"
  # The common file holds what each has by itself.
  run /usr/bin/python3 -c "import numpy as np
z, alone = np.load('1-states.npz'), np.load('1-folder/in7.npz')
print(z['names'].tolist()[:4], np.array_equal(z['in7/layer1'], alone['layer1']), np.array_equal(z['in7/h_n.lstm2'], alone['h_n.lstm2']),
      z['in7/layer2.gates'].shape == alone['layer2'].shape[:1] + (1, 4, 6), np.load('1-vectors.npz')['vectors'].shape)"
  equal "$output" "['in10', 'in9', 'in8', 'in7'] True True True (13, 6)"
}

@test "encode: batches of channels into one archive, and refused by one table" {
  sox -M "$speech" "$speech" two.wav
  sox -M "$speech" "$speech" "$speech" three.wav trim 0 0.5
  local jobs
  for jobs in 1 3; do
    succeeds encode two.wav three.wav --channels all --gates -o "$jobs.npz" --jobs "$jobs"
    succeeds encode two.wav three.wav --channels all --pool max -o "$jobs-pool.npz" --jobs "$jobs"
    refuses 1 "specrnn: *a batch of sequences goes to an .npz, or by itself to an .npy*" \
      encode two.wav --channels all -o "$jobs.ark" --jobs "$jobs"
  done
  cmp 1.npz 3.npz
  cmp 1-pool.npz 3-pool.npz
  succeeds encode three.wav --channels all --gates -o alone.npz
  run /usr/bin/python3 -c "import numpy as np
z, alone = np.load('1.npz'), np.load('alone.npz')
names = [n for n in alone.files if n not in ('names', 'config')]
print(len(names) >= 6, all(np.array_equal(z['three/' + n], alone[n]) for n in names), z['two/layer1'].shape[0])"
  equal "$output" 'True True 2'
}

@test "encode: standard input among many is read by one" {
  cp "$speech" copy.wav
  "$SPECRNN" encode - "$speech" -o out.npz --jobs 4 <copy.wav
  run /usr/bin/python3 -c "import numpy as np
z = np.load('out.npz'); print(np.array_equal(z['stdin/layer1'], z['speech_16k/layer1']))"
  equal "$output" True
}

@test "two inputs with one name would overwrite each other" {
  mkdir a b
  cp "$speech" a/x.wav && cp "$speech" b/x.wav
  refuses 2 "specrnn: a/x.wav and b/x.wav: both would be 'x' in the output" features a/x.wav b/x.wav -o out/
  refuses 2 "specrnn: a/x.wav and b/x.wav: both would be 'x' in the output" features a/x.wav b/x.wav -o out.npz
}

@test "standard input among many is read by one" {
  cp "$speech" copy.wav
  "$SPECRNN" features - "$speech" -o out.npz --jobs 4 --preset whisper <copy.wav
  run /usr/bin/python3 -c "import numpy as np
z = np.load('out.npz'); print(np.array_equal(z['stdin/features'], z['speech_16k/features']))"
  equal "$output" True
}

@test "more inputs than may be open" {
  local i inputs=()
  sox "$speech" short.wav trim 0 0.1
  for i in {1..300}; do
    ln -s short.wav "$i.wav"
    inputs+=("$i.wav")
  done
  (ulimit -n 64 && "$SPECRNN" features "${inputs[@]}" -o out/ --jobs 3 --preset whisper)
  local files=(out/*)
  equal "${#files[@]}" 300
}

@test "progress is for terminals" {
  cp "$speech" one.wav && cp "$speech" two.wav
  succeeds features one.wav two.wav -o out/ --preset whisper --jobs 2
  run script -qec "'$SPECRNN' features one.wav two.wav -o out/ --preset whisper --jobs 2" /dev/null
  equal "$status" 0
  equal "$output" "$(printf '1/2 one.wav\r\033[K2/2 two.wav\r\033[K')"
  # What takes more than a second has a rate: here a pipe that stays open for a while.
  mkfifo pipe.wav
  (cat one.wav && sleep 1.2) >pipe.wav &
  run script -qec "'$SPECRNN' features pipe.wav two.wav -o out/ --preset whisper --jobs 1" /dev/null
  equal "$status" 0
  [[ $output == *"2/2 two.wav  0."*" inputs/s, 0:0"*" left"* ]] || explain "$output"
  refuses 2 "specrnn: --jobs: '0' is not a whole number from 1 to 1024 (see specrnn features --help)" \
    features one.wav -o x.npy --jobs 0
}
