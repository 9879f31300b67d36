# SPDX-License-Identifier: Apache-2.0
# Completion of maapol in bash 4 or later. The program itself knows what can
# follow; files are left to bash, which quotes their names.
_maapol() {
  local line word=${COMP_WORDS[COMP_CWORD]} program=${1/#\~/$HOME}
  [[ $word != "=" ]] || word=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default ;;
      :directories) compopt -o dirnames ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("$program" complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$word" \
    2>/dev/null </dev/null)
}
complete -F _maapol maapol
