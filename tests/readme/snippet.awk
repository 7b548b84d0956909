# Prints the Nth fenced block of README.md, or another page, whose fence says LANG: awk -v lang="sh grpcurl" -v nth=1 -f snippet.awk README.md
# Exits 1 where there is no such block.
/^```/ {
  if (inside) {
    inside = 0
    if (printing) exit
  } else {
    inside = 1
    printing = substr($0, 4) == lang && ++seen == nth
    found = found || printing
  }
  next
}
printing { print }
END { exit !found }
