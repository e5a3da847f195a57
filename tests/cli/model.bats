# specrnn model init, show, verify, convert.
# shellcheck disable=SC2154 # status, output, stderr, lines are bats' own; samples and test_wav are of helper.bash
load helper

golden=$SPECRNN_SOURCE_ROOT/tests/golden/nn

# python PROGRAM ARGUMENT...
python() {
  /usr/bin/python3 -c "import json, struct, sys
import numpy as np
def header(path):
    data = open(path, 'rb').read()
    n = struct.unpack('<Q', data[:8])[0]
    return json.loads(data[8:8 + n])
$1" "${@:2}"
}

# shape_of FILE TENSOR
shape_of() {
  python 'print(header(sys.argv[1])[sys.argv[2]]["shape"])' "$@"
}

@test "init: the tutorial's encoder" {
  succeeds model init -o m.safetensors --hidden-size 128,64 --preset librosa --kind stft --sample-rate 16000 \
    --n-fft 512 --hop-length 256
  equal "$(shape_of m.safetensors rnn1.weight_ih_l0)" "[128, 257]"
  equal "$(shape_of m.safetensors rnn1.weight_hh_l0)" "[128, 128]"
  equal "$(shape_of m.safetensors rnn2.weight_ih_l0)" "[64, 128]"
  equal "$(shape_of m.safetensors rnn2.bias_hh_l0)" "[64]"
  succeeds encode "$test_wav" --model m.safetensors -o out.npz
}

@test "init: every option of the structure" {
  succeeds model init -o m.safetensors --cell lstm --input-size 5 --hidden-size 6,4 --num-layers 2 --bidirectional \
    --proj-size 3 --dropout 0.25 --output-size 2 --output-activation softmax --time-first --seed 9
  succeeds model show m.safetensors --json
  equal "$(json "[(l['module'], l['kind'], l['input_size'], l['width'], l['directions']) for l in d['layers']]")" \
    "[('lstm1', 'LSTM', 5, 6, 2), ('lstm1', 'LSTM', 6, 6, 2), ('lstm2', 'LSTM', 6, 6, 2), ('lstm2', 'LSTM', 6, 6, 2), \
('to_output', 'linear', 6, 2, 1)]"
  equal "$(json "d['batch_first'], d['bidirectional'], d['output_size'], d['parameters']['lstm2.weight_hr_l1_reverse']")" \
    "(False, True, 2, [3, 4])"
  # 4H (I + P) + 8 H + P H per direction
  equal "$(json "d['n_parameters']")" \
    "$((2 * (24 * (5 + 3) + 48 + 18) + 2 * (24 * (6 + 3) + 48 + 18) + 4 * (16 * (6 + 3) + 32 + 12) + 2 * 6 + 2))"
  succeeds model init -o g.safetensors --cell gru --gru-reset before --no-bias --input-size 5 --hidden-size 3
  succeeds model show g.safetensors
  [[ $output == *"GRU, reset before"* && $output != *bias* ]] || explain "$output"
  # A switch that is on by default has both words, of which the last counts.
  succeeds model init -o g.safetensors --cell gru --no-bias --bias --input-size 5 --hidden-size 3
  succeeds model show g.safetensors
  [[ $output == *gru1.bias_ih_l0* ]] || explain "$output"
  succeeds model init -o r.safetensors --nonlinearity relu --input-size 5
  succeeds model show r.safetensors
  [[ $output == *"RNN relu"* && $output == *"(128, 5)"* ]] || explain "$output"
}

