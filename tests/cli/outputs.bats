# Where results go: no input and no earlier file is lost, whatever the path, the descriptors, the disk and the end.
# shellcheck disable=SC2154 # status, output, stderr, lines are bats' own; samples and test_wav are of helper.bash
load helper

# same_as FILE COMMAND...: runs the command, after which the file is what it was.
same_as() {
  local file=$1 before
  shift
  before=$(sha256sum "$file")
  "$@"
  equal "$(sha256sum "$file")" "$before"
}

@test "an output is no input, however it is spelt" {
  cp "$test_wav" t.wav
  ln -s t.wav link.wav
  ln t.wav hard.wav
  mkdir folder
  cp "$test_wav" folder/t.raw
  for output in t.wav ./t.wav "$PWD/t.wav" link.wav hard.wav folder/../t.wav; do
    same_as t.wav refuses 2 "specrnn: $output: is *, which the output would replace" features t.wav -o "$output" --format raw
  done
  same_as folder/t.raw refuses 1 "specrnn: folder/t.raw: is an input, which the output would replace" \
    features folder/t.raw -o folder/ --format raw
  succeeds model init --input-size 23 --hidden-size 4 -o m.safetensors
  for subcommand in "model convert m.safetensors -o" "model quantize m.safetensors --dtype int8 -o"; do
    # shellcheck disable=SC2086
    same_as m.safetensors refuses 2 "specrnn: m.safetensors: is an input, which the output would replace" \
      $subcommand m.safetensors
  done
  succeeds features t.wav -o f.npz --preset kaldi
  same_as m.safetensors refuses 2 "specrnn: m.safetensors: is an input, which the output would replace" \
    encode f.npz --model m.safetensors -o m.safetensors --format npz
  same_as f.npz refuses 2 "specrnn: f.npz: is an input, which the output would replace" \
    encode f.npz --model m.safetensors -o f.npz
  same_as f.npz refuses 1 "specrnn: ./f.npz: is *, which the output would replace" \
    encode f.npz --model m.safetensors -o ./
  same_as f.npz refuses 2 "specrnn: f.npz: is *, which the output would replace" \
    features t.wav --config f.npz -o f.npz
}

@test "the index beside an archive is no input either" {
  for name in y.scp z.scp; do
    cp "$test_wav" "$name"
  done
  same_as y.scp refuses 2 "specrnn: y.scp: is an input, which the output would replace" features y.scp -o y.ark
  same_as y.scp refuses 2 "specrnn: ./y.scp: is *, which the output would replace" features y.scp -o ./y.ARK
  same_as z.scp refuses 2 "specrnn: z.scp: is an input, which the output would replace" \
    features z.scp -o z --format ark
  mkdir folder
  same_as y.scp refuses 1 "specrnn: ./y.scp: is *, which the output would replace" features y.scp -o ./ --format ark
}

@test "no picture and no report of analyze is an input" {
  cp "$test_wav" t.wav
  succeeds model init --preset torchaudio --hidden-size 4 -o m.safetensors
  mkdir e reached hard report model options
  cp t.wav e/overview.png
  same_as e/overview.png refuses 2 "specrnn: e/overview.png: is an input, which the output would replace" \
    analyze e/overview.png -o e
  ln -s ../t.wav reached/layer1.png
  same_as t.wav refuses 2 "specrnn: reached/layer1.png: is the same file as t.wav, which the output would replace" \
    analyze t.wav -o reached
  ln t.wav hard/features.png
  same_as t.wav refuses 2 "specrnn: hard/features.png: is the same file as t.wav, *" analyze t.wav -o hard
  ln -s ../t.wav report/index.html
  same_as t.wav refuses 2 "specrnn: report/index.html: is the same file as t.wav, *" analyze t.wav -o report --report
  ln m.safetensors model/spectrogram.png
  same_as m.safetensors refuses 2 "specrnn: model/spectrogram.png: is the same file as m.safetensors, *" \
    analyze t.wav --model m.safetensors -o model
  succeeds bench plan -o plans --n-fft 512
  ln -s ../plans options/overview.png
  same_as plans refuses 2 "specrnn: options/overview.png: is the same file as plans, *" \
    analyze t.wav --plans plans -o options
  # A name that is no output of this call is nobody's concern.
  succeeds analyze t.wav -o report --duration 0.3 --dpi 40
  [[ -L report/index.html ]]
}

@test "a text and a word are no files" {
  for _ in 1 2; do
    succeeds plot "$test_wav" -o t.png --title t.png
    succeeds encode "$test_wav" -o mean --format npy --pool mean
  done
}

