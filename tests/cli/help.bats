# What the command says about itself: --help of every subcommand, and the man page from the same tables.
load helper

# The names under Subcommands in --help, one per line.
subcommands() {
  "$SPECRNN" --help | sed -n '/^Subcommands/,/^$/ s/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p'
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
