# specrnn features, verify, stats, invert on real sound.
load helper

golden=$SPECRNN_SOURCE_ROOT/tests/golden
speech=$golden/speech_16k.wav

# python EXPRESSION...: prints values of an expression over numpy as np.
python() {
  /usr/bin/python3 -c "import sys, json, numpy as np
print($1)" "${@:2}"
}

# agrees REFERENCE OPTION...: the front end reproduces a reference array.
agrees() {
  succeeds verify "$speech" --against "$golden/$1.npy" "${@:2}"
  [[ $output == agrees* ]] || explain "$output"
}

@test "librosa: spectrogram" {
  agrees librosa_stft_db --preset librosa --kind stft --sample-rate 16000 --n-fft 512 --hop-length 256
  agrees librosa_stft_mag --preset librosa --kind stft --sample-rate 16000 --n-fft 512 --hop-length 256 --scale linear
  agrees librosa_stft_mag_hamming_nocenter --preset librosa --kind stft --sample-rate 16000 --n-fft 512 \
    --hop-length 128 --win-length 400 --window hamming --no-center --scale linear
}

@test "librosa: mel, MFCC, deltas" {
  agrees librosa_mel_db --preset librosa --sample-rate 16000 --ref max
  agrees librosa_mel_htk_power1 --preset librosa --sample-rate 16000 --n-fft 400 --hop-length 160 --n-mels 40 \
    --mel-scale htk --mel-norm none --fmin 20 --fmax 7600 --power 1 --scale linear
  agrees librosa_mfcc --preset librosa --kind mfcc --sample-rate 16000
}

@test "torchaudio" {
  agrees torchaudio_mel_db --preset torchaudio --n-fft 400 --hop-length 160 --n-mels 80 --top-db 80
}

@test "Kaldi" {
  agrees kaldi_fbank_80 --preset kaldi --n-mels 80
  agrees kaldi_fbank_40_nosnip_energy --preset kaldi --n-mels 40 --no-snip-edges --use-energy --window hamming \
    --fmax -400
  agrees kaldi_mfcc --preset kaldi --kind mfcc
}

@test "Whisper" {
  agrees whisper_logmel_80 --preset whisper
}

@test "every output holds the same numbers" {
  local format
  for format in npy npz csv json ark raw; do
    succeeds features "$speech" -o "out.$format" --preset whisper
  done
  succeeds features "$speech" -o - --preset whisper --format npy
  run python "np.load('out.npz')['features'].tobytes() == np.load('out.npy').tobytes() == open('out.raw', 'rb').read()"
  equal "$output" True
  run python "np.array_equal(np.loadtxt('out.csv', delimiter=',', skiprows=1, dtype=np.float32)[:, 1:], np.load('out.npy'))"
  equal "$output" True
  run python "np.array_equal(np.array(json.load(open('out.json'))['data'], np.float32), np.load('out.npy'))"
  equal "$output" True
}

@test "an .npz tells its axes and its configuration, which replays" {
  succeeds features "$speech" -o a.npz --preset kaldi --n-mels 40 --dither 1 --seed 7
  succeeds features "$speech" -o b.npz --config a.npz
  cmp a.npz b.npz
  succeeds features "$speech" -o a.json --config a.npz
  succeeds features "$speech" -o b.npz --config a.json
  cmp a.npz b.npz
  run python "(lambda z: [z['features'].shape, float(z['sample_rate']), round(float(z['times'][1] - z['times'][0]), 6), len(z['frequencies']), json.loads(str(z['config']))['dither']])(np.load('a.npz'))"
  equal "$output" "[(543, 40), 16000.0, 0.01, 40, 1]" || explain "$output"
}

@test "standard input is an input, standard output an output" {
  "$SPECRNN" features - -o - --preset whisper <"$speech" >pipe.raw
  succeeds features "$speech" -o file.raw --preset whisper
  cmp pipe.raw file.raw
}

@test "many inputs go to a folder or to one file; a bad one does not take the others along" {
  cp "$speech" one.wav && cp "$golden/tone_8k.wav" two.wav
  succeeds features one.wav two.wav -o out/ --preset whisper
  [[ -f out/one.npy && -f out/two.npy ]]
  succeeds features one.wav two.wav -o both.npz --preset whisper
  run python "sorted(k for k in np.load('both.npz').files if k.endswith('features'))"
  equal "$output" "['one/features', 'two/features']"
  call features one.wav missing.wav two.wav -o rest.npz --preset whisper
  equal "$status" 1
  equal "$stderr" "specrnn: missing.wav: cannot open: No such file or directory"
  run python "np.array_equal(np.load('rest.npz')['two/features'], np.load('out/two.npy'))"
  equal "$output" True
}