@test "what goes to standard output is not read from there" {
  local line="specrnn: standard output: is the same file as"
  for command in "features t.wav -o - --format raw" "features t.wav -o /dev/stdout --format raw" \
    "encode t.wav -o - --format raw" "plot t.wav -o -" "info t.wav" "features - -o - --format raw" \
    "features t.wav - -o x.npz"; do
    cp "$test_wav" t.wav
    # shellcheck disable=SC2086
    same_as t.wav run timeout 20 bash -c "\"\$SPECRNN\" $command <t.wav >>t.wav 2>said"
    equal "$status" 2
    [[ $(cat said) == "$line t.wav, which the output would change" ||
      $(cat said) == "$line standard input, which the output would change" ]] || explain "$command: $(cat said)"
  done
  printf 1 >labels.txt
  run bash -c "\"\$SPECRNN\" plot t.wav --labels labels.txt -o - >>labels.txt"
  equal "$status" 2
  equal "$(cat labels.txt)" 1
  # Another file takes what is added to it.
  "$SPECRNN" features t.wav -o - --format raw --duration 0.1 >other.raw
  "$SPECRNN" features t.wav -o - --format raw --duration 0.1 >>other.raw
  succeeds features t.wav -o one.raw --duration 0.1
  cat one.raw one.raw | cmp - other.raw
}

@test "results that links lead to one file are refused, those of hard links are two" {
  cp "$test_wav" a.wav
  cp "$samples/sweep.wav" b.wav
  mkdir out
  echo earlier >out/a.npy
  ln -s a.npy out/b.npy
  local line="specrnn: *out/?.npy and *out/?.npy: are one file for two results"
  same_as out/a.npy refuses 2 "$line" features a.wav b.wav -o out/
  same_as out/a.npy refuses 2 "$line" encode a.wav b.wav -o out/ --format npy
  rm out/a.npy
  refuses 2 "specrnn: out/b.npy: cannot write: a link to what does not exist" features a.wav b.wav -o out/
  rm out/b.npy
  echo earlier >out/a.npy
  ln out/a.npy out/b.npy
  succeeds features a.wav b.wav -o out/ --duration 0.2
  for name in a b; do
    succeeds features $name.wav -o one.npy --duration 0.2
    cmp one.npy out/$name.npy
  done
  mkdir pictures
  echo earlier >pictures/layer1.png
  ln -s layer1.png pictures/overview.png
  same_as pictures/layer1.png refuses 2 "specrnn: pictures/*.png and pictures/*.png: are one file for two results" \
    analyze a.wav -o pictures
  echo earlier >x.ark
  ln -s x.ark x.scp
  same_as x.ark refuses 2 "specrnn: x.*: are one file for two results" features a.wav -o x.ark
  mkdir arks
  echo earlier >arks/a.scp
  ln -s a.scp arks/b.ark
  same_as arks/a.scp refuses 2 "specrnn: arks/*: are one file for two results" \
    features a.wav b.wav -o arks/ --format ark
}

@test "results that became one file while they were made are an error" {
  cp "$test_wav" a.wav
  cp "$test_wav" z.wav
  local subcommand waited
  # A link that is made when the first result is there stands for a folder that does not know A from a.
  for subcommand in features encode; do
    mkdir out
    mkfifo pipe
    "$SPECRNN" $subcommand a.wav - z.wav -o out/ --format npy --jobs 1 <pipe 2>said &
    exec 5>pipe
    head -c 4096 "$samples/sweep.wav" >&5 # what tells the format
    for ((waited = 0; waited < 200; waited++)); do
      [[ -e out/a.npy ]] && break
      sleep 0.05
    done
    ln -s a.npy out/z.npy
    tail -c +4097 "$samples/sweep.wav" >&5
    exec 5>&-
    status=0
    wait $! || status=$?
    equal "$status" 1
    [[ $(cat said) == "specrnn: out/"*".npy and out/"*".npy: are one file for two results" ]] || explain "$(cat said)"
    rm -r out pipe
  done
}

@test "names that differ never become one file" {
  succeeds model init --input-size 257 --hidden-size 4 -o m.safetensors
  refuses 2 "specrnn: a/b and a_b: both would be one file of the folder" \
    encode "$cases/collide.npz" --model m.safetensors -o out/
  succeeds encode "$cases/collide.npz" --model m.safetensors -o out.npz
}

