# specrnn bench: what it reports, never how fast; measured plans and who uses them.
load helper

speech=$SPECRNN_SOURCE_ROOT/tests/golden/speech_16k.wav

@test "features: the user's own configuration" {
  succeeds bench features --json --seconds 2 --repetitions 1 --preset whisper
  equal "$(json "len(d['features']), d['features'][0]['configuration']")" "(1, 'given')"
  equal "$(json "sorted(d)")" "['cpu_level', 'features', 'floor', 'seconds']"
  equal "$(json "sorted(d['features'][0])")" "['configuration', 'floor_ns_per_frame', 'frames', 'hop_length',\
 'latency_samples', 'ms_per_input', 'n_fft', 'ns_per_frame', 'precision', 'push_max_us', 'push_p50_us',\
 'push_p999_us', 'ratio', 'real_time_factor', 'times_real_time']"
  # 2 s make 1 + 32000 / 160 frames, of which Whisper drops the last; a frame ends half a window after its middle.
  equal "$(json "[d['features'][0][k] for k in ('frames', 'n_fft', 'hop_length', 'precision')]")" "[200, 400, 160, 'double']" ||
    explain "$output"
  equal "$(json "(lambda f: 0 < f['push_p50_us'] <= f['push_p999_us'] <= f['push_max_us'])(d['features'][0])")" True
  equal "$(json "(lambda f: f['latency_samples'] == 200 and f['times_real_time'] > 1 and f['floor_ns_per_frame'] > 0)(d['features'][0])")" True
  equal "$(json "(lambda f: abs(f['ratio'] * f['floor_ns_per_frame'] / f['ns_per_frame'] - 1) < 1e-3)(d['features'][0])")" True
  equal "$(json "(lambda f: abs(f['real_time_factor'] * f['times_real_time'] - 1) < 1e-3)(d['features'][0])")" True
  equal "$(json "(lambda f: abs(f['ns_per_frame'] * f['frames'] / f['ms_per_input'] / 1e6 - 1) < 1e-3)(d['features'][0])")" True
}

@test "features: the standard configurations, at a level that is asked for" {
  succeeds bench features --json --seconds 1 --repetitions 1 --cpu baseline
  equal "$(json "d['cpu_level'], len(d['features']), {f['precision'] for f in d['features']} == {'float', 'double'}")" \
    "('baseline', 6, True)"
  equal "$(json "[(f['n_fft'], f['hop_length']) for f in d['features'][:3]]")" "[(512, 256), (400, 160), (512, 160)]"
  refuses 2 "specrnn: --cpu: no level is called 'fast'" bench features --cpu fast
}

# What every report on an encoder holds, in its order; those of the mode batch and of a frame of known length beside it.
structure="'cell', 'layers', 'input', 'hidden'"
throughput="'us_per_frame', 'bytes_per_frame', 'bandwidth_gbs', 'sgemv_us', 'floor_us', 'ratio'"
real_time="'real_time_factor', 'times_real_time'"
steps="'step_p50_us', 'step_p999_us', 'step_max_us', 'step_silence_p50_us', 'step_silence_p999_us', \
'step_silence_max_us', 'silence_ratio', 'step_fading_p50_us', 'step_fading_p999_us', 'step_fading_max_us', 'fading_ratio'"

# sane REPORT: relations between its figures that hold however fast the machine is.
sane() {
  local relations=(
    "d['us_per_frame'] > 0 and d['bandwidth_gbs'] > 0 and d['floor_us'] > 0"
    "abs(d['ratio'] * d['floor_us'] / d['us_per_frame'] - 1) < 1e-3"
    "d['sgemv_us'] is None or d['floor_us'] <= d['sgemv_us']"
    "d['floor_us'] * d['bandwidth_gbs'] * 1e3 <= 1.001 * (d['bytes_per_frame'] + 256)" # read in units of 256 bytes
    "all(0 < d[p + '_p50_us'] <= d[p + '_p999_us'] <= d[p + '_max_us'] for p in ('step', 'step_silence', 'step_fading'))"
    "d['silence_ratio'] > 0 and d['fading_ratio'] > 0"
  )
  local relation
  for relation in "${relations[@]}"; do
    equal "$(json "(lambda d: $relation)($1)")" True || explain "$relation"
  done
}

