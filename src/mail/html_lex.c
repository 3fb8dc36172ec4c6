/* html_lex.c - the tokenizer: where tags, comments and text begin and end. No meaning of tags. */
#include "config.h"

#include "html_lex.h"

#include <string.h>

/* Elements whose content is never text to be read. Where the closing tag is missing, style and
 * script reach to the end (as in browsers); of the others only the tag is skipped, so that a
 * forgotten </title> does not swallow a mail. */
static const struct skipped {
	const char *name, *close;
	bool to_end;
} skipped[] = {
	{"style", "</style", true},
	{"script", "</script", true},
	{"title", "</title", false},
	{"svg", "</svg", false},
	{"xml", "</xml", false},
	{"template", "</template", false},
	{"noframes", "</noframes", false},
};

void html_lex_init(struct html_lexer *lx, const char *p, size_t n)
{
	*lx = (struct html_lexer){.p = p, .n = n};
}

/* Position of `c` from `from` on, n when there is none. */
static size_t find_byte(struct html_lexer *lx, size_t from, char c)
{
	const char *hit = from < lx->n ? memchr(lx->p + from, c, lx->n - from) : NULL;
	size_t end = hit ? (size_t)(hit - lx->p) : lx->n;
	lx->steps += end - from + 1;
	return end;
}

/* Behind the next ">", or false (and remembered) when there is none. */
static bool skip_past_gt(struct html_lexer *lx, size_t from)
{
	size_t end = lx->no_gt ? lx->n : find_byte(lx, from, '>');
	if (end == lx->n) {
		lx->no_gt = true;
		return false;
	}
	lx->pos = end + 1;
	return true;
}

static bool skip_comment(struct html_lexer *lx)
{
	/* from the second byte on, so that "<!-->" is a whole comment */
	for (size_t i = lx->pos + 2; !lx->no_comment; i++) {
		i = find_byte(lx, i, '-');
		if (i + 2 >= lx->n)
			lx->no_comment = true;
		else if (lx->p[i + 1] == '-' && lx->p[i + 2] == '>') {
			lx->pos = i + 3;
			return true;
		}
	}
	return skip_past_gt(lx, lx->pos);
}

/* Where the tag whose name ended at i has its ">"; n when there is none. */
static size_t find_tag_end(struct html_lexer *lx, size_t i)
{
	if (lx->lenient)
		return find_byte(lx, i, '>');
	size_t from = i;
	while (i < lx->n && lx->p[i] != '>') {
		if (lx->p[i++] != '=')
			continue;
		while (i < lx->n && ascii_isspace(lx->p[i]))
			i++;
		if (i < lx->n && (lx->p[i] == '"' || lx->p[i] == '\'')) {
			const char *q = memchr(lx->p + i + 1, lx->p[i], lx->n - i - 1);
			i = q ? (size_t)(q - lx->p) + 1 : lx->n;
		}
	}
	lx->steps += i - from + 1;
	if (i < lx->n)
		return i;
	lx->lenient = true;
	return find_byte(lx, from, '>');
}

/* "<somebody@example.com>" and "<https://...>" are what the writer meant to be read. */
static bool is_angle_text(const struct html_lexer *lx, size_t name_end)
{
	size_t i = name_end;
	size_t limit = name_end + 64 < lx->n ? name_end + 64 : lx->n;

	if (i + 2 < lx->n && lx->p[i - 1] == ':' && lx->p[i] == '/' && lx->p[i + 1] == '/')
		return true;
	while (i < limit && lx->p[i] != '>' && !ascii_isspace(lx->p[i]) && lx->p[i] != '=') {
		if (lx->p[i] == '@')
			return true;
		i++;
	}
	return false;
}

static bool is_name_char(char c)
{
	return ascii_isalnum(c) || c == ':' || c == '-' || c == '_' || c == '.';
}

/* Behind an element that is never shown. */
static void skip_element(struct html_lexer *lx, const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(skipped); i++) {
		if (strcmp(skipped[i].name, name) != 0)
			continue;
		const char *hit =
			lx->no_close & (1u << i)
				? NULL
				: mem_casefind(lx->p + lx->pos, lx->n - lx->pos, skipped[i].close);
		if (!(lx->no_close & (1u << i)))
			lx->steps += hit ? (size_t)(hit - lx->p) - lx->pos : lx->n - lx->pos;
		if (hit)
			lx->pos = (size_t)(hit - lx->p);
		else if (skipped[i].to_end)
			lx->pos = lx->n;
		else
			lx->no_close |= 1u << i;
		return;
	}
}