@test "a descriptor, a pipe and a device are written, not replaced" {
  printf earlier >all.raw
  "$SPECRNN" features "$test_wav" -o /dev/stdout --format raw --duration 0.1 >>all.raw
  succeeds features "$test_wav" -o one.raw --duration 0.1
  equal "$(head -c 7 all.raw)" earlier
  tail -c +8 all.raw | cmp - one.raw
  printf earlier >all.npz
  "$SPECRNN" features "$test_wav" -o /dev/fd/3 --format npz --duration 0.1 3>>all.npz
  equal "$(head -c 7 all.npz)" earlier
  tail -c +8 all.npz >rest.npz
  succeeds info rest.npz
  mkfifo pipe
  "$SPECRNN" features "$test_wav" -o pipe --format npy --duration 0.1 &
  cat pipe >from_pipe.npy
  wait $!
  succeeds features "$test_wav" -o f.npy --duration 0.1
  cmp f.npy from_pipe.npy
  [[ -p pipe ]]
  call features "$test_wav" -o /dev/full --format npy
  equal "$status" 1
  equal "$stderr" "specrnn: /dev/full: cannot write: No space left on device"
}

@test "every way to a descriptor leads to what is open there" {
  succeeds features "$test_wav" -o one.raw --duration 0.1
  mkdir here
  ln -s /dev/stdout absolute
  ln -s absolute chain
  ln -s ../chain here/relative
  ln -s /proc/self/fd folder
  ln -s "$(realpath --relative-to=here /dev)/fd/1" here/up
  local path
  for path in /proc/self/fd/1 /proc/thread-self/fd/1 /dev/./fd/1 /dev/fd/../fd/1 //dev//stdout /proc/self/./fd/1 chain \
    here/relative folder/1 here/up /dev/fd/3 folder/3 '/proc/$$/fd/1' '/proc/$$/task/$$/fd/1'; do
    printf earlier >all.raw
    bash -c "\"\$SPECRNN\" features '$test_wav' -o \"$path\" --format raw --duration 0.1; exit" >>all.raw 3>&1 ||
      explain "$path ended $?"
    { printf earlier && cat one.raw; } | cmp - all.raw || explain "$path"
  done
  # The descriptor of a file that has no name any more.
  exec 4<>gone.raw
  rm gone.raw
  "$SPECRNN" features "$test_wav" -o /dev/fd/4 --format raw --duration 0.1
  cmp one.raw "/proc/$$/fd/4" || cmp one.raw /dev/fd/4
  exec 4>&-
  refuses 1 "specrnn: /dev/fd/77: cannot write: *" features "$test_wav" -o /dev/fd/77 --format raw
  # A number in a folder of one's own is a file.
  mkdir fd
  succeeds features "$test_wav" -o fd/1 --format raw --duration 0.1
  cmp one.raw fd/1
}

@test "a link that points nowhere is refused, one that points somewhere keeps pointing" {
  ln -s nowhere.npy link.npy
  ln -s self.npy self.npy
  ln -s two.npy three.npy
  ln -s three.npy two.npy
  for name in link self two; do
    refuses 1 "specrnn: $name.npy: cannot write: a link to what does not exist" features "$test_wav" -o $name.npy
    [[ -L $name.npy ]]
  done
  succeeds features "$test_wav" -o there.npy --duration 0.1
  ln -sf there.npy link.npy
  succeeds features "$test_wav" -o link.npy --duration 0.2
  [[ -L link.npy ]]
  cmp link.npy there.npy
}

@test "a link that cannot be followed stays a link" {
  bound_by_permissions
  mkdir -m 700 closed
  echo earlier >closed/x.npy
  mkdir -m 777 open
  ln -s ../closed/x.npy open/x.npy
  ((EUID == 0)) || chmod 0 closed
  refuses 1 "specrnn: open/x.npy: cannot write: Permission denied" features "$test_wav" -o open/x.npy
  [[ -L open/x.npy ]]
  chmod 700 closed
}

@test "a file that is protected from writing is not replaced" {
  bound_by_permissions
  mkdir -m 777 open
  echo earlier >open/x.npy
  chmod 444 open/x.npy
  same_as open/x.npy refuses 1 "specrnn: *open/x.npy: cannot write: Permission denied" \
    features "$test_wav" -o open/x.npy
  same_as open/x.npy refuses 1 "specrnn: *open/x.npy: cannot write: Permission denied" \
    features "$test_wav" -o open/x.npy --format raw
}