@test "init: a graph as JSON, as show prints it" {
  succeeds model init -o a.safetensors --cell lstm --input-size 8 --hidden-size 6,5 --proj-size 2 --output-size 3 \
    --output-activation softmax --dropout 0.25 --num-layers 2 --seed 4
  succeeds model show a.safetensors --json
  /usr/bin/python3 -c 'import json, sys; json.dump(json.loads(sys.argv[1])["graph"], open("g.json", "w"))' "$output"
  succeeds model init -o b.safetensors --modules g.json --seed 4
  cmp a.safetensors b.safetensors
  echo '{"input_shape": [3], "nodes": [{"name": "x", "kind": "gru", "hidden_size": 4, "gru_reset": "before"}]}' >h.json
  succeeds model init -o c.safetensors --modules h.json --time-first --test 3
  succeeds model show c.safetensors
  [[ $output == *'GRU, reset before'* ]]
  refuses 2 "specrnn: --cell: the graph of --modules says it" model init -o x.safetensors --modules g.json --cell gru
  refuses 2 "specrnn: the front end gives 23 features per frame; the model reads 8" \
    model init -o x.safetensors --modules g.json --preset kaldi
  refuses 1 "specrnn: none.json: No such file or directory" model init -o x.safetensors --modules none.json
  echo '{"input_shape": [3], "nodes": [{"name": "x", "kind": "gruu"}]}' >bad.json
  refuses 2 "specrnn: bad.json: 'gruu' is no kind of layer; did you mean gru?" \
    model init -o x.safetensors --modules bad.json
  echo '{"input_shape": [3], "nodes": [{"name": "x", "kind": "gru", "size": 4}]}' >bad.json
  refuses 2 "specrnn: bad.json: unknown gru option 'size'" model init -o x.safetensors --modules bad.json
  same=$(sha256sum g.json)
  refuses 2 "specrnn: g.json: is an input, which the output would replace" model init -o g.json --modules g.json
  equal "$(sha256sum g.json)" "$same"
}

@test "init: the seed makes the weights, and PyTorch's bound holds them" {
  local options=(--input-size 64 --hidden-size 100)
  succeeds model init "${options[@]}" --seed 1 -o a.safetensors
  succeeds model init "${options[@]}" --seed 1 -o b.safetensors
  succeeds model init "${options[@]}" --seed 2 -o c.safetensors
  cmp a.safetensors b.safetensors
  run cmp -s a.safetensors c.safetensors
  equal "$status" 1
  python 'h = header("a.safetensors")
data = open("a.safetensors", "rb").read()
start = 8 + struct.unpack("<Q", data[:8])[0]
w = np.concatenate([np.frombuffer(data[start + t["data_offsets"][0]:start + t["data_offsets"][1]], np.float32)
                    for k, t in h.items() if k.startswith("rnn1.")])
assert len(w) == 100 * 64 + 100 * 100 + 200, len(w)
# uniform in (-0.1, 0.1): deviation 0.1 / sqrt(3), here within 2 % (5 standard errors of 16600 numbers)
assert np.abs(w).max() < 0.1 and abs(w.std() * 3 ** 0.5 / 0.1 - 1) < 0.02 and abs(w.mean()) < 0.003, (w.std(), w.mean())'
}

@test "init: the normaliser is (x - mean) / deviation" {
  local front_end=(--preset librosa --n-mels 20)
  succeeds stats "$test_wav" "$samples/noise.wav" -o stats.npz "${front_end[@]}"
  succeeds model init "${front_end[@]}" --normalizer stats.npz -o m.safetensors
  succeeds model show m.safetensors --json
  printf '%s' "$output" >m.json
  python 'd, s = json.load(open("m.json"))["normaliser"], np.load("stats.npz")
assert np.array_equal(np.float32(d["mean"]), s["mean"].astype(np.float32))
assert np.array_equal(np.float32(d["scale"]), (1 / s["deviation"]).astype(np.float32))'
  refuses 1 "specrnn: stats.npz: statistics of 20 bins; the model reads 21 features per frame" \
    model init --input-size 21 --normalizer stats.npz -o x.safetensors
}

@test "show: the built-in model, as text" {
  succeeds model show
  equal "${lines[0]%, fingerprint*}" "built-in model: specrnn model, 2 layers, 257 -> 64 features"
  for line in "  1       rnn1            RNN tanh                   257     128       49536          197120" \
    "  2       rnn2            RNN tanh                   128      64       12416           49152" \
    "  rnn1.weight_ih_l0        (128, 257)" "  rnn2.bias_hh_l0          (64,)" \
    "Front end: 257 features, 62.5 frames per second; needs the whole input" \
    "  --preset librosa --kind stft --sample-rate 16000 --n-fft 512 --hop-length 256" \
    "Test vectors: 20 frames within 1e-05" "Arrays: batch first, (N, T, 257)" \
    "Streams: yes, with a fixed or running maximum"; do
    grep -qxF -- "$line" <<<"$output" || explain "missing: $line" "$output"
  done
}

