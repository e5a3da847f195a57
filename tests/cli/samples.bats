# The sample programs, each run as its first lines say.
load helper

@test "stream_encoder: sound from standard input, a line per frame" {
  run --separate-stderr "$SPECRNN_SAMPLES/stream_encoder" <"$test_wav"
  equal "$status $stderr" '0 '
  equal "${#lines[@]}" 341
  # Time of the second frame: its hop of 256 samples at 16 kHz; then a number per layer.
  [[ ${lines[1]} =~ ^\ +0\.016\ 0\.[0-9]{6}\ 0\.[0-9]{6}$ ]] || explain "${lines[1]}"
}

# says MESSAGE ARGUMENT...: exit status 1 and that one line; standard input is what the case has made of it.
says() {
  local expected=$1
  shift
  run --separate-stderr "$SPECRNN_SAMPLES/stream_encoder" "$@" <input
  equal "$status $stderr" "1 stream_encoder: $expected"
}

@test "stream_encoder says what is wrong, in one line" {
  printf 'no sound' >input
  says 'this is no sound: text; where it is a table of numbers, specrnn info and plot read it'
  head -c 3000 "$test_wav" >input
  says 'truncated: its header promises 87131 frames, and there are 1478'
  : >input
  says 'nothing in it: 0 bytes'
  says 'cannot read: No such file or directory' missing.safetensors
  # What the pipeline refuses without a word: an input too short for the edge that its front end mirrors.
  "$SPECRNN" model init -o model.safetensors --preset whisper --hidden-size 4 >/dev/null
  sox "$test_wav" short.wav trim 0 100s
  cp short.wav input
  says 'shapes do not agree' model.safetensors
}
