# keys.awk - makes the KEYS table of crmail(1) from src/ui/actions.def.
#
# usage: awk -f keys.awk actions.def crmail.1.in > crmail.1
# The line "@KEYS@" of the page is replaced; each ACTION is one line, its strings in the order name,
# default keys, mutt keys, label, help.

# The strings of a line into part[1..]; returns how many.
function strings(line, part,    n, i, c, inside) {
	n = 0
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (!inside && c == "\"") {
			inside = 1
			part[++n] = ""
		} else if (inside && c == "\\") {
			part[n] = part[n] substr(line, ++i, 1)
		} else if (inside && c == "\"") {
			inside = 0
		} else if (inside) {
			part[n] = part[n] c
		}
	}
	return n
}

# Text for roff: no backslash of its own, no word a macro or a request by accident.
function plain(text,    n, i, word, out) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) {
		gsub(/\\/, "\\e", word[i])
		gsub(/"/, "\\(dq", word[i])
		gsub(/-/, "\\-", word[i])
		out = out (i > 1 ? " " : "") "\\&" word[i]
	}
	return out
}

FILENAME ~ /actions\.def$/ {
	if (/^ACTION\(/ && strings($0, part) >= 5) {
		row[++rows] = ".It " (part[2] == "" ? "Sy" : "Cm " plain(part[2]) " Sy") " " plain(part[1])
		help[rows] = plain(part[5])
		if (part[2] != part[3] && part[3] != "")
			help[rows] = help[rows] "\nMutt: " plain(part[3]) "."
	}
	next
}

/^@KEYS@$/ {
	for (i = 1; i <= rows; i++)
		print row[i] "\n" help[i]
	next
}

{ print }
