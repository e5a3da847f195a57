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
  equal "$output" "t.csv: array, float64 (2, 2), 3 ... 5, mean 4, 1 not finite"
}

@test "numbers are not narrowed before anything is said of them" {
  succeeds info "$cases/di.npy" "$cases/dt.npy" "$cases/t300.npy" "$cases/l300.npy" "$cases/dn.npy"
  equal "$output" "$cases/di.npy: array, int64 (2,), 16777217 ... 1700000001, mean 858388609
$cases/dt.npy: array, float64 (2,), 1700000000.125 ... 1700000000.875, mean 1700000000.5
$cases/t300.npy: array, float64 (2,), 1e-300 ... 2e-300, mean 1.5e-300
$cases/l300.npy: array, float64 (100,), 1e+300 ... 1e+302, mean 5.05e+301
$cases/dn.npy: array, float64 (4,), no number is finite: 4 NaN, 0 infinite"
  succeeds info "$cases/di.npy" --json
  equal "$(json "d['minimum'], d['maximum'], d['mean']")" "(16777217, 1700000001, 858388609.0)"
  /usr/bin/python3 -c 'import numpy as np
np.save("u.npy", np.array([2**64 - 1, 2**63 + 1], np.uint64)); np.save("i.npy", np.array([-2**63, 2**63 - 1]))
np.save("h.npy", np.full(4, 1.5e308)); np.save("c.npy", np.array([3 + 4j, 0])); np.save("b.npy", np.array([True, False]))'
  succeeds info u.npy i.npy h.npy c.npy b.npy
  equal "$output" "u.npy: array, uint64 (2,), 9223372036854775809 ... 18446744073709551615, mean 1.38350580552822e+19
i.npy: array, int64 (2,), -9223372036854775808 ... 9223372036854775807, mean 0
h.npy: array, float64 (4,), 1.5e+308 ... 1.5e+308, mean 1.5e+308
c.npy: array, complex128 (2,), magnitudes 0 ... 5, mean 2.5
b.npy: array, uint8 (2,), 0 ... 1, mean 0.5"
  succeeds info u.npy --json
  equal "$(json "d['minimum'], d['maximum']")" "('9223372036854775809', '18446744073709551615')"
  succeeds info i.npy --json
  equal "$(json "d['minimum'], d['maximum']")" "(-9223372036854775808, 9223372036854775807)"
  succeeds info c.npy --json
  equal "$(json "d['values'], d['maximum']")" "('magnitudes', 5.0)"
}

@test "numbers near each other have the digits that tell them apart" {
  /usr/bin/python3 -c 'import numpy as np
np.save("n.npy", np.array([100000.01, 100000.02])); np.save("o.npy", np.array([1 + 2**-52, 1 + 3 * 2**-52]))
np.save("p.npy", np.array([0.1, 123456.7]))'
  succeeds info n.npy o.npy p.npy
  equal "$output" "n.npy: array, float64 (2,), 100000.01 ... 100000.02, mean 100000.015
o.npy: array, float64 (2,), 1.0000000000000002 ... 1.0000000000000007, mean 1.0000000000000004
p.npy: array, float64 (2,), 0.1 ... 123457, mean 61728.4"
  succeeds info o.npy --json
  equal "$(json "d['minimum'] == 1 + 2**-52, d['maximum'] == 1 + 3 * 2**-52")" "(True, True)"
  succeeds info p.npy --json
  [[ $output == *'"minimum":0.1,"maximum":123456.7,'* ]] || explain "$output"
}

@test "a file has one line for what cannot be read of it" {
  /usr/bin/python3 -c 'import numpy as np
np.savez("t.npz", text=np.array("hello"), good=np.zeros(3), date=np.array("2020-01-01", "datetime64[D]"))
data = bytearray(open("t.npz", "rb").read())
data[data.find("he".encode("utf-32-le"))] ^= 1
open("t.npz", "wb").write(data)'
  call info t.npz
  equal "$status $stderr" "1 specrnn: t.npz: text: cannot unpack the zip's entry: CRC error; and 1 more cannot be read"
  equal "$output" "t.npz: archive of 3 arrays
  text                     not readable
  good                     float64 (3,), 0 ... 0, mean 0
  date                     not readable"
  call info t.npz --json
  equal "$status $(json "sorted(d['arrays'].items())[0::2]")" "1 [('date', None), ('text', None)]"
  call info "$cases/bomb.npz"
  equal "$status ${lines[1]}" "1   rnn.w0                   float32 (2048, 2048), 0 ... 0, mean 0"
  [[ $stderr == "specrnn: $cases/bomb.npz: rnn.w1: the zip's entry, unpacked, takes "*"; and 58 more cannot be read" &&
    $stderr != *$'\n'* ]] || explain "$stderr"
}

