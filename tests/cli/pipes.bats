# What a user names as input is opened once: every subcommand, every kind of input, every way to hand it over.

load helper

# A row: the file, and the call, in which @ is the place of the input. What the call makes is called out.*.
TABLE=(
  't.wav|info @'
  'a.npy|info @'
  'a.npz|info @'
  'a.csv|info @'
  'm.pt|info @'
  'm.npz|info @'
  'm.safetensors|info @'
  't.wav|features @ -o out.npy'
  't.flac|features @ -o out.npy'
  'a.npz|features t.wav -o out.npy --config @'
  'c.json|features t.wav -o out.npy --config @'
  'own.safetensors|features t.wav -o out.npy --config @'
  's.npz|features t.wav -o out.npy --config c.json --cmvn file --stats @'
  't.wav|stats @ -o out.npz'
  'c.json|stats t.wav -o out.npz --config @'
  't.wav|encode @ -o out.npy'
  't.flac|encode @ -o out.npy'
  'f.npy|encode @ --model m.pt -o out.npy'
  'f.npz|encode @ --model m.pt -o out.npy'
  'm.pt|encode f.npy --model @ -o out.npy'
  'm.npz|encode input.npy --model @ -o out.npy'
  'm.safetensors|encode f.npy --model @ -o out.npy'
  'own.safetensors|encode t.wav --model @ -o out.npy'
  'packed/h0.npy|encode packed/input.npy --model packed.pt --h0 @ -o out.npy'
  'h.npz|encode f.npy --model m.pt --h0 @ -o out.npy'
  'packed/lengths.npy|encode packed/input.npy --model packed.pt --lengths @ -o out.npy'
  'c.json|encode t.wav --model m.pt --config @ -o out.npy'
  't.wav|analyze @ -o out.d'
  'own.safetensors|analyze t.wav --model @ -o out.d'
  'c.json|analyze t.wav --model m.pt --config @ -o out.d'
  't.wav|plot @ -o out.png'
  't.flac|plot @ -o out.png'
  't.wav|plot @ --kind waveform -o out.png'
  't.wav|plot @ --kind hidden -o out.png'
  'a.npy|plot @ -o out.png'
  'a.npz|plot @ -o out.png'
  'a.csv|plot @ -o out.png'
  'a.npy|plot a.npz @ --kind difference -o out.png'
  'm.pt|plot @ --kind weights -o out.png'
  'm.npz|plot @ --kind weights -o out.png'
  'm.safetensors|plot @ --kind weights -o out.png'
  'labels.txt|plot t.wav --labels @ -o out.png'
  'c.json|plot t.wav --config @ -o out.png'
  'own.safetensors|plot t.wav --kind hidden --model @ -o out.png'
  't.wav|animate @ --duration 0.3 -o out.gif'
  'f.npy|animate @ --model m.pt -o out.gif'
  'own.safetensors|animate t.wav --model @ --duration 0.3 -o out.gif'
  't.wav|verify @ --against a.npy'
  'a.npy|verify t.wav --against @'
  'a.npz|verify t.wav --against @'
  'a.csv|verify t.wav --against @ --tolerance 0.001'
  'c.json|verify t.wav --against f.npy --config @'
  'stft.npz|invert @ -o out.wav'
  'stft.npy|invert @ -o out.wav --kind stft --power complex'
  'stft.npz|invert stft.npy --config @ -o out.wav'
  'v.npz|neighbours @ t'
  'm.pt|model show @'
  'm.npz|model show @'
  'm.safetensors|model show @'
  'own.safetensors|model verify @'
  'm.pt|model convert @ -o out.safetensors'
  's.npz|model convert m.pt -o out.safetensors --normalizer @'
  'c.json|model convert m.pt -o out.safetensors --config @'
  'own.safetensors|model quantize @ --dtype int8 -o out.safetensors'
  't.wav|model quantize own.safetensors --dtype int8 --sound @ -o out.safetensors'
  's.npz|model init -o out.safetensors --normalizer @ --config c.json'
)

make_inputs() {
  golden_nn=$SPECRNN_SOURCE_ROOT/tests/golden/nn
  cp "$test_wav" t.wav
  cp "$test_wav" other.wav
  sox t.wav t.flac
  cp "$golden_nn/rnn_chain.pt" m.pt
  cp "$golden_nn/rnn_chain.safetensors" m.safetensors
  cp "$golden_nn/rnn_f16.npz" m.npz
  printf '{"n_mels": 7}' >c.json
  printf '0\t1\tone\n' >labels.txt
  local name
  for name in a.npy a.npz a.csv; do
    "$SPECRNN" features t.wav -o "$name"
  done
  for name in f.npy f.npz; do
    "$SPECRNN" features t.wav --config c.json -o "$name"
  done
  for name in stft.npy stft.npz; do
    "$SPECRNN" features t.wav --duration 0.5 --kind stft --power complex -o "$name"
  done
  "$SPECRNN" stats t.wav --config c.json -o s.npz
  "$SPECRNN" model init --config c.json --hidden-size 5 --test 3 -o own.safetensors
  "$SPECRNN" encode t.wav other.wav --pool mean -o v.npz
  "$SPECRNN" encode f.npy --model m.pt -o h.npz
  cp "$golden_nn/lstm_packed.pt" packed.pt
  arrays unpack "$golden_nn/rnn_f16.io.npz"
  mkdir packed && (cd packed && arrays unpack "$golden_nn/lstm_packed.io.npz")
}

