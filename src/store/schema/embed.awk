# embed.awk - turns the numbered .sql files into one C table (store/schema.h). The file's name
# gives the database and the number: NNN-name.sql is crmail.db, cache-NNN-name.sql is cache.db.
# Comment lines stay out: the words are for readers of the sources, not for sqlite_master.
function finish() { if (FNR_seen) print "\t},"; }
BEGIN {
	print "/* Made from src/store/schema by embed.awk. */";
	print "#include \"config.h\"";
	print "#include \"src/store/schema.h\"";
	print "const struct schema_file schema_files[] = {";
}
FNR == 1 {
	finish();
	FNR_seen = 1;
	name = FILENAME;
	sub(/.*\//, "", name);
	cache = sub(/^cache-/, "", name);
	printf "\t{%s, %d, \"%s\",\n", cache ? "SCHEMA_CACHE" : "SCHEMA_MAIN", substr(name, 1, 3) + 0, name;
}
/^[ \t]*--/ { next }
/^[ \t]*$/ { next }
{
	gsub(/\\/, "\\\\");
	gsub(/"/, "\\\"");
	printf "\t\t\"%s\\n\"\n", $0;
}
END {
	finish();
	print "\t{SCHEMA_MAIN, 0, NULL, NULL},";
	print "};";
}
