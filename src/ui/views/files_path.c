/* files_path.c - the paths in a pasted text. Looks at no disk. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "files.h"

#define PATH_BYTES_MAX 4096
#define TEXT_BYTES_MAX ((size_t)FILES_MAX * PATH_BYTES_MAX)

char *files_home(void)
{
	const char *home = getenv("HOME");

	return xstrdup(home && *home == '/' ? home : "/");
}

void files_add_short(struct buf *out, const char *path)
{
	char *home = files_home();
	size_t n = strlen(home);

	if (n > 1 && strncmp(path, home, n) == 0 && (path[n] == '/' || path[n] == '\0')) {
		buf_addch(out, '~');
		path += n;
	}
	buf_addstr(out, path);
	free(home);
}

static int hex_digit(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_uri(struct buf *out, const char *p)
{
	for (; *p; p++) {
		int high = p[0] == '%' ? hex_digit(p[1]) : -1;
		int low = high >= 0 ? hex_digit(p[2]) : -1;

		if (low < 0) {
			buf_addch(out, *p);
			continue;
		}
		buf_addch(out, (char)(high * 16 + low));
		p += 2;
	}
}

/* NULL: the word is no path of a file. */
static char *path_of(const char *word)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(PATH_BYTES_MAX);

	if (str_casestarts(word, "file://")) {
		const char *p = word + strlen("file://");

		if (str_casestarts(p, "localhost/"))
			p += strlen("localhost");
		if (*p == '/')
			add_uri(&b, p);
	} else if (str_starts(word, "~/")) {
		char *home = files_home();

		buf_addf(&b, "%s%s", home, word + 1);
		free(home);
	} else if (*word == '/') {
		buf_addstr(&b, word);
	}
	if (b.len < 2 || b.failed || strlen(b.p) != b.len || b.p[1] == '/')
		return NULL;
	return buf_steal(&b, NULL);
}

/* The next word as a shell would read it; false at the end. */
static bool next_word(struct span *rest, struct buf *word)
{
	char quote = '\0';

	buf_reset(word);
	*rest = span_trim(*rest);
	if (rest->len == 0)
		return false;
	for (; rest->len > 0; rest->p++, rest->len--) {
		char c = *rest->p;

		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? '\0' : c;
			continue;
		}
		if (!quote && ascii_isspace(c))
			break;
		if (c == '\\' && quote != '\'' && rest->len > 1) {
			rest->p++;
			rest->len--;
			c = *rest->p;
		}
		buf_addch(word, c);
	}
	return true;
}

static size_t parse_words(struct span rest, char *out[], size_t max)
{
	CLEANUP(buf_release) struct buf word = BUF_INIT(PATH_BYTES_MAX);
	size_t n = 0;

	while (next_word(&rest, &word)) {
		char *path = n < max && !word.failed ? path_of(word.p) : NULL;

		if (path) {
			out[n++] = path;
			continue;
		}
		while (n > 0)
			free(out[--n]);
		return 0;
	}
	return n;
}

/* A line with blanks in it that are neither quoted nor escaped: one path, or none. */
static bool is_one_bare_path(struct span s)
{
	return memchr(s.p, ' ', s.len) && !memchr(s.p, '\n', s.len) && !memchr(s.p, '\\', s.len) &&
	       !memchr(s.p, '\'', s.len) && !memchr(s.p, '"', s.len);
}

size_t files_parse(const char *p, size_t n, char *out[], size_t max)
{
	struct span s = span_trim((struct span){p, n});
	size_t found;

	if (s.len == 0 || s.len > TEXT_BYTES_MAX || max == 0 || !strchr("/~fF'\"", *s.p))
		return 0;
	found = parse_words(s, out, max);
	if (found == 0 && is_one_bare_path(s) && s.len < PATH_BYTES_MAX) {
		char *text = xstrndup(s.p, s.len);

		out[0] = path_of(text);
		found = out[0] != NULL;
		free(text);
	}
	return found;
}
