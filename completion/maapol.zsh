#compdef maapol
# SPDX-License-Identifier: Apache-2.0
# Completion of maapol in zsh: as _maapol in a folder of fpath, or sourced
# behind compinit. The program itself knows what can follow.
_maapol() {
  local line program=${words[1]/#\~/$HOME}
  local -a before lines described
  ((CURRENT > 2)) && before=("${(@Q)words[2,CURRENT-1]}")
  lines=("${(@f)$("$program" complete "$before[@]" "$PREFIX" \
    2>/dev/null </dev/null)}")
  case $lines[1] in
    (:files) compset -P '--*='; _files; return ;;
    (:directories) compset -P '--*='; _files -/; return ;;
    ('') return 1 ;;
  esac
  for line in $lines; do
    described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  _describe maapol described -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}'
}
if [[ $funcstack[1] == _maapol ]]; then
  _maapol "$@"
else
  compdef _maapol maapol
fi
