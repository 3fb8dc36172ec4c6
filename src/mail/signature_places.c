/*
 * signature_places.c - the numbers, addresses and hosts in a line of a signature.
 */
#include "config.h"

#include "signature_private.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "signature_words.h"

static bool is_phone_byte(char c)
{
	return ascii_isdigit(c) || c == ' ' || c == '(' || c == ')' || c == '-' || c == '.' ||
	       c == '/' || c == '+';
}

static bool is_divider(uint32_t cp)
{
	return cp == 0xB7 || cp == 0x2022 || cp == 0x2027 || cp == 0x25CF || cp == 0xFF5C;
}

static bool is_dash(uint32_t cp)
{
	return cp == 0x2013 || cp == 0x2014;
}

/* No-break blanks and hyphens as the plain ones, and one sign for all that divide a line. */
struct span signature_plain_blanks(struct arena *a, struct span s)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(2 * SIGNATURE_LINE_BYTES);

	for (size_t i = 0; i < s.len;) {
		uint32_t cp;
		size_t n = utf8_decode(s.p + i, s.len - i, &cp);

		if (cp == 0xA0 || cp == 0x202F || cp == 0x2009 || cp == '\t')
			buf_addch(&b, ' ');
		else if (cp == 0x2010 || cp == 0x2011)
			buf_addch(&b, '-');
		else if (is_divider(cp) || (is_dash(cp) && b.len > 0 && b.p[b.len - 1] == ' '))
			buf_addch(&b, '|');
		else
			buf_add(&b, s.p + i, n);
		i += n;
	}
	return (struct span){arena_strndup(a, b.p, b.len), b.len};
}

/* 01.02.2026, 2026-02-01, 1/2/2026 */
static bool is_date(struct span s)
{
	size_t groups[4] = {0}, n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (ascii_isdigit(s.p[i]))
			groups[n]++;
		else if (!strchr("./-", s.p[i]) || ++n == 3)
			return false;
	}
	return n == 2 && ((groups[0] <= 2 && groups[2] == 4) || (groups[0] == 4 && groups[2] <= 2));
}

/* Without a word that says so: "+49 30 1234567", "030 / 1234567", "0049301234567". */
static bool looks_like_phone(struct span s, size_t digits)
{
	if (is_date(s) || !strchr("+0(", s.p[0]))
		return false;
	return s.p[0] == '+' || s.len > digits || s.p[1] == '0';
}

static const char *word_before(struct arena *a, struct span line, size_t at)
{
	size_t end = at, from;

	while (end > 0 && strchr(" :.)(", line.p[end - 1]))
		end--;
	for (from = end; from > 0 && !strchr(" :.()|,;", line.p[from - 1]); from--)
		continue;
	return signature_fold(a, (struct span){line.p + from, end - from});
}

static void add_phone(struct reading *r, struct span number)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(64);
	struct signature *o = r->out;

	for (size_t i = 0; i < number.len; i++)
		if (number.p[i] != ' ' || (b.len > 0 && b.p[b.len - 1] != ' '))
			buf_addch(&b, number.p[i]);
	for (size_t i = 0; i < o->n_phones; i++)
		if (strcmp(o->phones[i], b.p) == 0)
			return;
	if (o->n_phones < SIGNATURE_PHONES)
		o->phones[o->n_phones++] = arena_strndup(r->a, b.p, b.len);
}

static void take_number(struct reading *r, struct span line, size_t at, struct span number)
{
	enum phone_label label = signature_phone_label(word_before(r->a, line, at));
	size_t digits = 0;

	for (size_t i = 0; i < number.len; i++)
		digits += ascii_isdigit(number.p[i]);
	if (digits < 7 || digits > 15 || label == PHONE_FAX)
		return;
	if (label == PHONE_NO_LABEL && !looks_like_phone(number, digits))
		return;
	add_phone(r, number);
}

