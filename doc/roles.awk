# roles.awk - puts the role addresses of src/crm/match_list.c into crmail-config(5).
#
# usage: awk -f roles.awk match_list.c crmail-config.5.in > crmail-config.5
FILENAME ~ /match_list\.c$/ {
	if (/^const char \*const match_roles\[\]/)
		inside = 1
	else if (/^};/)
		inside = 0
	else if (inside) {
		gsub(/[ \t",]+/, " ")
		gsub(/-/, "\\-")
		list = list $0
	}
	next
}

/^@ROLES@$/ {
	n = split(list, role, " ")
	for (i = 1; i <= n; i++)
		print role[i] (i < n ? "," : "")
	next
}

{ print }
