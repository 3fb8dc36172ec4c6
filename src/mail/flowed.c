/*
 * flowed.c - format=flowed (RFC 3676): lines that end in a blank go on in the next one.
 * Quote marks are counted and written anew as "> ", one ">" a level.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "mime.h"

#define FLOWED_COLUMNS 76 /* RFC 3676 §4.2 asks for at most 78 with the blank */

static size_t quote_depth(struct span line)
{
	size_t depth = 0;
	while (depth < line.len && line.p[depth] == '>')
		depth++;
	return depth;
}

static void add_marks(struct buf *out, size_t depth, bool text_follows)
{
	for (size_t i = 0; i < depth; i++)
		buf_addch(out, '>');
	if (depth > 0 && text_follows)
		buf_addch(out, ' ');
}

void flowed_join(struct buf *out, const char *p, size_t n, bool delsp)
{
	struct span rest = {p, n}, line;
	size_t open_depth = 0;
	bool open = false; /* the last line asked to go on */
	while (rest.len > 0) {
		const char *lf = memchr(rest.p, '\n', rest.len);
		line = (struct span){rest.p, lf ? (size_t)(lf - rest.p) : rest.len};
		size_t taken = line.len + (lf != NULL);
		rest = (struct span){rest.p + taken, rest.len - taken};

		size_t depth = quote_depth(line);
		struct span text = {line.p + depth, line.len - depth};
		if (text.len > 0 && text.p[0] == ' ')
			text = (struct span){text.p + 1, text.len - 1}; /* stuffed */
		bool signature = span_eq(text, "-- ");
		if (open && (depth != open_depth || signature)) {
			buf_addch(out, '\n');
			open = false;
		}
		if (!open)
			add_marks(out, depth, text.len > 0);
		open = !signature && text.len > 0 && text.p[text.len - 1] == ' ' && lf;
		open_depth = depth;
		buf_add(out, text.p, text.len - (open && delsp));
		if (!open && lf)
			buf_addch(out, '\n');
	}
	if (open)
		buf_addch(out, '\n');
}

/* One paragraph line that is not quoted, broken at blanks. */
static void split_line(struct buf *out, struct span line)
{
	while (line.len > 0) {
		size_t cut = line.len;
		if (cell_width(line.p, line.len) > FLOWED_COLUMNS) {
			size_t fits = utf8_cut(line.p, line.len, FLOWED_COLUMNS, NULL);
			cut = fits;
			while (cut > 0 && line.p[cut - 1] != ' ')
				cut--;
			const char *blank =
				cut ? NULL : memchr(line.p + fits, ' ', line.len - fits);
			if (cut == 0)
				cut = blank ? (size_t)(blank + 1 - line.p) : line.len;
		}
		if (line.p[0] == ' ' || line.p[0] == '>' ||
			(line.len >= 5 && memcmp(line.p, "From ", 5) == 0))
			buf_addch(out, ' '); /* stuffing */
		buf_add(out, line.p, cut);
		line = (struct span){line.p + cut, line.len - cut};
		if (line.len > 0)
			buf_addch(out, '\n');
	}
}

void flowed_split(struct buf *out, const char *p, size_t n)
{
	struct span rest = {p, n};
	while (rest.len > 0) {
		const char *lf = memchr(rest.p, '\n', rest.len);
		struct span line = {rest.p, lf ? (size_t)(lf - rest.p) : rest.len};
		size_t taken = line.len + (lf != NULL);
		rest = (struct span){rest.p + taken, rest.len - taken};
		/* Blanks at the end would glue lines together; only the signature's mark has
		 * one. */
		while (!span_eq(line, "-- ") && line.len > 0 &&
			(line.p[line.len - 1] == ' ' || line.p[line.len - 1] == '\t'))
			line.len--;
		if (quote_depth(line) > 0)
			buf_add(out, line.p, line.len);
		else
			split_line(out, line);
		buf_addch(out, '\n');
	}
}
