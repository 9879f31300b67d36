# SPDX-License-Identifier: Apache-2.0
# Writes the rule pages (docs/rules/CODE.md) as a C table, sorted by code as
# the files are given: cli/rule_pages.h.

# "?" is escaped because "??/" would be a trigraph.
function quote(line) {
  gsub(/\\/, "&&", line)
  gsub(/"/, "\\\"", line)
  gsub(/\?/, "\\?", line)
  gsub(/\t/, "\\t", line)
  gsub(/\r/, "", line)
  return "   \"" line "\\n\""
}

function close_page() {
  if (count++)
    printf "},\n"
}

BEGIN {
  print "/* Made from docs/rules by tools/rule-pages.awk. */"
  print "#include \"cli/rule_pages.h\"\n"
  print "const struct rule_page rule_pages[] = {"
}

FNR == 1 {
  close_page()
  code = FILENAME
  sub(/.*\//, "", code)
  sub(/\.md$/, "", code)
  printf "  {\"%s\",\n", code
}

{ print quote($0) }

# The last row ends the table; an empty one would not be C.
END {
  close_page()
  print "  {NULL, NULL}\n};"
  printf "const size_t rule_page_count = %d;\n", count - 1
}