@test "channels" {
  sox -M "$golden/tone_8k.wav" -v -0.5 "$golden/tone_8k.wav" stereo.wav
  succeeds features stereo.wav -o all.npy --preset kaldi --channels all
  succeeds features stereo.wav -o second.npy --preset kaldi --channels one --channel 1
  run python "(np.load('all.npy').shape[0], np.array_equal(np.load('all.npy')[1], np.load('second.npy')))"
  equal "$output" "(2, True)"
  succeeds features stereo.wav -o wave.npy --kind wave --sample-rate 8000 --channels features
  run python "np.load('wave.npy').shape"
  equal "$output" "(12000, 2)"
}

@test "verify names the stage, the place and the option that explains" {
  succeeds features "$speech" -o other.npy --preset torchaudio --n-mels 40 --mel-scale slaney
  call verify "$speech" --against other.npy --preset torchaudio --n-mels 40
  equal "$status" 1
  [[ $output == "departs at stage final, frame 0 (0.0000 s), bin "* ]] || explain "$output"
  [[ $output == *"the reference is reproduced with --mel-scale slaney, which acts at stage mel"* ]] || explain "$output"
  call verify "$speech" --against other.npy --preset torchaudio --n-mels 40 --no-explain
  [[ $output == "departs at stage final, frame 0 "* && $output != *mel-scale* ]] || explain "$output"
  call verify "$speech" --against other.npy --preset torchaudio --n-mels 40 --no-explain --explain
  [[ $output == *"the reference is reproduced with --mel-scale slaney"* ]] || explain "$output"
  succeeds features "$speech" -o short.npy --preset torchaudio --n-mels 40 --no-center
  call verify "$speech" --against short.npy --preset torchaudio --n-mels 40
  equal "$status" 1
  [[ $output == "departs at stage final: "*" frames are computed"*"--no-center, which acts at stage frame"* ]] ||
    explain "$output"
}

@test "verify says that a reference is transposed" {
  succeeds features "$speech" -o other.npy --preset torchaudio --n-mels 40
  run python "np.save('turned.npy', np.load('other.npy').T)"
  call verify "$speech" --against turned.npy --preset torchaudio --n-mels 40
  equal "$status" 1
  [[ $output == *"the reference is transposed: its shape is (bins, frames), and every value agrees as (frames, bins)" ]] ||
    explain "$output"
  [[ $output != *"no single option"* ]]
  call verify "$speech" --against turned.npy --preset torchaudio --n-mels 40 --no-explain
  [[ $output != *transposed* ]] || explain "$output"
  run python "np.save('turned.npy', np.load('other.npy').T + 1)"
  call verify "$speech" --against turned.npy --preset torchaudio --n-mels 40
  [[ $output == *"no single option"* && $output != *transposed* ]] || explain "$output"
}

@test "verify does not narrow the reference" {
  succeeds features "$speech" -o wave.npy --preset torchaudio --kind stft --scale linear
  /usr/bin/python3 -c 'import numpy as np
a = np.load("wave.npy").astype(np.float64); np.save("same.npy", a); np.save("near.npy", a * (1 + 1e-9))'
  succeeds verify "$speech" --against same.npy --preset torchaudio --kind stft --scale linear --tolerance 0
  call verify "$speech" --against near.npy --preset torchaudio --kind stft --scale linear --tolerance 1e-10 --no-explain
  equal "$status" 1
  [[ $output == "departs at stage final, frame 0 "* ]] || explain "$output"
}

@test "statistics of a corpus, and features normalised by them" {
  succeeds stats "$speech" "$golden/tone_8k.wav" -o stats.npz --preset kaldi --n-mels 23
  succeeds features "$speech" -o a.npy --preset kaldi --n-mels 23
  succeeds features "$golden/tone_8k.wav" -o b.npy --preset kaldi --n-mels 23
  run python "(lambda x, s: [int(s['count']) == len(x)] + [bool(np.allclose(s[k], f(x), rtol=1e-9, atol=1e-9)) for k, f in (('mean', lambda x: x.mean(0)), ('deviation', lambda x: x.std(0)), ('minimum', lambda x: x.min(0)), ('maximum', lambda x: x.max(0)))])(np.concatenate([np.load('a.npy'), np.load('b.npy')]).astype(np.float64), np.load('stats.npz'))"
  equal "$output" "[True, True, True, True, True]"
  succeeds features "$speech" -o n.npy --preset kaldi --n-mels 23 --cmvn file --stats stats.npz --cmvn-variance
  run python "(lambda s: bool(np.allclose(np.load('n.npy'), (np.load('a.npy') - s['mean']) / s['deviation'], atol=1e-5)))(np.load('stats.npz'))"
  equal "$output" True
  refuses 2 "specrnn: --cmvn file: needs --stats FILE" features "$speech" -o x.npy --cmvn file
}

