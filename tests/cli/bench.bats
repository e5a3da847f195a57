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
  printf 'damaged' >>cache/specrnn/fftw-plans
  succeeds features "$speech" -o three.npy --preset whisper
  refuses 1 "specrnn: $PWD/cache/specrnn/fftw-plans: damaged, or no file of measured plans" \
    features "$speech" -o x.npy --plans cache
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
