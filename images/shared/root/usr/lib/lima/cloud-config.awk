# Reads the cloud-config that Lima writes (block maps and lists, flow lists, literal blocks, one-line scalars) and prints it as
# calls of shell functions, every argument quoted:
#   top KEY VALUE         a scalar at the top level              timezone: "UTC"
#   sub TOP KEY VALUE     a scalar in a map at the top level     ssh_keys: {ed25519_public: …}
#   item TOP VALUE        an item of a list; VALUE is empty when the item is a map
#   field TOP KEY VALUE   a scalar in such a map                 users: [{name: …}]
#   entry TOP KEY VALUE   an item of a list in such a map        users: [{ssh_authorized_keys: [...]}]
# With -v only=KEY nothing but what is under that top-level key is printed.

function quote(s) { gsub(/'/, "'\\''", s); return "'" s "'" }
function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
function indent(s) { match(s, /^ */); return RLENGTH }
function hex(s,   i, n) { n = 0; s = tolower(s); for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1; return n }
function utf8(n) {
  if (n < 128) return sprintf("%c", n)
  if (n < 2048) return sprintf("%c%c", 192 + int(n / 64), 128 + n % 64)
  if (n < 65536) return sprintf("%c%c%c", 224 + int(n / 4096), 128 + int(n / 64) % 64, 128 + n % 64)
  return sprintf("%c%c%c%c", 240 + int(n / 262144), 128 + int(n / 4096) % 64, 128 + int(n / 64) % 64, 128 + n % 64)
}
function unescape(s,   r, i, c, n) {
  r = ""
  while ((i = index(s, "\\")) > 0) {
    r = r substr(s, 1, i - 1); c = substr(s, i + 1, 1); n = 2
    if (c == "n") r = r "\n"
    else if (c == "t") r = r "\t"
    else if (c == "r") r = r "\r"
    else if (c == "e") r = r "\033"
    else if (c == "x") { r = r utf8(hex(substr(s, i + 2, 2))); n = 4 }
    else if (c == "u") { r = r utf8(hex(substr(s, i + 2, 4))); n = 6 }
    else if (c == "U") { r = r utf8(hex(substr(s, i + 2, 8))); n = 10 }
    else r = r c
    s = substr(s, i + n)
  }
  return r s
}
# The text of a one-line scalar; `rest` gets what follows a quoted one.
function scalar(s,   i, c) {
  s = trim(s); rest = ""; c = substr(s, 1, 1)
  if (c == "\"") {
    for (i = 2; i <= length(s); i++) {
      c = substr(s, i, 1)
      if (c == "\\") i++
      else if (c == "\"") break
    }
    rest = substr(s, i + 1); return unescape(substr(s, 2, i - 2))
  }
  if (c == "'") {
    for (i = 2; i <= length(s); i++) if (substr(s, i, 1) == "'") { if (substr(s, i + 1, 1) == "'") i++; else break }
    rest = substr(s, i + 1); s = substr(s, 2, i - 2); gsub(/''/, "'", s); return s
  }
  sub(/[ \t]+#.*$/, "", s); return s
}
function call(words) { if (only == "" || top == only) print words }
function value(kind, v,   inner) {
  # kind: the call with everything but its last argument
  if (v ~ /^[|>][-+0-9]*$/) { block = kind; blockMin = level; blockIndent = -1; text = ""; chomp = v; return }
  if (v ~ /^\[/) {
    inner = trim(v); sub(/^\[/, "", inner); sub(/^field /, "entry ", kind); sub(/^top /, "item ", kind)
    while ((inner = trim(inner)) != "" && inner !~ /^\]/) {
      if (inner ~ /^["']/) { v = scalar(inner); inner = rest }
      else { match(inner, /^[^],]*/); v = trim(substr(inner, 1, RLENGTH)); inner = substr(inner, RLENGTH + 1) }
      call(kind " " quote(v)); inner = trim(inner); sub(/^,/, "", inner)
    }
    return
  }
  call(kind " " quote(scalar(v)))
}
function endBlock() {
  if (block == "") return
  sub(/\n+$/, "", text)
  if (chomp !~ /-/) text = text "\n"
  call(block " " quote(text)); block = ""
}
# A "key: value" pair inside a map: of the top level's map, or of a list item.
function pair(s, inItem,   k, v) {
  if (!match(s, /^["']?[A-Za-z0-9_.-]+["']?:([ \t]|$)/)) return
  k = substr(s, 1, index(s, ":") - 1); v = trim(substr(s, index(s, ":") + 1)); gsub(/["']/, "", k)
  if (inItem) gsub(/-/, "_", k)
  key = k
  if (v != "") value((inItem ? "field " : "sub ") quote(top) " " quote(k), v)
}

{ sub(/\r$/, "") }
block != "" {
  if ($0 ~ /^[ \t]*$/) { text = text "\n"; next }
  if (indent($0) > blockMin || (blockIndent >= 0 && indent($0) >= blockIndent)) {
    if (blockIndent < 0) blockIndent = indent($0)
    text = text substr($0, blockIndent + 1) "\n"; next
  }
  endBlock()
}
/^[ \t]*(#|$)/ || /^---/ { next }
{ level = indent($0); line = substr($0, level + 1) }
level == 0 && line !~ /^-/ {
  match(line, /^["']?[A-Za-z0-9_.-]+["']?:/); if (RLENGTH < 1) next
  top = substr(line, 1, RLENGTH - 1); gsub(/["']/, "", top); listLevel = -1
  line = trim(substr(line, RLENGTH + 1)); if (line != "") value("top " quote(top), line)
  next
}
line ~ /^-([ \t]|$)/ {
  body = line; sub(/^-[ \t]*/, "", body)
  if (listLevel < 0) listLevel = level
  if (level > listLevel) { value("entry " quote(top) " " quote(key), body); next }
  if (body ~ /^["']?[A-Za-z0-9_-]+["']?:([ \t]|$)/) {
    call("item " quote(top) " ''"); level += length(line) - length(body); pair(body, 1)
  } else value("item " quote(top), body)
  next
}
{ pair(line, listLevel >= 0) }
END { endBlock() }