@test "what replaces a file has its permissions, owner and group" {
  echo earlier >x.npy
  chmod 640 x.npy
  succeeds features "$test_wav" -o x.npy --duration 0.1
  equal "$(stat -c %a x.npy)" 640
  ((EUID == 0)) || skip "SKIPPED: only root can give files away"
  chown 65534:65533 x.npy
  succeeds features "$test_wav" -o x.npy --duration 0.2
  equal "$(stat -c '%a %u %g' x.npy)" "640 65534 65533"
  # Who may not give it to its group gives the group what everybody has.
  bound_by_permissions
  mkdir -m 777 open
  echo earlier >open/x.npy
  chmod 664 open/x.npy
  chown 65534:65533 open/x.npy
  succeeds features "$test_wav" -o open/x.npy --duration 0.2
  equal "$(stat -c '%a %u %g' open/x.npy)" "644 65534 65534"
}

@test "an empty name is refused before anything is done" {
  local subcommand
  cp "$test_wav" t.wav
  succeeds model init --input-size 23 --hidden-size 4 -o m.safetensors
  for subcommand in "features t.wav" "encode t.wav" "plot t.wav" "analyze t.wav" "stats t.wav" \
    "invert none.npy" "animate t.wav --kind hidden" "model init --input-size 3 --hidden-size 2" \
    "model convert m.safetensors" "model quantize m.safetensors --dtype int8" "bench plan --n-fft 512"; do
    # shellcheck disable=SC2086
    refuses 2 "specrnn: --output: is empty; name where the result goes" $subcommand -o ''
  done
}

@test "closed descriptors: nothing of what is said gets into a file" {
  cp "$test_wav" t.wav
  "$SPECRNN" features t.wav -o a.npy --preset torchaudio # warns of empty filters
  for closing in '2>&-' '1>&-' '0<&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
    rm -f b.npy
    eval "\"\$SPECRNN\" features t.wav -o b.npy --preset torchaudio $closing" || explain "$closing ended $?"
    cmp a.npy b.npy || explain "$closing"
  done
  "$SPECRNN" analyze t.wav --duration 1 >&-
  "$SPECRNN" info t.wav >&-
  run "$SPECRNN" features t.wav -o - >&-
  run bash -c "\"$SPECRNN\" features t.wav -o - >&-"
  equal "$status $output" "1 specrnn: standard output: is closed"
  run bash -c "\"$SPECRNN\" info - <&-"
  equal "$status" 1
}

@test "a signal leaves nothing behind" {
  /usr/bin/python3 -c 'import wave
w = wave.open("long.wav", "wb"); w.setnchannels(1); w.setsampwidth(2); w.setframerate(16000)
w.writeframes(bytes(2 * 16000 * 3600))'
  local before
  before=$(files_below)
  for signal in INT TERM HUP; do
    for command in "features long.wav -o f.npy" "features long.wav -o f.npz" "encode long.wav -o e.npz" \
      "plot long.wav -o p.png" "features long.wav -o f.ark --preset kaldi"; do
      for delay in 0.01 0.05 0.12; do
        # A shell has SIGINT ignored in what it starts in the background.
        # shellcheck disable=SC2086
        /usr/bin/python3 -c 'import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
process = subprocess.Popen(sys.argv[3:], stderr=subprocess.DEVNULL)
time.sleep(float(sys.argv[2])); process.send_signal(getattr(signal, "SIG" + sys.argv[1]))
sys.exit(process.wait() not in (0, -getattr(signal, "SIG" + sys.argv[1])))' $signal $delay "$SPECRNN" $command
        rm -f f.npy f.npz e.npz p.png f.ark f.scp # of what was done before the signal
        equal "$(files_below)" "$before"
      done
    done
  done
}

@test "a limit on the size of files is an error with its reason, and nothing is left" {
  cp "$test_wav" t.wav
  local before
  before=$(files_below)
  run bash -c "ulimit -f 16; \"$SPECRNN\" features t.wav -o f.npy"
  equal "$status" 1
  [[ $output == *"f.npy: cannot write: File too large" ]] || explain "$output"
  equal "$(files_below)" "$before"
}

