# SPDX-License-Identifier: Apache-2.0
# Writes files as a C table of name and text: cli/completion_scripts.h.

# "?" is escaped because "??/" would be a trigraph.
function quote(line) {
  gsub(/\\/, "&&", line)
  gsub(/"/, "\\\"", line)
  gsub(/\?/, "\\?", line)
  gsub(/\t/, "\\t", line)
  return "   \"" line "\\n\""
}

BEGIN {
  print "/* Made from completion/ by tools/embed-texts.awk. */"
  print "#include \"cli/completion_scripts.h\"\n"
  print "const struct completion_script completion_scripts[] = {"
}

FNR == 1 {
  if (count++)
    print "},"
  shell = FILENAME
  sub(/.*\./, "", shell)
  printf "  {\"%s\",\n", shell
}

{ print quote($0) }

# The last row ends the table; an empty one would not be C.
END {
  if (count)
    print "},"
  print "  {NULL, NULL}\n};"
}