@test "show: whether it streams" {
  succeeds model init -o m.safetensors --hidden-size 4 --preset kaldi
  succeeds model show m.safetensors
  grep -qx "Streams: yes" <<<"$output"
  succeeds model init -o m.safetensors --hidden-size 4 --preset kaldi --cmvn utterance
  succeeds model show m.safetensors
  grep -qx "Streams: no, its front end needs the whole input" <<<"$output"
  succeeds model init -o m.safetensors --hidden-size 4 --preset kaldi --bidirectional
  succeeds model show m.safetensors
  grep -qx "Streams: no, it runs in both directions" <<<"$output"
}

@test "the model in the program is said to be untrained, wherever it is used" {
  local remark="random weights, seed 2026: shapes, not knowledge"
  grep -qx 'seed=2026' "$SPECRNN_SOURCE_ROOT/tools/make_builtin_model"
  succeeds model show
  equal "${lines[1]}" "  $remark"
  succeeds model show builtin --json
  equal "$(json "d['remark']")" "$remark"
  succeeds analyze "$test_wav" --duration 1 --report
  equal "${lines[1]}" "Built-in model: $remark"
  grep -qF "the built-in model ($remark)" specrnn-out/index.html
  succeeds analyze "$test_wav" --duration 1 --json
  equal "$(json "d['remark']")" "$remark"
  succeeds plot "$test_wav" -o hidden.svg --kind hidden --layer 1 --duration 1
  succeeds model init --hidden-size 8 -o m.safetensors --preset kaldi
  succeeds model show m.safetensors --json
  equal "$(json "'remark' in d")" False
  succeeds analyze "$test_wav" --duration 1 --model m.safetensors
  [[ $output != *untrained* && $output != *knowledge* ]]
}

@test "show: what a state_dict leaves open" {
  succeeds model show "$golden/rnn_chain.pt" --json
  equal "$(json "d['source'], d['front_end'], d['assumed']")" \
    "('bare state_dict', None, ['the modules run in the order in which the file has them: rnn1,rnn2', 'the file does not say tanh or relu: tanh is taken'])"
  succeeds model show "$golden/rnn_chain.pt" --nonlinearity relu --json
  equal "$(json "d['assumed'][1:], d['layers'][0]['description']")" "([], 'RNN relu')"
  succeeds model show "$golden/rnn_chain.pt"
  equal "${lines[-1]}" "  the file does not say tanh or relu: tanh is taken"
}

@test "convert: a tensor that was expanded has its numbers" {
  succeeds model convert "$cases/exp.pt" -o w.safetensors --state-dict
  equal "$(/usr/bin/python3 -c 'import json, struct, numpy as np
b = open("w.safetensors", "rb").read(); n = struct.unpack("<Q", b[:8])[0]; h = json.loads(b[8:8 + n])
first, end = h["bias_ih_l0"]["data_offsets"]
print(h["bias_ih_l0"]["shape"], set(np.frombuffer(b[8 + n:][first:end], "<f4").tolist()))')" "[28] {0.0}"
}

@test "show: in which order modules run, and nothing is warned of where there is one answer" {
  succeeds model show "$cases/order_encdec.pt" --json
  equal "$(json "d['assumed'][0]")" "the modules run in the order in which the file has them, encoder,decoder; their widths fit in another order too, which --chain would name"
  succeeds model init --cell gru --input-size 3 --hidden-size 5 --output-size 2 -o gru.safetensors
  succeeds model convert gru.safetensors -o weights.safetensors --state-dict
  succeeds model convert weights.safetensors -o again.safetensors
  succeeds model show weights.safetensors
  cmp gru.safetensors again.safetensors
}

@test "show: the front end's options make the same front end again" {
  for options in "--preset kaldi --n-mels 23 --sample-rate 8000 --no-snip-edges" "--preset whisper" \
    "--preset torchaudio --kind mfcc --n-mfcc 13 --hop-length 80" "--kind stft --scale linear --power 2 --pad-mode reflect"; do
    # shellcheck disable=SC2086
    succeeds model init $options -o a.safetensors
    succeeds model show a.safetensors
    local again
    again=$(grep -A 1 '^Front end' <<<"$output" | tail -n 1)
    # shellcheck disable=SC2086
    succeeds model init $again -o b.safetensors
    cmp a.safetensors b.safetensors || explain "$options" "$again"
  done
}