# What a call gave: its status, and each line of text with the name of the input taken out, and what it made. Pictures
# hold the name in their titles: of them the size counts.
result() {
  local file
  echo "status $1"
  sed -E "s#(/dev/fd/[0-9]+|/dev/stdin|in\.fifo|in|-)(: |$)#@\2#" text | grep -v '^Time ' || true
  for file in out.d/*; do
    [[ ! -e $file ]] || echo "${file##*/}"
  done
  for file in out.{npy,npz,wav,safetensors}; do
    [[ ! -e $file ]] || sha1sum <"$file"
  done
  for file in out.{png,gif}; do
    [[ ! -e $file ]] || head -c 24 "$file" | od -An -tx1
  done
  rm -rf out.*
}

# by_file CALL FILE, by_pipe CALL FILE, ...: calls it with the input handed over in that way.
by_file() { cp "$2" in && eval "\"\$SPECRNN\" ${1//@/in}"; }
by_substitution() { eval "\"\$SPECRNN\" ${1//@/<(cat $2)}"; }
# shellcheck disable=SC2002 # a pipe is what is meant
by_dash() { cat "$2" | eval "\"\$SPECRNN\" ${1//@/-}"; }
by_fifo() {
  rm -f in.fifo && mkfifo in.fifo
  cat "$2" >in.fifo &
  eval "\"\$SPECRNN\" ${1//@/in.fifo}"
}
# shellcheck disable=SC2002
by_device() { cat "$2" | eval "\"\$SPECRNN\" ${1//@//dev/stdin}"; }
by_redirection() { eval "\"\$SPECRNN\" ${1//@/-}" <"$2"; }
by_device_of_file() { eval "\"\$SPECRNN\" ${1//@//dev/stdin}" <"$2"; }
by_rest() {
  { printf 'what another program has read'; cat "$2"; } >in
  { dd bs=29 count=1 status=none of=/dev/null; eval "\"\$SPECRNN\" ${1//@/-}"; } <in
}

