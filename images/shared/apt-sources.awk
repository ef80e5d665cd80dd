# Reads apt sources (one-line and deb822, in any mixture) and prints one-line sources for the Debian suite named by -v suite=…:
# those that already are of that suite, else those of the machine's own Debian release with the suite's name replaced.

function add(uri, name, components) {
  if ((" " components " ") !~ / main /) return
  if (name != suite && index(name, suite "-") != 1) {
    if (uri !~ /\/debian(-security)?\/*$/ || name !~ /^[a-z]+(-updates|-security)?$/) return
    if (name ~ /-updates$/) name = suite "-updates"
    else if (name ~ /-security$/) name = suite "-security"
    else name = suite
    others[++otherCount] = "deb " uri " " name " main"
    return
  }
  if (name ~ /-backports/ || name ~ /-proposed/) return
  own[++ownCount] = "deb " uri " " name " main"
}

function flush(   u, s, i, j, n, m) {
  if (types ~ /(^| )deb( |$)/ && enabled != "no") {
    n = split(uris, u, " "); m = split(suites, s, " ")
    for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) add(u[i], s[j], comps)
  }
  types = uris = suites = comps = enabled = field = ""
}

function store(name, value) {
  if (name == "types") types = types " " value
  else if (name == "uris") uris = uris " " value
  else if (name == "suites") suites = suites " " value
  else if (name == "components") comps = comps " " value
  else if (name == "enabled") enabled = tolower(value)
}

FNR == 1 { flush() }
/^[ \t]*#/ { next }
/^[ \t]*$/ { flush(); next }
/^deb[ \t]/ {
  flush()
  line = $0; sub(/^deb[ \t]+/, "", line); sub(/^\[[^]]*\][ \t]*/, "", line); sub(/[ \t]*#.*$/, "", line)
  n = split(line, part, /[ \t]+/); rest = ""
  for (i = 3; i <= n; i++) rest = rest " " part[i]
  add(part[1], part[2], rest)
  next
}
/^[A-Za-z-]+:/ {
  field = tolower(substr($0, 1, index($0, ":") - 1))
  if (field == "types") { flush(); field = "types" }
  value = substr($0, index($0, ":") + 1); gsub(/^[ \t]+|[ \t]+$/, "", value)
  store(field, value); next
}
/^[ \t]/ { value = $0; gsub(/^[ \t]+|[ \t]+$/, "", value); store(field, value) }
END {
  flush()
  if (ownCount) for (i = 1; i <= ownCount; i++) { if (!seen[own[i]]++) print own[i] }
  else for (i = 1; i <= otherCount; i++) if (!seen[others[i]]++) print others[i]
}
