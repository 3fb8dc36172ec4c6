/*
 * person.c - cells and card lines cleaned and put where they belong: addresses out of whatever
 * stands around them, hosts out of web addresses, names without line ends.
 */
#include "config.h"

#include "crmail/mail/person.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/addr.h"

#define LINE_MAX_BYTES ((size_t)1000)
#define NOTE_MAX_BYTES ((size_t)16 << 10)

void person_begin(struct person_maker *m, int64_t line)
{
	arena_reset(&m->a);
	*m = (struct person_maker){.a = m->a, .p = {.line = line}};
}

void person_release(struct person_maker *m)
{
	arena_release(&m->a);
}

/* Harmless and trimmed, at most `max` bytes of whole characters; NULL when nothing is left. */
static const char *clean(struct person_maker *m, struct span text, size_t max, unsigned flags)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4 * PEOPLE_MAX_FIELD);
	if (text.len > PEOPLE_MAX_FIELD)
		text.len = PEOPLE_MAX_FIELD;
	utf8_sanitise(&b, text.p, text.len, flags | SANITISE_KEEP_ZW);
	struct span s = span_trim((struct span){b.p, b.len});
	while (s.len > max)
		s.len -= utf8_cluster_back(s.p, s.len);
	return s.len ? arena_strndup(&m->a, s.p, s.len) : NULL;
}

static void add_word(struct person_maker *m, struct person_words *w, const char *text, bool first)
{
	if (w->n == PEOPLE_MAX_VALUES)
		return;
	const char **v = arena_grow(&m->a, w->v, &w->cap, w->n + 1, sizeof(*w->v));
	if (!v)
		return;
	w->v = v;
	if (first && w->n)
		memmove(v + 1, v, w->n * sizeof(*v));
	v[first ? 0 : w->n] = text;
	w->n++;
}

static bool is_address(const char *text)
{
	const char *at = strrchr(text, '@');
	return at && at != text && at[1] && !strpbrk(text, " \t\n,;<>");
}

static void add_address(struct person_maker *m, const char *text, bool is_preferred)
{
	if (str_casestarts(text, "mailto:"))
		text += 7;
	if (!is_address(text)) {
		m->p.has_bad_address = true;
		return;
	}
	for (size_t i = 0; i < m->emails.n; i++)
		if (addr_same(m->emails.v[i], text))
			return;
	add_word(m, &m->emails, text, is_preferred);
}

/* One cell may hold several, as Google (" ::: "), Outlook (";") and people write them. */
static void add_addresses(struct person_maker *m, const char *text, bool is_preferred)
{
	struct addr_list list;
	char *s = arena_strdup(&m->a, text);
	if (!s)
		return;
	for (char *p = s; *p; p++)
		if (*p == ';' || *p == '\n' || *p == '\t' || !strncmp(p, ":::", 3)) {
			if (*p == ':')
				p[1] = p[2] = ' ';
			*p = ',';
		}
	if (str_casestarts(s, "mailto:"))
		s += 7;
	addr_parse(&m->a, s, strlen(s), &list);
	m->p.has_bad_address = m->p.has_bad_address || list.bad || !list.n;
	for (size_t i = 0; i < list.n; i++)
		add_address(m, list.v[i].addr, is_preferred && i == 0);
}

static void add_phones(struct person_maker *m, const char *text)
{
	const char *rest = text;
	while (rest) {
		const char *end = strstr(rest, ":::");
		const struct span s = {rest, end ? (size_t)(end - rest) : strlen(rest)};
		const char *one = clean(m, s, 100, SANITISE_LINE);
		bool is_there = !one;
		for (size_t i = 0; !is_there && i < m->phones.n; i++)
			is_there = !strcmp(m->phones.v[i], one);
		if (!is_there)
			add_word(m, &m->phones, one, false);
		rest = end ? end + 3 : NULL;
	}
}

/* The host of a web address, or a bare domain. */
static void add_domain(struct person_maker *m, const char *text)
{
	const char *scheme = strstr(text, "://");
	const char *host = scheme ? scheme + 3 : text;
	size_t n = strcspn(host, "/:?#\\, \t\n");
	if (n > 4 && !str_ncasecmp(host, "www.", 4)) {
		host += 4;
		n -= 4;
	}
	if (n < 4 || n > 253 || !memchr(host, '.', n) || memchr(host, '@', n))
		return;
	char *domain = arena_strndup(&m->a, host, n);
	if (!domain)
		return;
	str_lower_inplace(domain);
	for (size_t i = 0; i < m->domains.n; i++)
		if (!strcmp(m->domains.v[i], domain))
			return;
	add_word(m, &m->domains, domain, false);
}

static void keep_first(const char **slot, const char *text)
{
	if (!*slot)
		*slot = text;
}

static void add_note(struct person_maker *m, const char *text)
{
	const char *had = m->p.note;
	if (had && strlen(had) + strlen(text) >= NOTE_MAX_BYTES)
		return;
	m->p.note = had ? arena_printf(&m->a, "%s\n%s", had, text) : text;
}

void person_add(struct person_maker *m, enum people_field f, const char *text, bool is_preferred)
{
	bool is_note = f == PEOPLE_NOTE;
	bool has_lines = is_note || f == PEOPLE_EMAIL;
	const char *s = clean(m, span_of(text), has_lines ? NOTE_MAX_BYTES : LINE_MAX_BYTES,
		has_lines ? 0 : SANITISE_LINE);
	if (!s)
		return;
	switch (f) {
	case PEOPLE_NAME:
		keep_first(&m->p.name, s);
		break;
	case PEOPLE_FIRST:
		keep_first(&m->p.first_name, s);
		break;
	case PEOPLE_MIDDLE:
		keep_first(&m->middle, s);
		break;
	case PEOPLE_LAST:
		keep_first(&m->p.last_name, s);
		break;
	case PEOPLE_EMAIL:
		add_addresses(m, s, is_preferred);
		break;
	case PEOPLE_PHONE:
		add_phones(m, s);
		break;
	case PEOPLE_COMPANY:
		keep_first(&m->p.company, s);
		break;
	case PEOPLE_DOMAIN:
		add_domain(m, s);
		break;
	case PEOPLE_TITLE:
		keep_first(&m->p.title, s);
		break;
	case PEOPLE_NOTE:
		add_note(m, s);
		break;
	case PEOPLE_OWNER:
		keep_first(&m->p.owner, s);
		break;
	case PEOPLE_NONE:
	case PEOPLE_FIELD_COUNT:
		break;
	}
}

const struct person *person_end(struct person_maker *m)
{
	struct person *p = &m->p;
	if (m->middle)
		p->first_name = p->first_name
					? arena_printf(&m->a, "%s %s", p->first_name, m->middle)
					: m->middle;
	p->emails = (struct people_list){m->emails.v, m->emails.n};
	p->phones = (struct people_list){m->phones.v, m->phones.n};
	p->domains = (struct people_list){m->domains.v, m->domains.n};
	return p;
}