@test "messages of temporary files name their folder" {
  local line command text
  cp "$test_wav" t.wav
  cp "$samples/strings.flac" s.flac
  succeeds features t.wav -o stft.npz --kind stft
  while IFS='|' read -r command line; do
    run bash -c "set -o pipefail; ulimit -f 16; cat s.flac | \"\$SPECRNN\" $command | cat >/dev/null"
    equal "$status" 1
    equal "$output" "specrnn: $line: File too large"
  done <<'END'
features t.wav -o x.npz|t.wav: cannot write a temporary file in /tmp
features t.wav -o - --format npz|t.wav: cannot write a temporary file in /tmp
features - -o x.npy|-: cannot write a temporary file in /tmp
encode t.wav -o x.npz|cannot write a temporary file in /tmp
encode t.wav -o - --format npz|cannot write a temporary file in /tmp
invert stft.npz -o -|cannot write a temporary file in /tmp
invert stft.npz -o x.wav|x.wav: cannot write
END
  run bash -c "ulimit -f 16; \"\$SPECRNN\" features t.wav '$samples/sweep.wav' -o x.ark --jobs 1"
  for text in t.wav "$samples/sweep.wav"; do
    [[ $output == *"specrnn: $text: cannot write a temporary file in /tmp: File too large"* ]] || explain "$output"
  done
  equal "$(ls)" $'s.flac\nstft.npz\nt.wav'
}

@test "where no temporary file can be made, it is said of which folder" {
  unshare -m true 2>/dev/null || skip "SKIPPED: only root can have a /tmp that is read-only"
  cp "$test_wav" t.wav
  mkdir here
  local command
  for command in "features t.wav -o - --format npz" "features t.wav -o here/x.npz" "features - -o here/x.npy" \
    "encode t.wav -o here/x.npz" "features t.wav '$samples/sweep.wav' -o here/x.ark" "features t.wav -o here/x.json"; do
    run unshare -m bash -c "mount -t tmpfs tmpfs here && mount --bind /tmp /tmp && mount -o remount,ro,bind /tmp &&
      mount -t tmpfs tmpfs here; cat '$samples/strings.flac' | \"\$SPECRNN\" $command >/dev/null"
    equal "$status" 1
    [[ $output == *"cannot make a temporary file in /tmp: Read-only file system"* ]] || explain "$command: $output"
  done
}

@test "sound to a descriptor begins where its file ends" {
  succeeds features "$test_wav" -o f.npz --kind stft --duration 0.3
  succeeds invert f.npz -o one.wav
  for output in - /dev/stdout /dev/fd/1; do
    printf earlier >all
    "$SPECRNN" invert f.npz -o $output >>all
    { printf earlier && cat one.wav; } | cmp - all
    { printf earlier && "$SPECRNN" invert f.npz -o $output; } >all
    { printf earlier && cat one.wav; } | cmp - all
  done
  equal "$(ls)" $'all\nf.npz\none.wav'
  refuses 2 "specrnn: --output -: names a folder; ./- is one of that name" analyze "$test_wav" -o -
  refuses 2 "specrnn: --output -: names a file; ./- is one of that name" bench plan --n-fft 512 -o -
}

# full_disk: $small is a file system of 200 kB; skipped where none can be made.
full_disk() {
  small=$PWD/small
  mkdir small
  mount -t tmpfs -o size=200k tmpfs small 2>/dev/null || skip "SKIPPED: only root can make a small file system"
}

teardown() {
  if mountpoint -q "$BATS_TEST_TMPDIR/case/small"; then
    umount "$BATS_TEST_TMPDIR/case/small"
  fi
}

@test "a full disk leaves the set of files that was there, whole, and says ENOSPC" {
  full_disk
  succeeds analyze "$test_wav" --duration 1 -o small/pictures --dpi 40
  local before
  before=$(cd small && find . -type f -exec sha256sum {} + | sort)
  call analyze "$test_wav" -o small/pictures --dpi 300
  equal "$status" 1
  [[ $stderr == "specrnn: "*": cannot write: No space left on device" && $stderr != *$'\n'* ]] || explain "$stderr"
  equal "$(cd small && find . -type f -exec sha256sum {} + | sort)" "$before"
  rm -r small/pictures
  succeeds features "$test_wav" -o small/f.ark --preset kaldi --duration 0.5
  before=$(cd small && find . -type f -exec sha256sum {} + | sort)
  call features "$test_wav" "$samples/sweep.wav" -o small/f.ark --preset kaldi --n-mels 120
  equal "$status" 1
  [[ $stderr == *"No space left on device"* ]] || explain "$stderr"
  equal "$(cd small && find . -type f -exec sha256sum {} + | sort)" "$before"
}

