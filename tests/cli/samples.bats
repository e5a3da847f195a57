# The sample programs, each run as its first lines say.
load helper

@test "stream_encoder: sound from standard input, a line per frame" {
  run --separate-stderr "$SPECRNN_SAMPLES/stream_encoder" <"$test_wav"
  equal "$status $stderr" '0 '
  equal "${#lines[@]}" 341
  # Time of the second frame: its hop of 256 samples at 16 kHz; then a number per layer.
  [[ ${lines[1]} =~ ^\ +0\.016\ 0\.[0-9]{6}\ 0\.[0-9]{6}$ ]] || explain "${lines[1]}"
}

@test "stream_encoder says what is wrong" {
  run --separate-stderr "$SPECRNN_SAMPLES/stream_encoder" </dev/null
  [[ $status == 1 && $stderr == 'stream_encoder: '* && -z $output ]] || explain "$status" "$stderr"
}