@test "verify: a test vector holds, and a changed weight is found" {
  succeeds model init --input-size 5 --hidden-size 4 --test 30 -o m.safetensors
  succeeds model verify m.safetensors
  equal "$output" "m.safetensors: 1 of 1 test vector holds, worst difference 0 (test 0, frame 0, feature 0)"
  succeeds model convert m.safetensors --test 10 --seed 5 -o two.safetensors
  succeeds model verify m.safetensors two.safetensors --json
  equal "$(/usr/bin/python3 -c 'import json, sys
print([json.loads(line)["tests"] for line in sys.argv[1].splitlines()])' "$output")" "[1, 2]"
  python 'data = bytearray(open("m.safetensors", "rb").read())
h = header("m.safetensors")
start = 8 + struct.unpack("<Q", bytes(data[:8]))[0]
at = start + h["rnn1.bias_ih_l0"]["data_offsets"][0]
data[at:at + 4] = struct.pack("<f", 5.0)
open("bad.safetensors", "wb").write(data)'
  call model verify bad.safetensors
  [[ $status == 1 && $stderr == "specrnn: bad.safetensors: "* && $stderr != *$'\n'* ]] || explain "$status $stderr"
}

@test "verify: a model without test vectors" {
  succeeds model init --input-size 5 -o m.safetensors
  refuses 1 "specrnn: m.safetensors: *" model verify m.safetensors
}

@test "convert: a .pt to a model that says everything" {
  call model convert "$golden/rnn_chain.pt" -o m.safetensors --preset librosa --n-mels 7 --test 20
  [[ $status == 0 ]] || explain "$stderr"
  succeeds model show m.safetensors --json
  equal "$(json "d['source'], d['front_end']['n_mels'], d['assumed'], len(d['tests'])")" "('specrnn model', 7, [], 1)"
  succeeds encode "$test_wav" --model m.safetensors -o out.npz
  succeeds model verify m.safetensors
  refuses 1 "specrnn: the front end gives 80 features per frame; the model reads 7" \
    model convert "$golden/rnn_chain.pt" --nonlinearity tanh --preset whisper -o x.safetensors
}

@test "convert: there and back keeps every weight" {
  local name
  for name in rnn_chain.pt lstm_packed.pt gru_reverse.safetensors lstm_hr.safetensors lstm_head.npz; do
    call model convert "$golden/$name" -o own.safetensors
    [[ $status == 0 ]] || explain "$stderr"
    succeeds model convert own.safetensors --state-dict -o weights.safetensors
    call model convert weights.safetensors -o again.safetensors
    [[ $status == 0 ]] || explain "$stderr"
    cmp own.safetensors again.safetensors
  done
}

@test "convert: PyTorch loads what comes back" {
  /usr/bin/python3 -c 'import torch' 2>/dev/null || skip "SKIPPED: torch is not installed"
  succeeds model init --cell lstm --input-size 5 --hidden-size 6 --num-layers 2 --bidirectional --proj-size 3 \
    -o own.safetensors
  succeeds model convert own.safetensors --state-dict -o weights.safetensors
  python 'np.save("x.npy", np.random.default_rng(4).standard_normal((40, 5)).astype(np.float32))'
  succeeds encode x.npy --model own.safetensors -o out.npz
  python 'import torch
data = open("weights.safetensors", "rb").read()
start = 8 + struct.unpack("<Q", data[:8])[0]
state = {k.removeprefix("lstm1."): torch.tensor(np.frombuffer(data[start + t["data_offsets"][0]:start + t["data_offsets"][1]],
         np.float32).reshape(t["shape"])) for k, t in header("weights.safetensors").items() if k != "__metadata__"}
lstm = torch.nn.LSTM(5, 6, 2, bidirectional=True, proj_size=3)
lstm.load_state_dict(state)
with torch.no_grad():
    y, (h, c) = lstm.double()(torch.tensor(np.load("x.npy")).double())
out = np.load("out.npz")
worst = max(np.abs(out["output"] - y.numpy()).max(), np.abs(out["h_n"] - h.numpy()).max(), np.abs(out["c_n"] - c.numpy()).max())
assert worst < 1e-6, worst'
}

