# What the command says about itself: --help of every subcommand, and the man page from the same tables.
load helper

# The names under Subcommands in --help, one per line.
subcommands() {
  "$SPECRNN" --help | LC_ALL=C sed -n '/^Subcommands/,/^$/ s/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p'
}

@test "every subcommand answers --help, an example first" {
  local name count=0
  while read -r name; do
    # shellcheck disable=SC2086 # two words
    succeeds $name --help
    equal "${lines[0]}" Example
    [[ ${output%%$'\n\n'*} == *"  specrnn $name "* ]] || explain "no example of $name:" "$output"
    count=$((count + 1))
  done < <(subcommands)
  ((count >= 14))
}

@test "help of a subcommand, and names that are nearly right" {
  local name
  while read -r name; do
    # shellcheck disable=SC2086
    succeeds help $name
    # shellcheck disable=SC2086
    equal "$output" "$("$SPECRNN" $name --help)"
  done < <(subcommands)
  succeeds help model
  equal "${#lines[@]}" 5
  refuses 2 "specrnn: encod: unknown subcommand; did you mean encode? (see specrnn --help)" help encod
  refuses 2 "specrnn: qqq: unknown subcommand (see specrnn --help)" qqq
  refuses 2 "specrnn: --cmap: unknown option; did you mean --colormap? (see specrnn plot --help)" plot x.wav --cmap gray
  refuses 2 "specrnn: --colour=gray: unknown option; did you mean --colormap? (see specrnn plot --help)" plot x --colour=gray
  refuses 2 "specrnn: --n_mels: unknown option; did you mean --n-mels? (see specrnn features --help)" features x --n_mels 3
  refuses 2 "specrnn: --hiden-size: unknown option; did you mean --hidden-size? (see specrnn model init --help)" \
    model init --hiden-size 3
  refuses 2 "specrnn: -z: unknown option (see specrnn features --help)" features x -z
  refuses 2 "specrnn: --kind spectogram: not one of spectrogram, *; did you mean spectrogram?" \
    plot "$test_wav" --kind spectogram -o x.png
  refuses 2 "specrnn: colormap takes one of *, not 'magma_r'; did you mean magma?" \
    plot "$test_wav" --colormap magma_r -o x.png
}

@test "a zero is no value where a word asks for the choice of the program" {
  local option
  for option in n-fft win-length hop-length amin; do
    refuses 2 "specrnn: ${option/-/_} is 0; it must be from 1*, or 'auto'" features "$test_wav" -o x.npy --$option 0
    succeeds features "$test_wav" -o x.npy --$option auto
    rm x.npy
  done
  printf '{"hop_length": 0}' >zero.json
  refuses 1 "specrnn: zero.json: hop_length is 0; it must be from 1 *, or 'auto'" features "$test_wav" -o x.npy --config zero.json
  printf '{"hop_length": "auto"}' >auto.json
  succeeds features "$test_wav" -o x.npy --config auto.json
}

@test "no line of any help is longer than 100 columns" {
  while read -r name; do
    # shellcheck disable=SC2086
    equal "$("$SPECRNN" $name --help | awk 'length($0) > 100')" ''
  done < <(subcommands)
  equal "$("$SPECRNN" --help | awk 'length($0) > 100')" ''
}

@test "help and man page say the defaults of the kinds of pictures" {
  succeeds plot --help
  [[ $output == *'width of the picture (default 10, or 6.4 for lines'* ]]
  [[ $output == *'(default tight)'* && $(tr -s ' \n' ' ' <<<"$output") == *'computed at (default that of the input)'* ]]
  succeeds --man-page
  [[ ${output//\\-/-} == *'Here the default of --width is 10, or 6.4 for lines, scatter and histogram; 5 for each of more than two side by side; of --height is'* ]]
}

@test "the man page has every subcommand and every option of its help" {
  succeeds --man-page
  local page name option
  page=${output//\\-/-}
  while read -r name; do
    equal "$(grep -c "^\.SS specrnn $name " <<<"$page")" 1
    # shellcheck disable=SC2086
    while read -r option; do
      grep -qF -e "$option" <<<"$page" || explain "specrnn $name has $option, and the man page does not"
    done < <("$SPECRNN" $name --help | sed -n 's/^  \(-., \|    \)\(--[^ ]*\).*/\2/p' | grep -v '^--help$')
  done < <(subcommands)
}

@test "the man page describes each option of the library once" {
  succeeds --man-page
  local page
  page=${output//\\-/-}
  equal "$(grep -c '^\\fB--n-fft\\fR' <<<"$page") $(grep -c '^\\fB--truncated\\fR' <<<"$page")" '1 1'
}