@test "a complex spectrogram gives the sound back" {
  succeeds features "$speech" -o c.npz --kind stft --power complex --sample-rate 16000
  succeeds invert c.npz -o back.wav
  /usr/bin/python3 -c 'import numpy as np
z = dict(np.load("c.npz")); z["features"] = z["features"].astype(np.complex128); np.savez("wide.npz", **z)'
  succeeds invert wide.npz -o wide.wav
  cmp back.wav wide.wav
  refuses 1 "specrnn: missing.npz: cannot read: No such file or directory" invert missing.npz -o none.wav
  sox "$speech" -t f32 -e floating-point a.f32
  sox back.wav -t f32 b.f32
  run python "(lambda a, b: bool(np.abs(a[:len(b)] - b).max() < 1e-6 and len(a) - len(b) < 512))(np.fromfile('a.f32', np.float32), np.fromfile('b.f32', np.float32))"
  equal "$output" True
}

@test "magnitudes and mel bands can be heard" {
  local kind
  for kind in stft "mel --n-mels 80"; do
    # shellcheck disable=SC2086
    succeeds features "$speech" -o f.npz --kind $kind --sample-rate 16000 --n-fft 512 --hop-length 128
    succeeds invert f.npz -o back.wav
    # shellcheck disable=SC2086
    succeeds features back.wav -o again.npy --kind $kind --sample-rate 16000 --n-fft 512 --hop-length 128
    run python "(lambda a, b: bool(np.abs(a[:len(b)] - b[:len(a)]).mean() < 5.0))(np.load('f.npz')['features'], np.load('again.npy'))"
    equal "$output" True
  done
}

@test "what is wrong with a call is one line" {
  refuses 2 "specrnn: features: an input is missing (see specrnn features --help)" features -o x.npy
  refuses 2 "specrnn: --output: say where the features go (see specrnn features --help)" features "$speech"
  refuses 2 "specrnn: --colour: unknown option (see specrnn features --help)" features "$speech" --colour
  refuses 2 "specrnn: *fmax*8000*" features "$speech" -o x.npy --preset torchaudio --fmax 9000
  refuses 2 "specrnn: *win_length*n_fft*" features "$speech" -o x.npy --n-fft 256 --win-length 400
  refuses 2 "specrnn: window takes one of *" features "$speech" -o x.npy --window hannn
  refuses 1 "specrnn: missing.wav: cannot open: No such file or directory" features missing.wav -o x.npy
  refuses 2 "specrnn: x.npy: holds the features of one input; name a folder, an .npz or an .ark for 2" \
    features "$speech" "$speech" -o x.npy
}

@test "statistics without the option that uses them are refused" {
  succeeds stats "$speech" -o s.npz
  refuses 2 "specrnn: --stats: needs --cmvn file" features "$speech" -o x.npy --stats s.npz
  refuses 2 "specrnn: --stats: needs --cmvn file" features "$speech" -o x.npy --stats none.npz
  refuses 2 "specrnn: --stats: needs --cmvn file" encode "$speech" -o x.npz --stats s.npz
  succeeds features "$speech" -o f.npz
  refuses 2 "specrnn: --stats: needs --cmvn file" encode f.npz:features -o x.npz --stats s.npz
  refuses 2 "specrnn: --cmvn file: needs --stats FILE" features "$speech" -o x.npy --cmvn file
}

@test "a wrong value is told where the option is of no use too" {
  refuses 2 "specrnn: gru_reset takes one of auto, after, before, not 'abc'" plot "$speech" -o x.png --gru-reset abc
  refuses 2 "specrnn: *n_mels*" plot "$speech" -o x.png --kind waveform --n-mels 0
}

@test "empty filters are said once" {
  call features "$speech" -o a.npy --preset torchaudio
  equal "$status" 0
  [[ $stderr == "specrnn: "*"warning: "*" of 128 "*"empty"* && $stderr != *$'\n'* ]] || explain "$stderr"
}

@test "a configuration that cannot be read is a failed input, a wrong option a wrong call" {
  echo '{"n_fft": 512, "n_ffft": 1}' >bad.json
  refuses 1 'specrnn: none.json: *No such file or directory' features "$speech" -o x.npy --config none.json
  refuses 1 "specrnn: bad.json: *n_ffft*" features "$speech" -o x.npy --config bad.json
  refuses 1 "specrnn: bad.json: *n_ffft*" stats "$speech" -o x.npz --config bad.json
  refuses 1 "specrnn: bad.json: *n_ffft*" verify "$speech" --against x.npy --config bad.json
  refuses 1 "specrnn: bad.json: *n_ffft*" plot "$speech" -o x.png --config bad.json
  printf '{"n_fft": 512}\0' >bad.json
  refuses 1 "specrnn: bad.json: has zero bytes: *" features "$speech" -o x.npy --config bad.json
  printf '\xff\xfe{\0}\0' >bad.json
  refuses 1 "specrnn: bad.json: *UTF-16*" features "$speech" -o x.npy --config bad.json
  printf '\xef\xbb\xbf{"n_fft": 512}' >marked.json
  succeeds features "$speech" -o marked.npy --config marked.json
  rm marked.npy
  echo '{"n_fft": 512}' >good.json
  refuses 2 "specrnn: *n_mels*" features "$speech" -o x.npy --config good.json --n-mels 0
}
