# specrnn info: what a file is, by its content.
# shellcheck disable=SC2154 # status, output, stderr, lines are bats' own; samples and test_wav are of helper.bash
load helper

golden=$SPECRNN_SOURCE_ROOT/tests/golden

@test "sound" {
  succeeds info "$test_wav" --json
  equal "$(json "d['type'], d['container'], d['sample_rate_hz'], d['channels'], d['frames']")" \
    "('sound', 'WAV (Microsoft)', 16000, 1, 87131)"
  local expected
  expected=$(/usr/bin/python3 -c 'import sys, wave, numpy as np
x = np.frombuffer(wave.open(sys.argv[1]).readframes(10**9), np.int16) / 32768
print("%.6f %.6f" % (20 * np.log10(np.abs(x).max()), 10 * np.log10((x ** 2).mean())))' "$test_wav")
  equal "$(json "'%.6f %.6f' % (d['peak_dbfs'], d['rms_dbfs'])")" "$expected"
  succeeds info "$samples/strings.flac"
  [[ $output == "$samples/strings.flac: sound, 3.500 s, 44100 Hz, 2 channels (FLAC "* ]] || explain "$output"
}

@test "silence has no level in JSON" {
  /usr/bin/python3 -c 'import wave
w = wave.open("silence.wav", "wb"); w.setnchannels(1); w.setsampwidth(2); w.setframerate(8000); w.writeframes(bytes(1600))'
  succeeds info silence.wav --json
  equal "$(json "d['peak_dbfs'], d['rms_dbfs'], d['duration_s']")" "(None, None, 0.1)"
}

@test "arrays" {
  succeeds info "$golden/librosa_mel_db.npy" --json
  equal "$(json "d['type'], d['dtype'], round(d['maximum'], 3)")" \
    "$(/usr/bin/python3 -c 'import numpy as np, sys
a = np.load(sys.argv[1]); print(("array", str(a.dtype), round(float(a.max()), 3)))' "$golden/librosa_mel_db.npy")"
  succeeds info "$golden/io/v1_i8.npy" "$golden/io/v1_c8.npy" "$golden/io/scalar_f8.npy"
  equal "${#lines[@]}" 3
  printf 'time_s,1,2\n0,3,4\n1,5,nan\n' >t.csv
  succeeds info t.csv
  equal "$output" "t.csv: array, float32 (2, 2), 3 ... 5, mean 4, 1 not finite"
}

@test "an archive" {
  succeeds features "$test_wav" -o f.npz
  succeeds info f.npz --json
  equal "$(json "d['type'], sorted(d['arrays']), d['arrays']['times']['shape'], d['arrays']['config']['dtype']")" \
    "('arrays', ['config', 'features', 'frequencies', 'sample_rate', 'times'], [235], 'text')"
  succeeds info f.npz
  [[ $output == *$'\n'"  features                 float32 (235, 128), "* ]] || explain "$output"
}

@test "models of every format" {
  for name in rnn_chain.pt rnn_chain.safetensors; do
    succeeds info "$golden/nn/$name" --json
    equal "$(json "d['type'], d['input_size'], d['output_size'], d['n_parameters']")" "('model', 7, 4, 114)"
  done
}

@test "several files, of which one is nothing" {
  echo nothing >x.txt
  call info "$test_wav" x.txt missing.wav
  equal "$status ${#lines[@]}" "1 1"
  equal "$stderr" "specrnn: x.txt: not readable as audio: Format not recognised
specrnn: missing.wav: No such file or directory"
  : >empty
  refuses 1 "specrnn: empty: *" info empty
  refuses 1 "specrnn: .: *" info .
  head -c 40 "$golden/librosa_mel_db.npy" >short.npy
  refuses 1 "specrnn: short.npy: *" info short.npy
}