/* A tag at lx->pos; false when the "<" is only a character. */
static bool lex_tag(struct html_lexer *lx, struct html_token *tok)
{
	size_t i = lx->pos + 1, len = 0;
	bool close = i < lx->n && lx->p[i] == '/';

	i += close;
	if (lx->no_gt || i >= lx->n || !ascii_isalpha(lx->p[i]))
		return false;
	for (; i < lx->n && is_name_char(lx->p[i]); i++) {
		if (len < HTML_NAME_MAX)
			tok->name[len++] = ascii_lower(lx->p[i]);
	}
	tok->name[len] = '\0';
	lx->steps += i - lx->pos;
	if (!close && is_angle_text(lx, i))
		return false;
	size_t end = find_tag_end(lx, i);
	if (end == lx->n) {
		lx->no_gt = true;
		return false;
	}
	tok->kind = close ? HTML_CLOSE : HTML_OPEN;
	tok->attrs = (struct span){lx->p + i, end - i};
	lx->pos = end + 1;
	if (!close)
		skip_element(lx, tok->name);
	return true;
}

/* "<!...", "<?...", "</ ...": skipped; false when the "<" is only a character. */
static bool skip_markup(struct html_lexer *lx)
{
	size_t left = lx->n - lx->pos;
	const char *p = lx->p + lx->pos;

	if (left < 2)
		return false;
	if (left >= 4 && memcmp(p, "<!--", 4) == 0)
		return skip_comment(lx);
	if (p[1] == '!' || p[1] == '?' || (p[1] == '/' && left > 2 && !ascii_isalpha(p[2])))
		return skip_past_gt(lx, lx->pos);
	return false;
}

bool html_lex_next(struct html_lexer *lx, struct html_token *tok)
{
	while (lx->pos < lx->n) {
		size_t start = lx->pos, end = start;

		if (lx->p[start] == '<') {
			if (lex_tag(lx, tok))
				return true;
			if (skip_markup(lx))
				continue;
			end = start + 1;
		}
		end = find_byte(lx, end, '<');
		tok->kind = HTML_TEXT;
		tok->text = (struct span){lx->p + start, end - start};
		lx->pos = end;
		return true;
	}
	return false;
}

static struct span take_value(struct span *rest)
{
	const char *p = rest->p;
	size_t n = rest->len, i = 0, start = 0;

	if (n && (*p == '"' || *p == '\'')) {
		const char *q = memchr(p + 1, *p, n - 1);
		start = 1;
		i = q ? (size_t)(q - p) : n;
		*rest = (struct span){p + i + (q ? 1 : 0), n - i - (q ? 1 : 0)};
		return (struct span){p + start, i - start};
	}
	while (i < n && !ascii_isspace(p[i]))
		i++;
	*rest = (struct span){p + i, n - i};
	return (struct span){p, i};
}

static void skip_space(struct span *s)
{
	while (s->len && ascii_isspace(*s->p)) {
		s->p++;
		s->len--;
	}
}

bool html_attr_next(struct span *rest, struct span *name, struct span *value)
{
	while (rest->len && (ascii_isspace(*rest->p) || *rest->p == '/')) {
		rest->p++;
		rest->len--;
	}
	if (!rest->len)
		return false;
	size_t i = 1; /* a leading "=" belongs to the name (HTML living standard 13.2.5.32) */
	while (i < rest->len && rest->p[i] != '=' && rest->p[i] != '/' &&
		!ascii_isspace(rest->p[i]))
		i++;
	*name = (struct span){rest->p, i};
	*rest = (struct span){rest->p + i, rest->len - i};
	*value = (struct span){rest->p, 0};
	skip_space(rest);
	if (!rest->len || *rest->p != '=')
		return true;
	rest->p++;
	rest->len--;
	skip_space(rest);
	*value = take_value(rest);
	return true;
}