@test "an entry that cannot be read is an error with its reason" {
  local name
  for name in "crc: cannot unpack the zip's entry: CRC error" \
    "lzma: cannot read the zip's entry: Compression method not supported" \
    "onehot: the zip's entry unpacks to 36000128 bytes; the limit is 16862046, which --memory-limit raises"; do
    call info "$cases/${name%%:*}.npz"
    equal "$status" 1
    equal "$stderr" "specrnn: $cases/${name%%:*}.npz: features: ${name#*: }"
    call info "$cases/${name%%:*}.npz" --json
    equal "$status $(json "d['arrays']")" "1 {'features': None}"
  done
  succeeds info "$cases/onehot.npz" --memory-limit 40M
  equal "${lines[1]}" "  features                 float32 (3000, 3000), 0 ... 1, mean 0.000333333"
  succeeds info "$cases/int16.npz"
  equal "${lines[1]}" "  features                 int16 (20, 5), -232 ... 200, mean 8.14"
}

@test "a table with a spoiled first row is refused" {
  refuses 1 "specrnn: $cases/first_bad.csv: line 1, column 1: '1.5x' is no number" info "$cases/first_bad.csv"
  refuses 1 "specrnn: $cases/na.csv: line 1, column 1: 'NA' is no number" info "$cases/na.csv"
  refuses 1 "specrnn: $cases/empty1.csv: line 1, column 1: '' is no number" info "$cases/empty1.csv"
  refuses 1 "specrnn: $cases/utf16.csv: the text is UTF-16; save it as UTF-8" info "$cases/utf16.csv"
}

@test "what a file may unpack to is limited as a whole" {
  refuses 1 "specrnn: $cases/bomb.pt: * bytes, and * are left for the file; --memory-limit allows more" \
    model show "$cases/bomb.pt"
  refuses 1 "specrnn: $cases/bomb.npz: * bytes, and * are left for the file; --memory-limit allows more" \
    model show "$cases/bomb.npz"
  local most
  for name in bomb.pt bomb.npz; do
    most=$(/usr/bin/python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 100_000 or "the sanitizers" * ("asan" in sys.argv[1]))' "$SPECRNN" model show "$cases/$name")
    [[ $most == True || $most == "the sanitizers" ]] || explain "$name takes more than 100 MB"
  done
  refuses 2 "specrnn: --memory-limit: '0' is no size such as 100000000, 200M, 4G or none (see specrnn info --help)" \
    info "$cases/int16.npz" --memory-limit 0
}

