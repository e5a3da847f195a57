# specrnn encode and neighbours: the numbers of PyTorch, every form of input and output, and what is refused.
# shellcheck disable=SC2154 # status, output, stderr, lines are bats' own; samples and test_wav are of helper.bash
load helper

golden=$SPECRNN_SOURCE_ROOT/tests/golden/nn

# below LIMIT NUMBER
below() {
  /usr/bin/python3 -c 'import sys; sys.exit(not float(sys.argv[2]) < float(sys.argv[1]))' "$1" "$2" ||
    explain "$2 is not below $1"
}

# reproduces NAME MODEL OPTION...: encode gives the fixture's arrays. Gates and a state in double (the reference) against
# float: 2e-6 is what the library promises after 200 steps; these fixtures have 12.
reproduces() {
  local options=() name=$1 model=$golden/$2
  shift 2
  rm -f ./*.npy
  arrays unpack "$golden/$name.io.npz"
  [[ ! -e h0.npy ]] || options+=(--h0 h0.npy)
  [[ ! -e c0.npy ]] || options+=(--c0 c0.npy)
  [[ ! -e lengths.npy ]] || options+=(--lengths lengths.npy)
  call encode input.npy --model "$model" -o out.npz "${options[@]}" "$@"
  [[ $status == 0 ]] || explain "$stderr"
  below 2e-6 "$(arrays compare "$golden/$name.io.npz" out.npz)"
}

@test "files of PyTorch give PyTorch's numbers" {
  reproduces rnn_chain rnn_chain.pt
  reproduces rnn_chain rnn_chain.safetensors --nonlinearity tanh
  reproduces gru_reverse gru_reverse.safetensors
  reproduces lstm_hr lstm_hr.safetensors
  reproduces lstm_packed lstm_packed.pt
  reproduces lstm_f64 lstm_f64.pt
  reproduces gru_bf16 gru_bf16.safetensors
  reproduces rnn_f16 rnn_f16.npz
}

@test "what a state_dict does not say comes from options" {
  reproduces lstm_head lstm_head.npz --activation softmax
  reproduces relu_cell relu_cell.safetensors --nonlinearity relu
  reproduces gru_before gru_before.safetensors
  reproduces lstm_concatenated lstm_concatenated.safetensors --concatenated cell
}

@test "what is assumed is said" {
  arrays unpack "$golden/rnn_chain.io.npz"
  call encode input.npy --model "$golden/rnn_chain.pt" -o out.npz
  equal "$stderr" "specrnn: $golden/rnn_chain.pt: warning: the file does not say tanh or relu: tanh is taken"
  succeeds encode input.npy --model "$golden/rnn_chain.pt" --nonlinearity tanh -o out.npz
}

@test "what lies beyond the length of a sequence does not count, NaN or not" {
  succeeds model init --cell gru --input-size 5 --hidden-size 4 --bidirectional -o m.safetensors
  succeeds encode "$cases/nanpad.npy" --lengths 3,8,5 --model m.safetensors -o a.npz
  /usr/bin/python3 -c 'import numpy as np, sys; np.save("z.npy", np.nan_to_num(np.load(sys.argv[1])))' "$cases/nanpad.npy"
  succeeds encode z.npy --lengths 3,8,5 --model m.safetensors -o b.npz
  for name in layer1 h_n output; do
    equal "$(arrays equal a.npz:$name b.npz:$name)" equal
  done
  refuses 1 "specrnn: $cases/nanpad.npy: the value at (0, 3, 0) is not a finite float" \
    encode "$cases/nanpad.npy" --lengths 4,8,5 --model m.safetensors -o c.npz
  refuses 1 "specrnn: $cases/nanpad.npy: the value at (0, 3, 0) is not a finite float" \
    encode "$cases/nanpad.npy" --model m.safetensors -o c.npz
}

@test "modules run in the order in which a .pt has them, and where others fit this is said" {
  local name order
  for name in encdec:encoder,decoder lstmfc:lstm,fc; do
    order=${name#*:} name=${name%:*}
    cp "$cases/order_$name.pt" model.pt
    call encode "$cases/order_${name}_x.npy" --model model.pt -o out.npy
    equal "$status" 0
    equal "$stderr" "specrnn: model.pt: warning: the modules run in the order in which the file has them, $order; their widths fit in another order too, which --chain would name"
    equal "$(arrays print 'abs(a[0] - a[1].reshape(a[0].shape)).max() < 1e-6' out.npy "$cases/order_${name}_right.npy")" True
    succeeds encode "$cases/order_${name}_x.npy" --model model.pt -o named.npy --chain "$order"
    cmp out.npy named.npy
  done
}

@test "time first gives the same numbers, transposed" {
  arrays unpack "$golden/lstm_packed.io.npz"
  /usr/bin/python3 -c 'import numpy as np; np.save("t.npy", np.load("input.npy").transpose(1, 0, 2).copy())'
  local options=(--model "$golden/lstm_packed.pt" --h0 h0.npy --c0 c0.npy)
  succeeds encode input.npy "${options[@]}" --lengths 3,12,1,12,7 --gates -o a.npz
  succeeds encode t.npy --time-first "${options[@]}" --lengths lengths.npy --gates -o b.npz
  for name in layer1 layer2 output layer1.gates layer2.cell; do
    equal "$(arrays print '(a[0].swapaxes(0, 1) == a[1]).all()' a.npz:$name b.npz:$name)" True
  done
  for name in h_n c_n; do
    equal "$(arrays equal a.npz:$name b.npz:$name)" equal
  done
}

@test "the gates give the cell and the state" {
  arrays unpack "$golden/lstm_packed.io.npz"
  succeeds encode input.npy --model "$golden/lstm_packed.pt" --gates -o out.npz
  equal "$(arrays shape out.npz:layer1.gates)" "(5, 12, 2, 4, 4) float32"
  equal "$(arrays shape out.npz:layer1.cell)" "(5, 12, 2, 4) float32"
  # rows i f g o; forward direction: c' = f c + i g, h = o tanh(c')
  below 1e-6 "$(arrays print 'np.abs(a[0][:, 1:, 0, 1] * a[1][:, :-1, 0] + a[0][:, 1:, 0, 0] * a[0][:, 1:, 0, 2]
    - a[1][:, 1:, 0]).max()' out.npz:layer1.gates out.npz:layer1.cell)"
  below 1e-6 "$(arrays print 'np.abs(a[0][:, :, 0, 3] * np.tanh(a[1][:, :, 0]) - a[2][:, :, :4]).max()' \
    out.npz:layer1.gates out.npz:layer1.cell out.npz:layer1)"
}

@test "sound through the built-in model" {
  succeeds encode "$test_wav" -o out.npz
  equal "$(arrays shape out.npz:layer1)" "(341, 128) float32"
  equal "$(arrays shape out.npz:layer2)" "(341, 64) float32"
  equal "$(arrays equal out.npz:output out.npz:layer2)" equal
  equal "$(arrays print 'a[0].tolist(), str(a[1])[:22]' out.npz:names out.npz:config)" "(['test'], '{\"preset\": \"librosa\", ')"
  equal "$(arrays print 'a[0][1], len(a[0])' out.npz:times)" "(0.016, 341)"
  equal "$(arrays print '(a[0][-1] == a[1][0]).all()' out.npz:layer1 out.npz:h_n.rnn1)" True
}

@test "sound and its features give the same bits" {
  succeeds features "$test_wav" --kind stft --sample-rate 16000 --n-fft 512 --hop-length 256 -o features.npz
  succeeds encode features.npz -o a.npz
  succeeds encode "$test_wav" -o b.npz
  for name in layer1 layer2 h_n.rnn2 times; do
    equal "$(arrays equal a.npz:$name b.npz:$name)" equal
  done
}

@test "features of another front end are remarked upon" {
  succeeds features "$test_wav" --kind stft --sample-rate 16000 --n-fft 512 --hop-length 128 -o features.npz
  call encode features.npz -o out.npz
  equal "$status $stderr" \
    "0 specrnn: features.npz: warning: these features are of another front end than the model's"
}

@test "a state continues: two halves are the whole" {
  succeeds features "$test_wav" --kind stft --sample-rate 16000 --n-fft 512 --hop-length 256 -o whole.npy
  /usr/bin/python3 -c 'import numpy as np; x = np.load("whole.npy"); np.save("a.npy", x[:100]); np.save("b.npy", x[100:])'
  succeeds encode whole.npy -o whole.npz
  succeeds encode a.npy -o a.npz
  succeeds encode b.npy --h0 a.npz -o b.npz
  equal "$(arrays print '(np.concatenate([a[0], a[1]]) == a[2]).all()' a.npz:layer2 b.npz:layer2 whole.npz:layer2)" True
  equal "$(arrays equal b.npz:h_n.rnn1 whole.npz:h_n.rnn1)" equal
}

@test "drawn initial states" {
  arrays unpack "$golden/lstm_hr.io.npz"
  local options=(input.npy --model "$golden/lstm_hr.safetensors" -o out.npz)
  succeeds encode "${options[@]}" --h0 normal:0.5 --c0 normal:0.5 --seed 3
  mv out.npz three.npz
  succeeds encode "${options[@]}" --h0 normal:0.5 --c0 normal:0.5 --seed 3
  equal "$(arrays equal out.npz:output three.npz:output)" equal
  succeeds encode "${options[@]}" --h0 normal:0.5 --c0 normal:0.5 --seed 4
  [[ $(arrays equal out.npz:output three.npz:output) == differ* ]]
  succeeds encode "${options[@]}"
  mv out.npz zero.npz
  succeeds encode "${options[@]}" --h0 normal:0
  equal "$(arrays equal out.npz:output zero.npz:output)" equal
}

@test "one layer, all layers, the output as one table" {
  succeeds encode "$test_wav" -o all.npz
  succeeds encode "$test_wav" --layer 1 -o one.npy
  equal "$(arrays equal one.npy all.npz:layer1)" equal
  succeeds encode "$test_wav" --layer all -o both.npy
  equal "$(arrays print '(a[0] == np.hstack([a[1], a[2]])).all()' both.npy all.npz:layer1 all.npz:layer2)" True
  succeeds encode "$test_wav" -o output.npy
  equal "$(arrays equal output.npy all.npz:output)" equal
  succeeds encode "$test_wav" --layer 2 -o two.npz
  equal "$(arrays print 'a[0].shape' two.npz:layer2)" "(341, 64)"
  run arrays shape two.npz:layer1
  [[ $status != 0 ]]
  succeeds encode "$test_wav" --layer 1 -o one.csv
  equal "$(head -n 1 one.csv | cut -d, -f1-3) $(wc -l <one.csv)" "time_s,0,1 342"
}

@test "standard input to standard output" {
  succeeds encode "$test_wav" --layer 1 -o one.npy
  "$SPECRNN" encode - --layer 1 -o - <"$test_wav" >raw
  equal "$(arrays print 'a[0].tobytes() == open("raw", "rb").read()' one.npy)" True
  "$SPECRNN" encode - --layer 1 --format npy -o - <"$test_wav" >piped.npy
  cmp piped.npy one.npy
}

@test "a batch as one .npy" {
  arrays unpack "$golden/gru_reverse.io.npz"
  succeeds encode input.npy --model "$golden/gru_reverse.safetensors" --gru-reset after -o out.npy
  equal "$(arrays shape out.npy)" "(2, 12, 8) float32"
  refuses 1 "specrnn: *a batch of sequences goes to an .npz, or by itself to an .npy" \
    encode input.npy --model "$golden/gru_reverse.safetensors" --gru-reset after -o out.csv
}

@test "many inputs into one archive, and into a folder" {
  succeeds encode "$samples/test.wav" "$samples/noise.wav" -o both.npz
  succeeds encode "$samples/test.wav" "$samples/noise.wav" -o folder/
  succeeds encode "$samples/noise.wav" -o noise.npz
  equal "$(ls folder)" "noise.npz"$'\n'"test.npz"
  cmp folder/noise.npz noise.npz
  for name in layer1 layer2 output h_n.rnn1 h_n.rnn2 times; do
    equal "$(arrays equal both.npz:noise/$name noise.npz:$name)" equal
  done
  equal "$(arrays print 'a[0].tolist()' both.npz:names)" "['test', 'noise']"
}

@test "an input that fails leaves the others" {
  head -c 2000 "$samples/test.wav" >short.wav
  call encode "$samples/noise.wav" short.wav missing.wav -o some.npz
  equal "$status" 1
  equal "$(wc -l <<<"$stderr")" 2
  [[ $stderr == "specrnn: short.wav: "* && $stderr == *$'\n'"specrnn: missing.wav: "* ]] || explain "$stderr"
  equal "$(arrays print 'a[0].tolist()' some.npz:names)" "['noise']"
  equal "$(arrays shape some.npz:noise/layer1)" "(188, 128) float32"
  call encode "$samples/noise.wav" short.wav --pool mean -o vectors.npz
  equal "$status $(arrays print 'a[0].shape' vectors.npz:vectors)" "1 (1, 64)"
  call encode short.wav missing.wav -o none.npz
  equal "$status" 1
  [[ ! -e none.npz ]]
}

@test "two inputs of one name are told apart" {
  mkdir a b
  cp "$samples/noise.wav" a/x.wav
  cp "$samples/test.wav" b/x.wav
  succeeds encode a/x.wav b/x.wav --pool mean -o vectors.npz
  equal "$(arrays print 'a[0].tolist()' vectors.npz:names)" "['a/x.wav', 'b/x.wav']"
  succeeds encode a/x.wav b/x.wav -o out/
  equal "$(ls out)" "a_x.wav.npz"$'\n'"b_x.wav.npz"
  refuses 2 "specrnn: a/x.wav: given twice" encode a/x.wav a/x.wav -o two.npz
}

@test "pooling" {
  arrays unpack "$golden/lstm_packed.io.npz"
  local options=(input.npy --model "$golden/lstm_packed.pt" --lengths "3,12,1,12,7")
  succeeds encode "${options[@]}" -o states.npz
  succeeds encode "${options[@]}" --pool mean -o mean.npz
  succeeds encode "${options[@]}" --pool max --layer 1 -o max.npz
  succeeds encode "${options[@]}" --pool last -o last.npz
  equal "$(arrays print 'a[0].tolist()' mean.npz:names)" "['input/0', 'input/1', 'input/2', 'input/3', 'input/4']"
  below 1e-6 "$(arrays print 'np.abs(a[0].sum(1) / np.array([[3], [12], [1], [12], [7]]) - a[1]).max()' \
    states.npz:output mean.npz:vectors)"
  equal "$(arrays print '(a[0][0, :3].max(0) == a[1][0]).all(), (a[0][4, :7].max(0) == a[1][4]).all()' \
    states.npz:layer1 max.npz:vectors)" "(True, True)"
  # the last of each direction is the final state of the top layer: (L * D, N, H) -> (N, D * H)
  equal "$(arrays print '(np.hstack([a[0][2], a[0][3]]) == a[1]).all()' states.npz:h_n last.npz:vectors)" True
}

@test "neighbours by cosine" {
  succeeds encode "$samples"/*.{wav,flac,ogg,mp3,aiff} --pool mean -o vectors.npz
  succeeds neighbours vectors.npz voice_low
  equal "${#lines[@]}" 7
  succeeds neighbours vectors.npz voice_low -n 2 --json
  equal "$(json "len(d['neighbours']), d['name']")" "(2, 'voice_low')"
  local nearest
  nearest=$(json "d['neighbours'][0]['name']")
  below 1e-7 "$(/usr/bin/python3 - "$nearest" "$(json "d['neighbours'][0]['cosine']")" <<'PYTHON'
import sys
import numpy as np
z = np.load("vectors.npz")
v, names = z["vectors"].astype(float), z["names"].tolist()
v /= np.linalg.norm(v, axis=1, keepdims=True)
cosines = v @ v[names.index("voice_low")]
cosines[names.index("voice_low")] = -2
assert names[cosines.argmax()] == sys.argv[1], names[cosines.argmax()]
print(abs(cosines.max() - float(sys.argv[2])))
PYTHON
)"
  refuses 1 "specrnn: vectors.npz: no vector is called 'nobody'; there are 8, the first *" neighbours vectors.npz nobody
  # Beyond the range of float, and of the squares of doubles.
  /usr/bin/python3 -c 'import numpy as np
v = np.array([[1e300, 0], [1e300, 1e300], [0, 1e-310]]); names = np.array(["a", "b", "c"])
np.savez("large.npz", vectors=v, names=names); v[2, 0] = np.nan; np.savez("nan.npz", vectors=v, names=names)'
  succeeds neighbours large.npz a
  equal "$output" " 0.707107  b
 0.000000  c"
  refuses 1 "specrnn: nan.npz: the vector of c holds NaN or infinity" neighbours nan.npz a
}

@test "a bare state_dict and sound: the front end comes from options" {
  succeeds model init --input-size 40 --hidden-size 8 -o bare.safetensors
  succeeds model convert bare.safetensors --state-dict -o weights.safetensors
  refuses 1 "specrnn: weights.safetensors: does not say how sound becomes the 40 features that it reads: *" \
    encode "$test_wav" --model weights.safetensors --nonlinearity tanh -o out.npz
  succeeds encode "$test_wav" --model weights.safetensors --nonlinearity tanh --preset librosa --n-mels 40 -o out.npz
  equal "$(arrays print 'a[0].shape[1]' out.npz:layer1)" 8
  refuses 1 "specrnn: $test_wav: frames of 80 features; the model reads 40" \
    encode "$test_wav" --model weights.safetensors --nonlinearity tanh --preset whisper -o out2.npz
  succeeds encode "$test_wav" --model weights.safetensors --nonlinearity tanh --config out.npz -o again.npz
  equal "$(arrays equal again.npz:layer1 out.npz:layer1)" equal
}

@test "raw samples, and channels as features or as a batch" {
  succeeds model init --input-size 2 --hidden-size 4 -o stereo.safetensors
  succeeds encode "$samples/strings.flac" --model stereo.safetensors --kind wave --sample-rate 8000 --channels features \
    --duration 2 -o out.npz
  equal "$(arrays shape out.npz:layer1)" "(16000, 4) float32"
  succeeds encode "$samples/strings.flac" --channels all -o all.npz
  succeeds encode "$samples/strings.flac" --channels one --channel 1 -o right.npz
  equal "$(arrays print 'a[0].shape[0], a[0].shape[2]' all.npz:layer1)" "(2, 128)"
}

@test "a bidirectional model encodes sound as a whole" {
  succeeds model init --cell gru --hidden-size 8 --bidirectional --preset whisper -o both.safetensors
  succeeds encode "$test_wav" --model both.safetensors -o out.npz
  succeeds features "$test_wav" --preset whisper -o features.npy
  succeeds encode features.npy --model both.safetensors -o again.npz
  equal "$(arrays equal out.npz:layer1 again.npz:layer1)" equal
  equal "$(arrays print '(a[0][0, 8:] == a[1][1]).all(), (a[0][-1, :8] == a[1][0]).all()' out.npz:layer1 out.npz:h_n)" \
    "(True, True)"
}

@test "the tutorial's example: (4, 2, 3) through two layers of 5" {
  /usr/bin/python3 -c 'import numpy as np
np.save("x.npy", (np.arange(1, 25, dtype=np.float32) / 10).reshape(4, 2, 3))'
  succeeds model init --input-size 3 --hidden-size 5 --num-layers 2 --time-first -o m.safetensors
  succeeds encode x.npy --model m.safetensors -o out.npz
  equal "$(arrays print 'a[0].shape, a[1].shape, (a[0][-1] == a[1][1]).all()' out.npz:output out.npz:h_n)" \
    "((4, 2, 5), (2, 2, 5), True)"
}

@test "progress is for terminals" {
  succeeds encode "$test_wav" "$samples/noise.wav" --pool mean -o vectors.npz
  run script -qec "'$SPECRNN' encode '$test_wav' missing.wav --pool mean -o vectors.npz" /dev/null
  equal "$status" 1
  equal "$output" "$(printf '1/2 test\r\033[K2/2 missing\r\033[Kspecrnn: missing.wav: cannot open: No such file or directory\r')"
}

@test "refused: options" {
  refuses 2 "specrnn: --output: say where*" encode "$test_wav"
  refuses 2 "specrnn: --layer 3: not one of all, output, 1 ... 2" encode "$test_wav" --layer 3 -o x.npz
  refuses 2 "specrnn: --pool median: not one of mean, last, max" encode "$test_wav" --pool median -o x.npz
  refuses 2 "specrnn: --pool median: not one of mean, last, max" encode "$test_wav" --pool median -o x.npz \
    --model "$golden/rnn_chain.pt"
  refuses 2 "specrnn: --c0: the model has no LSTM" encode "$test_wav" --c0 normal:1 -o x.npz
  refuses 2 "specrnn: --h0 normal:x: after normal: comes a deviation, as normal:0.1" encode "$test_wav" --h0 normal:x \
    -o x.npz
  refuses 2 "specrnn: --lengths 5,,3: not a list *" encode x.npy --lengths 5,,3 -o x.npz
  refuses 2 "specrnn: --lengths: are those of arrays, not of sound" encode "$test_wav" --lengths 3 -o x.npz
  refuses 2 "specrnn: built-in model: has its own front end, *" encode "$test_wav" --n-fft 256 -o x.npz
  refuses 2 "specrnn: x.npy: holds the states of one input; *" encode "$test_wav" "$samples/noise.wav" -o x.npy
  refuses 2 "specrnn: --nonlinearity: it is of a state_dict, and the model is the built-in one" encode "$test_wav" --nonlinearity relu -o x.npz
  refuses 2 "specrnn: --gates: go to an .npz, without --pool" encode "$test_wav" --gates -o x.npy
}

@test "refused: arrays" {
  arrays unpack "$golden/lstm_hr.io.npz"
  local options=(--model "$golden/lstm_hr.safetensors" -o out.npz)
  refuses 1 "specrnn: input.npy: features have shape (2, 12, 4); (T, 257) or (N, T, 257) is needed" \
    encode input.npy -o out.npz
  refuses 1 "specrnn: input.npy: 3 lengths for 2 sequences" encode input.npy "${options[@]}" --lengths 1,2,3
  refuses 1 "specrnn: input.npy: length 13 of sequence 1 is more than its 12 frames" \
    encode input.npy "${options[@]}" --lengths 1,13
  refuses 1 "specrnn: input.npy: h0 has shape (2, 12, 4); (2, 2, 3) is needed" \
    encode input.npy "${options[@]}" --h0 input.npy
  /usr/bin/python3 -c 'import numpy as np; x = np.load("input.npy"); x[1, 2, 3] = np.nan; np.save("nan.npy", x)
np.save("empty.npy", x[:, :0]); np.savez("other.npz", weights=x)'
  refuses 1 "specrnn: nan.npy: *" encode nan.npy "${options[@]}"
  refuses 1 "specrnn: empty.npy: features have shape (2, 0, 4): not one frame" encode empty.npy "${options[@]}"
  refuses 1 "specrnn: other.npz: no array 'features' or 'NAME/features' in it" encode other.npz "${options[@]}"
  refuses 1 "specrnn: missing.npy: *" encode missing.npy "${options[@]}"
  refuses 1 "specrnn: missing.pt: *" encode input.npy --model missing.pt -o out.npz
}

@test "a full disk leaves no file and says so" {
  [[ -w /dev/full ]]
  call encode "$test_wav" -o /dev/full
  equal "$status" 2
  # shellcheck disable=SC2016 # it is the inner shell that expands
  run --separate-stderr bash -c '"$0" encode "$1" -o - >/dev/full' "$SPECRNN" "$test_wav"
  equal "$status" 1
  [[ $stderr == "specrnn: "*"No space left on device"* && $stderr != *$'\n'* ]] || explain "$stderr"
}
