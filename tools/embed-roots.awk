# SPDX-License-Identifier: Apache-2.0
# Writes certificates (evidence/roots/NAME.pem) as a C table, in the order that
# the files are given: evidence/roots.h. The first line of a file is the name.

function close_root() {
  if (count++)
    printf "},\n"
}

BEGIN {
  print "/* Made from evidence/roots by tools/embed-roots.awk. */"
  print "#include \"evidence/roots.h\"\n"
  print "const builtin_root builtin_roots[] = {"
}

FNR == 1 {
  close_root()
  printf "  {\"%s\",\n   \"\"\n", $0
  next
}

{ printf "   \"%s\\n\"\n", $0 }

END {
  close_root()
  print "  {0}\n};"
}