/* A number begins after anything but a letter or digit; what does not is passed over whole. */
bool signature_take_phones(struct reading *r, struct span line)
{
	size_t before = r->out->n_phones;

	for (size_t i = 0; i < line.len;) {
		size_t from = i, end;

		if (!is_phone_byte(line.p[i]) || line.p[i] == ' ') {
			i++;
			continue;
		}
		while (i < line.len && is_phone_byte(line.p[i]))
			i++;
		for (end = i; end > from && !ascii_isdigit(line.p[end - 1]); end--)
			continue;
		while (from < end && strchr(".-/) ", line.p[from]))
			from++;
		if (end > from &&
			(from == 0 ||
				(!ascii_isalnum(line.p[from - 1]) && line.p[from - 1] != '@')) &&
			(i == line.len || line.p[i] != '@'))
			take_number(r, line, from, (struct span){line.p + from, end - from});
	}
	return r->out->n_phones > before;
}

void signature_add_address(struct reading *r, const char *addr)
{
	struct signature *o = r->out;

	if (addr_same(addr, r->own_addr))
		return;
	for (size_t i = 0; i < o->n_addrs; i++)
		if (addr_same(addr, o->addrs[i]))
			return;
	if (o->n_addrs < SIGNATURE_ADDRS)
		o->addrs[o->n_addrs++] = addr;
}

static bool is_host_byte(char c)
{
	return ascii_isalnum(c) || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static bool is_own_host(const struct reading *r, const char *host)
{
	const char *domain = addr_domain(r->own_addr);

	return *domain && (str_casecmp(host, domain) == 0 || str_ends(domain, host));
}

/* "https://www.x.example/y", "www.x.example", and the domain of the address alone. */
static bool take_host(struct reading *r, struct span word)
{
	struct span s = word;
	bool is_url = false;
	char *host;
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		static const char *const heads[] = {"https://", "http://"};
		size_t len = strlen(heads[i]);

		if (s.len > len && str_ncasecmp(s.p, heads[i], len) == 0)
			s.p += len, s.len -= len, is_url = true;
	}
	if (s.len > 4 && str_ncasecmp(s.p, "www.", 4) == 0)
		s.p += 4, s.len -= 4, is_url = true;
	while (n < s.len && is_host_byte(s.p[n]))
		n++;
	while (n > 0 && s.p[n - 1] == '.')
		n--;
	if (n < 4 || n > 253 || !memchr(s.p, '.', n))
		return false;
	host = arena_strndup(r->a, s.p, n);
	str_lower_inplace(host);
	if ((!is_url && !is_own_host(r, host)) || signature_is_meeting_place(host))
		return is_url;
	if (!r->out->host || (is_own_host(r, host) && !is_own_host(r, r->out->host)))
		r->out->host = host;
	return true;
}

static bool is_address_byte(char c)
{
	return ascii_isalnum(c) || strchr(".!#$%&'*+/=?^_`{}~-@", c) != NULL ||
	       (unsigned char)c >= 0x80;
}

static bool take_address(struct reading *r, struct span word)
{
	const char *at;

	while (word.len > 0 && (!is_address_byte(word.p[0]) || word.p[0] == '\''))
		word.p++, word.len--;
	if (word.len > 7 && str_ncasecmp(word.p, "mailto:", 7) == 0)
		word.p += 7, word.len -= 7;
	for (size_t i = 0; i < word.len; i++)
		if (!word.p[i] || !is_address_byte(word.p[i]))
			word.len = i;
	while (word.len > 0 && strchr(".!?'", word.p[word.len - 1]))
		word.len--;
	at = word.len ? memchr(word.p, '@', word.len) : NULL;
	if (!at || at == word.p || word.len > 254 ||
		!memchr(at, '.', (size_t)(word.p + word.len - at)) ||
		memchr(at + 1, '@', (size_t)(word.p + word.len - at) - 1))
		return false;
	signature_add_address(r, arena_strndup(r->a, word.p, word.len));
	return true;
}

/* Words of the line that are addresses or hosts; whether there were any. */
bool signature_take_places(struct reading *r, struct span line)
{
	struct span word;
	bool any = false;

	while (span_next(&line, ' ', &word)) {
		struct span rest = word, part;

		while (span_next(&rest, '|', &part))
			if (part.len > 0)
				any = (memchr(part.p, '@', part.len) ? take_address(r, part)
								     : take_host(r, part)) ||
				      any;
	}
	return any;
}
