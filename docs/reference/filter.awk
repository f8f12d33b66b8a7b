# awk -f filter.awk HEADER — the header as Doxygen sees it: our plain // comments as documentation.
#
#   the comment at the head of the file     documents the file, and what the file is named after or its first line names;
#                                           a labelled field becomes a paragraph, indented lines stay as they are
#   a comment before a declaration          documents it, and the declarations on the lines that follow without a gap
#   a comment behind a declaration          documents it
# What stands in namespace detail, and specialisations of others' templates, is left out.

# What Doxygen would take for a command, a tag or Markdown.
function plain(text) {
  gsub(/[\\@&#%*`|]/, "\\\\&", text)
  gsub(/</, "\\\\<", text)
  gsub(/>/, "\\\\>", text)
  gsub(/_/, "\\\\_", text)
  gsub(/--/, "\\--", text)
  gsub(/::/, "\\::", text)
  gsub(/[A-Za-z][A-Za-z0-9]*\(\)/, "%\\&", text)
  return text
}

# The comment lines from..to as the inside of a block, in one line: blocks of text, fields and pictures.
function block(from, to,    i, text, out, state) {
  state = ""
  out = ""
  for (i = from; i <= to; i++) {
    text = line[i]
    sub(/^ *\/\/ ?/, "", text)
    if (text ~ /^ *$/) {
      if (state == "picture") out = out " @endverbatim"
      out = out " \\n\\n"
      state = ""
    } else if (text ~ /^[A-Z][a-z]+  +[^ ]/) {
      if (state == "picture") out = out " @endverbatim\n"
      match(text, /^[A-Z][a-z]+/)
      out = out "\n@par " substr(text, 1, RLENGTH) "\n"
      text = substr(text, RLENGTH + 1)
      sub(/^ +/, "", text)
      out = out plain(text) " "
      state = "field"
    } else if (text ~ /^  / && state != "field" && state != "text") {
      if (state != "picture") out = out "\n@verbatim\n"
      out = out text "\n"
      state = "picture"
    } else {
      if (state == "picture") { out = out " @endverbatim\n"; }
      sub(/^ +/, "", text)
      out = out plain(text) " "
      if (state != "field") state = "text"
    }
  }
  if (state == "picture") out = out " @endverbatim\n"
  gsub(/ \\n\\n/, "\n\n", out)
  return out
}

# The name that the declaration beginning at line i gives: a class, concept, alias, function or constant.
function declared(i,    text, rest) {
  text = ""
  for (rest = 0; rest < 12 && i + rest <= lines; rest++) {
    text = text " " line[i + rest]
    if (line[i + rest] ~ /[;{]/) break
  }
  while (text ~ /template *</) {  # drop the parameters, nesting included
    match(text, /template *</)
    text = after_angle(substr(text, RSTART + RLENGTH))
  }
  if (match(text, /(class|struct|concept|using|union) +[A-Za-z_0-9]+/) || match(text, /enum class +[A-Za-z_0-9]+/)) {
    text = substr(text, RSTART, RLENGTH)
    sub(/.* /, "", text)
    return text
  }
  if (match(text, /[A-Za-z_0-9]+ *\(/)) {
    text = substr(text, RSTART, RLENGTH)
    sub(/ *\(/, "", text)
    return text
  }
  return ""
}
function after_angle(text,    i, depth, c) {
  depth = 1
  for (i = 1; i <= length(text) && depth > 0; i++) {
    c = substr(text, i, 1)
    if (c == "<") depth++
    if (c == ">") depth--
  }
  return substr(text, i)
}

function is_comment(i) { return line[i] ~ /^ *\/\// }
function is_declaration(i) {
  return line[i] !~ /^ *(public|private|protected):/ && line[i] !~ /^ *([{}#]|namespace)/ && line[i] !~ /^ *$/ && !is_comment(i)
}

{ line[++lines] = $0 }

END {
  first = 1
  while (first <= lines && !is_comment(first)) first++
  last = first
  while (last + 1 <= lines && is_comment(last + 1)) last++
  title = line[first]
  sub(/^\/\/ [^ ]+ — /, "", title)
  stem = FILENAME
  sub(/.*\//, "", stem)
  sub(/\.hpp$/, "", stem)
  line[first] = "// " title
  about = block(first, last)

  for (i = 1; i <= lines; i++) {
    if (i == first) {
      file = FILENAME
      sub(/.*\/include\//, "", file)
      printf "/** @file %s\n@brief %s */\n", file, about
      i = last
      continue
    }
    # Specialisations of the templates of others are no part of the reference.
    if (line[i] ~ /^(template|struct)/ && line[i] " " line[i + 1] " " line[i + 2] ~ /^(template [^;{]*)?struct (std|fmt)::/) {
      while (line[i] !~ /^};|{};$/) i++
      continue
    }
    if (is_comment(i)) {
      from = i
      while (i + 1 <= lines && is_comment(i + 1)) i++
      if (line[from] ~ /\/\/ ----/ || i + 1 > lines || !is_declaration(i + 1)) {
        for (k = from; k <= i; k++) print line[k]
        continue
      }
      own = block(from, i)
      i++
      print "/** " own main_text(i) " */"
      emit(i)
      # one-line declarations on the next lines share the comment
      while (line[i] ~ /[;}] *(\/\/.*)?$/ && i + 1 <= lines && is_declaration(i + 1) && indent(i) == indent(i + 1) && line[i] !~ /^ *}/) {
        i++
        print "/** " own main_text(i) " */"
        emit(i)
      }
      continue
    }
    if (line[i] ~ /^(template|class|struct|constexpr|inline|concept)/ && line[i - 1] !~ /^template|^ *requires|^\[\[/ && main_text(i) != "")
      print "/** " main_text(i) " */"
    emit(i)
  }
}

function indent(i) {
  match(line[i], /^ */)
  return RLENGTH
}

# The head of the file, for what it is about.
function main_text(i,    name) {
  if (line[i] !~ /^[a-z\[]/) return ""
  name = declared(i)
  if (name == "") return ""
  if (name != stem && !match(" " title " ", "[^A-Za-z_0-9]" name "[^A-Za-z_0-9]")) return ""
  return "\n\n" about
}

# A declaration with a comment behind it.
function emit(i,    text, comment) {
  text = line[i]
  if (text ~ /[;,{}] +\/\/ / && match(text, / +\/\/ /) && text !~ /"[^"]*\/\/|\/\/ namespace/) {
    comment = substr(text, RSTART + RLENGTH)
    print substr(text, 1, RSTART - 1) "  ///< " plain(comment)
  } else {
    print text
  }
}
