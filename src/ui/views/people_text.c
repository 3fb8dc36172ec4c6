/* people_text.c - a line of addresses as tokens, and addresses as text. Pure. */
#include "config.h"

#include <string.h>

#include "crmail/base/str.h"
#include "people.h"

#define PASTE_MAX ((size_t)1 << 20)

/* Where in the list a separator does not count. */
struct depth {
	bool in_quotes, in_angle;
	int comments;
};

static bool is_separator(struct depth *d, const char *p, size_t i)
{
	char c = p[i];

	if (i > 0 && p[i - 1] == '\\' && (d->in_quotes || d->comments))
		return false;
	if (c == '"' && !d->comments)
		d->in_quotes = !d->in_quotes;
	if (d->in_quotes)
		return false;
	if (c == '(')
		d->comments++;
	if (c == ')' && d->comments > 0)
		d->comments--;
	if (d->comments)
		return false;
	if (c == '<' || c == '>')
		d->in_angle = c == '<';
	return (c == ',' && !d->in_angle) || c == ';';
}

size_t people_split(const char *text, size_t n, struct people_token *out, size_t max)
{
	struct depth d = {false, false, 0};
	size_t start = 0, found = 0;

	for (size_t i = 0; i <= n && found < max; i++) {
		struct span s;

		if (i < n && !is_separator(&d, text, i))
			continue;
		s = span_trim((struct span){text + start, i - start});
		if (s.len > 0)
			out[found++] = (struct people_token){
				(size_t)(s.p - text), s.len, i < n ? TOKEN_GOOD : TOKEN_OPEN};
		start = i + 1;
		d = (struct depth){false, false, 0};
	}
	return found;
}

bool people_is_address(const char *addr)
{
	const char *domain = addr_domain(addr);

	return *domain && *domain != '.' && domain - addr > 1 && !strpbrk(addr, " ,;<>\"");
}

bool people_parse(struct arena *a, const char *p, size_t n, struct addr *out)
{
	struct addr_list l;

	addr_parse(a, p, n, &l);
	if (l.bad || l.n != 1 || !people_is_address(l.v[0].addr))
		return false;
	*out = l.v[0];
	return true;
}

void people_add_addr(struct buf *out, const struct addr *a)
{
	if (!a->name || !*a->name) {
		buf_addstr(out, a->addr);
		return;
	}
	if (strpbrk(a->name, ",;:<>()[]\"@\\.")) {
		buf_addch(out, '"');
		for (const char *p = a->name; *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_addch(out, '\\');
			buf_addch(out, *p);
		}
		buf_addch(out, '"');
	} else {
		buf_addstr(out, a->name);
	}
	buf_addf(out, " <%s>", a->addr);
}

void people_add_pasted(struct buf *out, const char *p, size_t n)
{
	struct span rest = span_trim((struct span){p, n < PASTE_MAX ? n : PASTE_MAX});

	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.p[i];

		if (c == '\n' || c == '\r' || c == '\t')
			buf_addstr(out, ", ");
		else
			buf_addch(out, c);
	}
}