@test "a file is what its structure says, whatever its name, also from a pipe" {
  local name kind
  cp "$golden/librosa_mfcc.npy" wrong.wav
  cp "$test_wav" wrong.npy
  cp "$golden/nn/rnn_chain.pt" wrong.npz
  succeeds features "$test_wav" -o f.npz --duration 0.1
  cp f.npz wrong.pt
  printf '1,2\n3,4\n' >wrong.safetensors
  for name in wrong.wav:array wrong.npy:sound wrong.npz:"bare state_dict" wrong.pt:archive wrong.safetensors:array \
    "$cases/h640.safetensors:bare state_dict"; do
    kind=${name##*:} name=${name%:*}
    succeeds info "$name"
    [[ ${lines[0]} == "$name: $kind"* ]] || explain "$name" "${lines[0]}"
    run --separate-stderr bash -c "cat '$name' | '$SPECRNN' info -"
    [[ $status == 0 && ${lines[0]} == "-: $kind"* ]] || explain "$name" "$status $output $stderr"
    run --separate-stderr bash -c "'$SPECRNN' info <(cat '$name') /dev/stdin <'$name'"
    [[ $status == 0 && $output == "/dev/fd/"*": $kind"*"/dev/stdin: $kind"* ]] || explain "$name" "$status $output $stderr"
  done
  succeeds plot wrong.wav -o a.png
  succeeds plot wrong.npy -o b.png
  succeeds model show "$cases/h640.safetensors"
  succeeds features "$test_wav" -o g.npz --config wrong.pt --duration 0.1
  refuses 1 "specrnn: $cases/np2.pkl: this is not read: a pickle, which is a program and is not run; *" info "$cases/np2.pkl"
  refuses 1 "specrnn: $cases/np2.pkl: this is no model: a pickle, which is a program and is not run; *" \
    model show "$cases/np2.pkl"
  printf '\x89HDF\r\n\x1a\n' >keras.h5
  refuses 1 "specrnn: keras.h5: this is no model: HDF5, as Keras writes it; save its arrays as .npz" model show keras.h5
  refuses 1 "specrnn: keras.h5: this is not read: HDF5, as Keras writes it; save its arrays as .npz" info keras.h5
}

# harmless COMMAND...: neither output has a byte that a terminal obeys, or that is no UTF-8.
harmless() {
  "$SPECRNN" "$@" >out 2>err || true
  /usr/bin/python3 -c 'import sys, unicodedata
for name in ("out", "err"):
    for c in open(name, "rb").read().decode():
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            sys.exit("%s holds %r" % (name, c))' || explain "$*"
}

@test "a header of blanks or zeros is not read byte by byte" {
  printf '\0\0\100\6\0\0\0\0{' >zeros.safetensors
  head -c 104857599 /dev/zero | tr '\0' ' ' | cat zeros.safetensors - >blanks.safetensors
  truncate -s 104857608 zeros.safetensors
  launcher=(timeout 20)
  local much='the header has 104857600 bytes; at most 1048576 can be read'
  refuses 1 "specrnn: blanks.safetensors: $much" info blanks.safetensors
  refuses 1 "specrnn: zeros.safetensors: $much" info zeros.safetensors
}

@test "no terminal obeys what a file holds, or is called" {
  local odd=$'b\xff\xc2\x9b31m\e[31m\x7f\xe2\x80\xae\xed\xa0\x80.npy'
  cp "$cases/dt.npy" "$odd"
  cp "$test_wav" "$odd.wav"
  for file in "$cases"/{config_escape,neighbours_escape,collide}.npz "$cases/c1_name.safetensors" "$odd" "$odd.wav" "not $odd"; do
    harmless info "$file"
    harmless model show "$file"
    harmless plot "$file" -o "$odd.txt"
    harmless features "$file" -o out.npy
  done
  harmless neighbours "$cases/neighbours_escape.npz" a
  harmless neighbours "$cases/neighbours_escape.npz" "$odd"
  harmless analyze "$odd.wav" --duration 1 -o "$odd.out"
  harmless "$odd"
  harmless features x.wav "--$odd"
  harmless features x.wav --preset "$odd"
  succeeds info "$test_wav"
  equal "${output%%,*}" "$test_wav: sound"
  cp "$cases/dt.npy" 'ü 音.npy'
  succeeds info 'ü 音.npy'
  equal "${output%%,*}" 'ü 音.npy: array'
}

@test "JSON lines name files that are no UTF-8" {
  cp "$cases/dt.npy" $'b\xff.npy'
  cp "$cases/collide.npz" c.npz
  for command in "info b?.npy" "info none?.npy"; do
    # shellcheck disable=SC2086
    call ${command//\?/$'\xff'} --json
    [[ "$output$stderr" == *'"file":"'*'\\xff.npy"'* ]] || explain "$output" "$stderr"
  done
  succeeds info c.npz --json
  equal "$(json "len(d['arrays'])")" 4
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
  equal "$stderr" "specrnn: x.txt: a text without a row of numbers
specrnn: missing.wav: cannot open: No such file or directory"
  printf 'Dear reader, this\nis a letter\n' >letter
  refuses 1 "specrnn: letter: a text, and no table of numbers: *" info letter
  printf '1,2\n3\n' >uneven.csv
  refuses 1 "specrnn: uneven.csv: line 2 has 1 cell; the first line has 2" info uneven.csv
  : >empty
  refuses 1 "specrnn: empty: *" info empty
  refuses 1 "specrnn: .: *" info .
  head -c 40 "$golden/librosa_mel_db.npy" >short.npy
  refuses 1 "specrnn: short.npy: *" info short.npy
}