@test "encoder: modes and kinds of weights" {
  local mode dtype bytes given
  for mode in offline stream; do
    for dtype in f32:4 bf16:2 int8:1; do
      succeeds bench encoder --cell lstm --input 24 --hidden 40 --layers 2 --frames 20 --repetitions 1 --json \
        --mode $mode --dtype ${dtype%:*}
      equal "$(json "list(d)")" "['cpu_level', 'mode', 'dtype', 'frames', $structure, 'parameters', $throughput, $steps]"
      given="('$mode', '${dtype%:*}', 20, 'lstm', 2, 24, 40)"
      equal "$(json "tuple(d[k] for k in ('mode', 'dtype', 'frames', $structure))")" "$given"
      # Four gates of 40 rows: on 24 inputs, then on 40, and each on its own 40; two biases a layer are no bytes of a step.
      bytes=$((160 * (24 + 40 + 40 + 40) * ${dtype#*:}))
      equal "$(json "d['bytes_per_frame'], d['parameters']")" "($bytes, $((160 * 144 + 2 * 2 * 160)))"
      sane d
    done
  done
  refuses 2 "specrnn: --mode: 'fast' is none of its values (see specrnn bench encoder --help)" bench encoder --mode fast
  refuses 2 "specrnn: --dtype: 'f64' is none of its values (see specrnn bench encoder --help)" bench encoder --dtype f64
  refuses 2 "specrnn: --cell: 'cnn' is none of its values (see specrnn bench encoder --help)" bench encoder --cell cnn
}

@test "encoder: many streams beside the same one by one" {
  succeeds bench encoder --hidden 32 --frames 10 --repetitions 1 --json --mode batch --streams 5
  equal "$(json "list(d)")" "['cpu_level', 'mode', 'dtype', 'frames', $structure, 'parameters', $throughput,\
 'streams', 'one_by_one_us', 'speedup', $steps]"
  # A frame of one stream counts its own weights, however many streams share the pass.
  equal "$(json "d['streams'], d['bytes_per_frame']")" "(5, $((3 * 32 * (80 + 32) * 4)))"
  equal "$(json "abs(d['speedup'] * d['us_per_frame'] / d['one_by_one_us'] - 1) < 1e-3")" True
  sane d
}

@test "encoder: the user's own model, whose front end says how long a frame lasts" {
  succeeds model init -o own.safetensors --cell gru --hidden-size 24,16 --preset whisper --n-mels 80 --output-size 3
  succeeds bench encoder --model own.safetensors --frames 15 --repetitions 1 --json
  equal "$(json "list(d)")" "['cpu_level', 'mode', 'dtype', 'frames', 'model', 'parameters', $throughput, $real_time, $steps]"
  equal "$(json "d['model'], d['bytes_per_frame']")" \
    "('own.safetensors', $(((72 * (80 + 24) + 48 * (24 + 16) + 3 * 16) * 4)))"
  equal "$(json "abs(d['real_time_factor'] * 1e4 / d['us_per_frame'] - 1) < 1e-3")" True # frames of 10 ms
  equal "$(json "abs(d['real_time_factor'] * d['times_real_time'] - 1) < 1e-3")" True
  sane d
  succeeds model quantize own.safetensors -o small.safetensors --dtype int8
  succeeds bench encoder --model small.safetensors --frames 15 --repetitions 1 --json
  equal "$(json "d['dtype'], d['bytes_per_frame']")" "('int8', $((72 * (80 + 24) + 48 * (24 + 16) + 3 * 16)))"
  refuses 1 'specrnn: missing.safetensors: cannot read: No such file or directory' \
    bench encoder --model missing.safetensors
}

@test "encoder: a bidirectional model is measured as a whole" {
  succeeds model init -o both.safetensors --input-size 12 --hidden-size 8 --bidirectional
  succeeds bench encoder --model both.safetensors --frames 15 --repetitions 1 --json --mode offline
  equal "$(json "list(d)")" "['cpu_level', 'mode', 'dtype', 'frames', 'model', 'parameters', $throughput]"
  equal "$(json "d['bytes_per_frame']")" $((2 * 8 * (12 + 8) * 4))
  refuses 1 'specrnn: both.safetensors: a bidirectional model has no single steps; --mode offline measures it' \
    bench encoder --model both.safetensors --frames 15
}

@test "encoder: several widths in one call" {
  succeeds bench encoder --widths 8,24 --input 16 --frames 10 --repetitions 1 --json --cpu baseline
  equal "$(json "list(d), len(d['widths'])")" "(['widths'], 2)"
  equal "$(json "[(w['cpu_level'], w['hidden'], w['bytes_per_frame']) for w in d['widths']]")" \
    "[('baseline', 8, $((24 * (16 + 8) * 4))), ('baseline', 24, $((72 * (16 + 24) * 4)))]"
  sane "d['widths'][0]"
  sane "d['widths'][1]"
  # For people: a line per figure, a column per width.
  succeeds bench encoder --widths 8,24,9 --input 16 --frames 10 --repetitions 1
  equal "$(grep -c '' <<<"$output") $(awk 'NF != 4' <<<"$output")" '26 '
  equal "$(grep -E '^(hidden|bytes_per_frame) ' <<<"$output" | tr -s ' ')" $'hidden 8 24 9\nbytes_per_frame 2304 11520 2700'
  refuses 2 'specrnn: --widths 8,x: not a list of whole numbers from 1 to 65536, as 5,3,7' bench encoder --widths 8,x
  refuses 2 'specrnn: --widths: sizes of models that are made here; --model has its own' \
    bench encoder --widths 8 --model own.safetensors
}

@test "encoder: steps at the pace of a stream" {
  local start_ns=${EPOCHREALTIME/./}000
  succeeds bench encoder --hidden 8 --frames 10 --repetitions 1 --json --hop 2.5 --steps 20
  local elapsed_ns=$((${EPOCHREALTIME/./}000 - start_ns))
  # Three phases; each last step is due after 19 hops.
  ((elapsed_ns >= 3 * 19 * 2500000)) || explain "it took $elapsed_ns ns"
  equal "$(json "list(d)")" "['cpu_level', 'mode', 'dtype', 'frames', $structure, 'parameters', $throughput, $real_time,\
 $steps, 'due_p999_us', 'due_max_us']"
  equal "$(json "abs(d['real_time_factor'] * 2500 / d['us_per_frame'] - 1) < 1e-3")" True
  # No step begins before its frame is due.
  equal "$(json "0 < d['step_p50_us'] <= d['due_p999_us'] <= d['due_max_us']")" True
  equal "$(json "max(d[p + '_max_us'] for p in ('step', 'step_silence', 'step_fading')) <= d['due_max_us'] + 1e-3")" True
  sane d
}

@test "encoder: the script that keeps another core busy" {
  (($(nproc) > 1)) || skip 'SKIPPED: there is no other core to be busy'
  local under_load=("$SPECRNN_SOURCE_ROOT/tests/bench/step_under_load.py" "$SPECRNN" --hidden 8 --hop 1)
  run --separate-stderr "${under_load[@]}" --steps 20 --paced-steps 5
  equal "$status $stderr" '0 '
  # Eight models back to back, two at a pace, each table under two lines of its own.
  equal "$(grep -c '^| .*layer' <<<"$output") $(grep -c '^| ' <<<"$output")" '10 12'
  equal "$(grep -c '^| [A-Z].* | [0-9.]* | [0-9.]* | [0-9]* | [0-9.]* | [0-9.]* | [0-9]* |$' <<<"$output")" 10
  # No step takes no time, and none of a phase is free.
  run --separate-stderr "${under_load[@]}" --steps 5 --paced-steps 0 --limit 0
  equal "$status $stderr" '1 a limit is not kept'
  run --separate-stderr "${under_load[@]}" --steps 5 --paced-steps 0 --ratio-limit 0
  equal "$status $stderr" '1 a limit is not kept'
}

@test "encoder: matrices narrower than a float holds weights" {
  succeeds bench encoder --input 1 --hidden 5 --dtype int8 --frames 10 --repetitions 1 --json
  equal "$(json "d['sgemv_us'], d['bytes_per_frame']")" "(None, $((15 * (1 + 5))))"
  sane d
}

@test "plan: a cache that is used only where it is asked for" {
  export XDG_CACHE_HOME=$PWD/cache
  refuses 1 "specrnn: $PWD/cache/specrnn/fftw-plans: cannot open: No such file or directory" \
    features "$speech" -o x.npy --plans cache
  succeeds bench plan --json --preset whisper
  equal "$(json "d['file'], [(p['n_fft'], p['precision']) for p in d['plans']]")" \
    "('$PWD/cache/specrnn/fftw-plans', [(400, 'double')])" || explain "$output"
  succeeds features "$speech" -o one.npy --preset whisper --plans cache
  succeeds features "$speech" -o two.npy --preset whisper --plans cache/specrnn/fftw-plans
  cmp one.npy two.npy
  succeeds stats "$speech" -o stats.npz --preset whisper --plans cache
  succeeds model init -o whisper.safetensors --hidden-size 8 --preset whisper
  succeeds encode "$speech" -o states.npz --model whisper.safetensors --plans cache
  succeeds encode one.npy -o again.npz --model whisper.safetensors
  # The states are those of the features that the same plans gave.
  run /usr/bin/python3 -c "import numpy as np
a, b = np.load('states.npz'), np.load('again.npz'); print(np.array_equal(a['layer1'], b['layer1']))"
  equal "$output" True
  succeeds analyze "$speech" -o pictures --json --model whisper.safetensors --plans cache
  printf 'damaged' >>cache/specrnn/fftw-plans
  succeeds features "$speech" -o three.npy --preset whisper
  refuses 1 "specrnn: $PWD/cache/specrnn/fftw-plans: damaged, or no file of measured plans" \
    features "$speech" -o x.npy --plans cache
  refuses 1 "specrnn: $PWD/cache/specrnn/fftw-plans: damaged, or no file of measured plans" \
    encode "$speech" -o x.npz --plans cache
  refuses 1 "specrnn: $PWD/cache/specrnn/fftw-plans: damaged, or no file of measured plans" \
    analyze "$speech" -o none --plans cache
  call bench plan --preset whisper
  equal "$status" 0
  succeeds features "$speech" -o four.npy --preset whisper --plans cache
  cmp one.npy four.npy || /usr/bin/python3 -c "import numpy as np
assert np.abs(np.load('one.npy') - np.load('four.npy')).max() < 1e-5" # measured anew, another plan may have won
}

@test "plan: a file by name is added to, never taken for what it is not" {
  succeeds bench plan -o plans --n-fft 320 --sample-rate 16000
  succeeds bench plan -o plans --n-fft 640 --sample-rate 16000
  succeeds features "$speech" -o x.npy --sample-rate 16000 --n-fft 640 --plans plans
  cp "$speech" sound.wav
  refuses 1 "specrnn: sound.wav: damaged, or no file of measured plans" bench plan -o sound.wav --n-fft 320
  cmp "$speech" sound.wav
  unset XDG_CACHE_HOME HOME
  refuses 2 "specrnn: --plans cache: there is no cache folder, as neither XDG_CACHE_HOME nor HOME is set" bench plan
}
