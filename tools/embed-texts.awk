# SPDX-License-Identifier: Apache-2.0
# Writes files as a C table of name and text. Variables: header, which declares
# it, and table, its type and name. The name of maapol.bash is bash, that of
# maatest.schema.json is maatest.

# "?" is escaped because "??/" would be a trigraph.
function quote(line) {
  gsub(/\\/, "&&", line)
  gsub(/"/, "\\\"", line)
  gsub(/\?/, "\\?", line)
  gsub(/\t/, "\\t", line)
  return "   \"" line "\\n\""
}

BEGIN {
  print "/* Made by tools/embed-texts.awk. */"
  print "#include \"" header "\"\n"
  print "const struct " table "[] = {"
}

FNR == 1 {
  if (count++)
    print "},"
  name = FILENAME
  if (!sub(/\.schema\.json$/, "", name))
    sub(/.*\./, "", name)
  sub(/.*\//, "", name)
  printf "  {\"%s\",\n", name
}

{ print quote($0) }

# The last row ends the table; an empty one would not be C.
END {
  if (count)
    print "},"
  print "  {NULL, NULL}\n};"
}