@test "refused" {
  refuses 2 "specrnn: --output: say where*" model init --input-size 3
  refuses 2 "specrnn: --input-size: is needed, or a front end, as --preset librosa" model init -o x.safetensors
  refuses 2 "specrnn: --cell elman: no such choice *" model init --input-size 3 --cell elman -o x.safetensors
  refuses 2 "specrnn: --hidden-size 3,0: not a list *" model init --input-size 3 --hidden-size 3,0 -o x.safetensors
  refuses 2 "specrnn: *proj_size*" model init --input-size 3 --cell lstm --hidden-size 4 --proj-size 4 -o x.safetensors
  refuses 2 "specrnn: --state-dict: holds weights alone*" \
    model convert "$golden/rnn_chain.pt" --state-dict --preset whisper -o x.safetensors
  refuses 1 "specrnn: missing.pt: *" model convert missing.pt -o x.safetensors
  head -c 500 "$golden/rnn_chain.safetensors" >short.safetensors
  refuses 1 "specrnn: short.safetensors: *" model show short.safetensors
  refuses 2 "specrnn: frobnicate: unknown subcommand*" frobnicate
  mkdir folder
  refuses 1 "specrnn: *no/such/m.safetensors*" model init --input-size 3 -o no/such/m.safetensors
}

@test "the built-in model is what its script makes" {
  cp -r "$SPECRNN_SOURCE_ROOT/tools/make_builtin_model" .
  mkdir -p tools src/model/builtin
  mv make_builtin_model tools/
  ln -s "$SPECRNN_SOURCE_ROOT/samples" samples
  tools/make_builtin_model "$SPECRNN" >/dev/null
  succeeds model show src/model/builtin/default.safetensors --json
  printf '%s' "$output" >made.json
  succeeds model show --json
  printf '%s' "$output" >stored.json
  # Decoders and Fourier transforms of another machine round differently: the normaliser agrees to 1e-5.
  python 'a, b = json.load(open("made.json")), json.load(open("stored.json"))
for key in a:
    if key == "normaliser":
        assert all(np.allclose(a[key][k], b[key][k], rtol=1e-5, atol=0) for k in ("mean", "scale"))
    elif key not in ("file", "fingerprint"):
        assert a[key] == b[key], key'
  succeeds model verify "$SPECRNN_SOURCE_ROOT/src/model/builtin/default.safetensors"
}

@test "quantize: a smaller file, its error per layer, and the same model again" {
  local dtype size model=$SPECRNN_SOURCE_ROOT/src/model/builtin/default.safetensors
  for dtype in int8 bf16; do
    call model quantize "$model" -o small.safetensors --dtype "$dtype" --sound "$test_wav"
    equal "$status" 0
    [[ $output == "Error of $dtype weights in "*" frames of $test_wav"* ]]
    # The output (layer 1) is within 0.02; layer 0 is 0.022 off here in 8 bits.
    equal "$(awk '$2 ~ /^rnn/ && $4 > 0 && $4 < ($1 == 1 ? 0.02 : 0.03) && $6 >= 0.999' <<<"$output" | wc -l)" 2
    size=$(($(stat -c %s "$model") * 100 / $(stat -c %s small.safetensors)))
    [ "$size" -gt "$([ "$dtype" = int8 ] && echo 300 || echo 170)" ]
    succeeds model show small.safetensors --json
    equal "$(json "d['weights']")" "$dtype"
    succeeds encode "$test_wav" --model small.safetensors -o out.npz
  done
}

@test "quantize: refusals" {
  succeeds model init -o bare.safetensors --cell gru --input-size 3 --hidden-size 4
  refuses 2 'specrnn: --dtype: int8 or bf16 is needed' model quantize bare.safetensors -o o.safetensors
  refuses 2 'specrnn: --sound: the model has no front end (specrnn model convert gives it one)' \
    model quantize bare.safetensors -o o.safetensors --dtype int8 --sound "$test_wav"
  succeeds model quantize bare.safetensors -o o.safetensors --dtype int8
}