@test "whatever is written says of a full disk where and why" {
  full_disk
  local command name
  cp "$test_wav" t.wav
  for command in "features t.wav -o small/x.csv" "encode t.wav -o small/x.npz" "plot t.wav -o small/x.png --dpi 600" \
    "plot t.wav -o small/x.pdf --dpi 600" "animate t.wav --kind hidden -o small/x.gif" \
    "model init --input-size 300 --hidden-size 200 -o small/x.st"; do
    name=$(grep -o 'small/x[.a-z]*' <<<"$command")
    # shellcheck disable=SC2086
    call $command
    equal "$status" 1
    [[ $stderr == "specrnn: "*"$name: cannot write: No space left on device" && $stderr != *$'\n'* ]] ||
      explain "$command: $stderr"
    equal "$(ls -A small)" ""
  done
  for command in --options-json --help "info t.wav" "info t.wav --json" "analyze t.wav --json --duration 1 --dpi 40"; do
    run bash -c "\"\$SPECRNN\" $command >/dev/full"
    equal "$status" 1
    [[ $output == *"standard output"*"No space left on device"* && $output != *$'\n'* ]] || explain "$command: $output"
  done
}

@test "one input that fails does not lose the others" {
  cp "$test_wav" "a b.wav"
  cp "$test_wav" good.wav
  head -c 30000 "$test_wav" >cut.wav
  call features good.wav cut.wav "a b.wav" "$samples/sweep.wav" -o all.ark --preset kaldi --truncated error
  equal "$status" 1
  [[ $stderr == *"specrnn: cut.wav: "*$'\n'"specrnn: a b.wav: 'a b' cannot be a key of a Kaldi archive: white space" ]] ||
    explain "$stderr"
  equal "$(cut -d ' ' -f 1 all.scp | tr '\n' ' ')" "good sweep "
  call features good.wav cut.wav "a b.wav" -o all.npz --preset kaldi
  equal "$status" 1
  equal "$(arrays print 'sorted(k for k in a[0].files if k.endswith("features"))' all.npz)" "['a b/features', 'good/features']"
  call encode good.wav "a b.wav" "$samples/sweep.wav" -o states.ark
  equal "$status" 1
  equal "$stderr" "specrnn: a b: 'a b' cannot be a key of a Kaldi archive: white space"
  equal "$(cut -d ' ' -f 1 states.scp | tr '\n' ' ')" "good sweep "
}

@test "Kaldi's names and its empty matrix" {
  succeeds features "$test_wav" -o one.ark --preset kaldi
  equal "$(cat one.scp)" "test one.ark:5"
  succeeds encode "$test_wav" -o states.ark
  equal "$(cut -d ' ' -f 1 states.scp)" test
  /usr/bin/python3 -c 'import wave
w = wave.open("short.wav", "wb"); w.setnchannels(1); w.setsampwidth(2); w.setframerate(16000); w.writeframes(bytes(200))'
  call features short.wav -o short.ark --preset kaldi
  equal "$status" 0
  printf 'short \0BFM \4\0\0\0\0\4\0\0\0\0' | cmp - short.ark
  equal "$(cat short.scp)" "short short.ark:6"
}

@test "names of arrays: plain for one input that was named, else with the input's in front" {
  arrays_of() {
    arrays print 'sorted(a[0].files)' "$1"
  }
  succeeds features "$test_wav" -o one.npz
  equal "$(arrays_of one.npz)" "['config', 'features', 'frequencies', 'sample_rate', 'times']"
  succeeds features "$test_wav" -o one.npz --names always
  equal "$(arrays_of one.npz)" "['test/config', 'test/features', 'test/frequencies', 'test/sample_rate', 'test/times']"
  succeeds encode "$test_wav" -o states.npz --layer 1 --names always
  [[ $(arrays_of states.npz) == *"'test/layer1'"* ]]
  succeeds encode "$test_wav" -o states.npz --layer 1
  [[ $(arrays_of states.npz) == *"'layer1'"* ]]
  refuses 2 "specrnn: --names sometimes: not one of auto, always" features "$test_wav" -o x.npz --names sometimes
  refuses 2 "specrnn: --names always: only .npz and .ark have names" features "$test_wav" -o x.npy --names always
}

@test "names as long as a file system takes them" {
  local name
  name=$(printf 'x%.0s' {1..247})
  cp "$test_wav" "$name.wav"
  succeeds features "$name.wav" -o out/ --duration 0.1
  [[ -f out/$name.npy ]]
  succeeds features "$name.wav" -o "$name.npy" --duration 0.1
  succeeds features "$name.wav" -o "$name.npy" --duration 0.2
  succeeds plot "$name.wav" -o "$name.png"
}
