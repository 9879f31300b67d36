# SPDX-License-Identifier: Apache-2.0
# Writes the manual pages: NAME, SYNOPSIS, OPTIONS and EXAMPLES from the
# programs' option tables (maapol option-table, on standard input), the other
# sections from docs/man. Variables: out, texts, version, date.

# Text as roff shows it.
function plain(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/'/, "\\(aq", text)
  gsub(/`/, "\\(ga", text)
  gsub(/\^/, "\\(ha", text)
  gsub(/~/, "\\(ti", text)
  return text
}

# Lines as people would write them; none of them begins a request.
function filled(text,   words, count, i, line, lines) {
  count = split(plain(text), words, " ")
  for (i = 1; i <= count; i++) {
    if (line != "" && length(line " " words[i]) > 78) {
      lines = lines line "\n"
      line = ""
    }
    if (line == "")
      line = (words[i] ~ /^\./ ? "\\&" : "") words[i]
    else
      line = line " " words[i]
  }
  return lines line "\n"
}

function file_name(verb) {
  gsub(/ /, "-", verb)
  return verb
}

# The sections of a file of docs/man: own["FILES"] and so on.
function read_sections(path,   line, title) {
  split("", own)
  while ((getline line < path) > 0)
    if (line ~ /^\.SH /)
      title = substr(line, 5)
    else if (line !~ /^\.\\"/)
      own[title] = own[title] line "\n"
  close(path)
}

function section(title, text) {
  if (text != "")
    printf ".SH %s\n%s", title, text > page
}

function option_row(letter, name, argument, help,   text) {
  text = ".TP\n"
  if (letter != "")
    text = text "\\fB\\-" letter "\\fR, "
  text = text "\\fB\\-\\-" plain(name) "\\fR"
  if (argument != "")
    text = text " \\fI" plain(argument) "\\fR"
  return text "\n" filled(help)
}

function examples(text) {
  if (text == "")
    return own["EXAMPLES"]
  return ".EX\n" text ".EE\n" own["EXAMPLES"]
}

function open_page(name) {
  page = out "/" name ".1"
  printf ".\\\" Made by tools/man-pages.awk from the program's options.\n" \
    ".TH %s 1 %s \"maapol %s\" \"User Commands\"\n", \
    plain(toupper(name)), date, version > page
}

function close_page(name, others) {
  section("ENVIRONMENT", own["ENVIRONMENT"] shared["ENVIRONMENT"])
  section("FILES", own["FILES"])
  section("EXIT STATUS", shared["EXIT STATUS"])
  section("EXAMPLES", examples(example[name]))
  section("SEE ALSO", others own["SEE ALSO"])
  close(page)
}

# The other pages of the same first word.
function siblings(verb,   i, first, text) {
  first = verb
  sub(/ .*/, "", first)
  text = ".BR maapol (1)"
  for (i = 1; i <= listed; i++)
    if (verb ~ / / && listing[i] != verb && index(listing[i], first " ") == 1)
      text = text ",\n.BR maapol\\-" plain(file_name(listing[i])) " (1)"
  return text "\n"
}

function verb_page(verb) {
  read_sections(texts "/" file_name(verb) ".man")
  open_page("maapol-" file_name(verb))
  section("NAME", filled("maapol-" file_name(verb) " - " summary[verb]))
  section("SYNOPSIS", ".B maapol " plain(verb) "\n" filled(usage[verb]))
  section("DESCRIPTION", own["DESCRIPTION"])
  section("OPTIONS", options[verb] common)
  close_page(verb, siblings(verb))
}

function overview_page(   i, list) {
  for (i = 1; i <= listed; i++)
    list = list ".TP\n.BR maapol\\-" plain(file_name(listing[i])) " (1)\n" \
      filled(summary[listing[i]])
  read_sections(texts "/maapol.man")
  open_page("maapol")
  section("NAME", "maapol \\- toolchain for policies of Microsoft Azure " \
    "Attestation\n")
  section("SYNOPSIS", own["SYNOPSIS"])
  section("DESCRIPTION", own["DESCRIPTION"])
  section("COMMANDS", list)
  section("OPTIONS", common)
  close_page("", "")
}

BEGIN {
  FS = "\t"
  read_sections(texts "/shared.man")
  for (title in own)
    shared[title] = own[title]
}

# Every program has the verbs without cryptography; one row of each is enough.
$1 == "verb" {
  is_known = $2 in usage
  current = $2
}
$1 == "verb" && !is_known {
  summary[$2] = $3
  usage[$2] = $4
}
$1 == "example" && !is_known {
  example[current] = example[current] plain($2) "\n"
}
$1 == "option" && !is_known {
  options[current] = options[current] option_row($3, $2, $4, $5)
}
# The first program is the one that people call: what it does not list is for
# siblings only.
$1 == "overview" && !is_second {
  listing[++listed] = $2
  summary[$2] = $3
}
$1 == "end" { is_second = 1 }
$1 == "common" && !is_second {
  common = common option_row($3, $2, $4, $5)
}

END {
  for (i = 1; i <= listed; i++)
    verb_page(listing[i])
  overview_page()
}