# same_by WAY: in every row the same comes out as of the file.
same_by() {
  local row file call expected
  make_inputs
  for row in "${TABLE[@]}"; do
    file=${row%%|*} call=${row#*|}
    by_file "$call" "$file" >text 2>&1 && status=0 || status=$?
    expected=$(result "$status")
    [[ $expected == 'status 0'* ]] || explain "$row" "$expected"
    "$1" "$call" "$file" >text 2>&1 && status=0 || status=$?
    equal "$row: $(result "$status")" "$row: $expected"
  done
}

@test "process substitution" {
  same_by by_substitution
}

@test "-, from a pipe" {
  same_by by_dash
}

@test "a named pipe" {
  same_by by_fifo
}

@test "/dev/stdin, from a pipe" {
  same_by by_device
}

@test "-, from a file" {
  same_by by_redirection
}

@test "/dev/stdin, from a file" {
  same_by by_device_of_file
}

@test "-, from the rest of a file" {
  same_by by_rest
}

@test "a socket on standard input" {
  make_inputs
  "$SPECRNN" info <a.npy 2>/dev/null >of_file - && "$SPECRNN" features t.wav -o file.npy
  for input in - /dev/stdin /dev/fd/0; do
    over_socket a.npy info "$input" >of_socket
    equal "$(sed 's/^[^:]*//' of_socket)" "$(sed 's/^[^:]*//' of_file)"
    over_socket t.wav features "$input" -o socket.npy
    cmp socket.npy file.npy
  done
}

# over_socket FILE ARGUMENT...: the command with a socket as its standard input, on which the file comes.
over_socket() {
  /usr/bin/python3 -c '
import os, socket, subprocess, sys
ours, theirs = socket.socketpair()
command = subprocess.Popen([os.environ["SPECRNN"]] + sys.argv[2:], stdin=theirs)
theirs.close()
with ours, open(sys.argv[1], "rb") as file:
    ours.sendall(file.read())
sys.exit(command.wait())' "$@"
}

@test "sound that does not end is read as it comes" {
  head -c 44 "$test_wav" >endless.header
  "$SPECRNN" model init --preset kaldi -o k.safetensors
  local call
  for call in 'features - --preset kaldi' 'features /dev/stdin --preset kaldi' 'encode - --model k.safetensors' \
    'encode /dev/stdin --model k.safetensors'; do
    # shellcheck disable=SC2086
    { cat endless.header && tr '\0' '\1' </dev/zero; } 2>/dev/null | timeout 20 "$SPECRNN" $call -o - --format raw 2>/dev/null |
      head -c 100000 >rows
    equal "$(wc -c <rows)" 100000
  done
}

@test "sound in every container that sox writes and the program reads" {
  local type of_file of_pipe n=0
  for type in 8svx aiff au avr caf fap flac htk mat4 mat5 nist ogg paf pvf sds sf sph voc w64 wav wve xi; do
    sox "$test_wav" -r 8000 -c 1 "x.$type" trim 0 0.5 2>warnings || continue
    of_file=$("$SPECRNN" info "x.$type" 2>&1)
    # shellcheck disable=SC2002
    of_pipe=$(cat "x.$type" | "$SPECRNN" info - 2>&1)
    equal "${of_pipe#-}" "${of_file#"x.$type"}"
    equal "${of_file%%,*}" "x.$type: sound"
    n=$((n + 1))
  done
  ((n >= 10)) || explain "only $n were tried"
}

@test "what is no sound is refused before all of it came" {
  local input
  for input in 'yes' 'printf "\x89PNG\r\n\x1a\n" && cat /dev/zero' 'printf "\x93NUMPY" && cat /dev/zero'; do
    run --separate-stderr timeout 20 bash -c "{ $input; } 2>/dev/null | '$SPECRNN' features - -o out.npy"
    [[ $status == 1 && $stderr == 'specrnn: -: this is no sound: '* ]] || explain "$input" "$status $stderr"
  done
}

@test "the same pipe under two names" {
  make_inputs
  "$SPECRNN" plot a.npy a.npy --kind difference -o b.png
  succeeds_with a.npy plot - - --kind difference -o a.png
  succeeds_with a.npy plot - /dev/stdin --kind difference -o a.png
  succeeds_with a.npz invert - --config /dev/stdin -o a.wav
  run --separate-stderr bash -c "cat t.wav | '$SPECRNN' stats - /dev/stdin -o s2.npz --jobs 1"
  equal "$status $stderr" "1 specrnn: /dev/stdin: was read already: a pipe can be read once"
  run --separate-stderr bash -c "'$SPECRNN' stats - - -o s2.npz --jobs 1 <t.wav"
  equal "$status $stderr" "1 specrnn: -: was read already: a pipe can be read once"
}

# succeeds_with FILE ARGUMENT...: as succeeds, with the file on a pipe.
succeeds_with() {
  local file=$1
  shift
  # shellcheck disable=SC2016 # the inner shell expands it
  run --separate-stderr bash -c 'cat "$1" | "$SPECRNN" "${@:2}"' bash "$file" "$@"
  [[ $status == 0 && -z $stderr ]] || explain "$*" "exit status $status, standard error:" "$stderr"
}

@test "an array of an archive on a pipe" {
  make_inputs
  "$SPECRNN" plot v.npz:vectors -o a.png
  run --separate-stderr bash -c "cat v.npz | '$SPECRNN' plot - -o b.png"
  [[ $stderr == 'specrnn: -: name an array as /dev/stdin:NAME; it holds '* ]] || explain "$stderr"
  succeeds_with v.npz plot /dev/stdin:vectors -o b.png
  bash -c "'$SPECRNN' plot <(cat v.npz):vectors -o c.png"
  [[ -s b.png && -s c.png ]]
}

@test "no room for what a pipe brings" {
  make_inputs
  local call
  for call in 'info -' 'plot - -o p.png' 'features t.wav --config - -o f2.npy'; do
    run --separate-stderr bash -c "ulimit -f 16; cat a.npz | '$SPECRNN' $call"
    equal "$status $stderr" "1 specrnn: -: cannot write a temporary file in /tmp: File too large"
  done
  run --separate-stderr bash -c "ulimit -f 16; '$SPECRNN' info - <a.npz"
  [[ $status == 0 && -z $stderr ]] || explain "$stderr"
}

@test "messages name what the user wrote" {
  make_inputs
  head -c 300 a.npy >short.npy
  head -c 300 m.pt >short.pt
  local row
  for row in 'info @|short.npy' 'plot @ -o a.png|short.npy' 'encode @ -o a.npy|short.npy' 'model show @|short.pt' \
    'verify t.wav --against @|short.npy' 'features t.wav -o a.npy --config @|short.pt' 'neighbours @ t|a.npz' \
    'invert @ -o a.wav|short.npy' 'plot t.wav -o a.png --labels @|a.csv'; do
    local call=${row%|*} file=${row#*|}
    for input in - /dev/stdin; do
      run --separate-stderr bash -c "cat $file | '$SPECRNN' ${call//@/$input}"
      [[ $status == 1 && $stderr == "specrnn: $input: "* && $stderr != *$'\n'* && $stderr != */dev/fd* ]] ||
        explain "$row" "$status $stderr"
    done
    run --separate-stderr bash -c "'$SPECRNN' ${call//@/<(cat $file)}"
    [[ $status == 1 && $stderr == "specrnn: /dev/fd/63: "* && $stderr != *$'\n'* ]] || explain "$row" "$status $stderr"
  done
}
