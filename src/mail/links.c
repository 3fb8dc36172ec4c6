/* links.c - checking URLs, comparing them with what the reader sees, finding bare ones. */
#include "config.h"

#include "links.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "render_limits.h"

#define LINK_TEXT_CELLS 120
#define MISMATCH_WORDS 16 /* of the text that are looked at */

static const char *const schemes[] = {"http://", "https://", "mailto:", "tel:"};

/* Without scheme or "www." a word counts as a host only with one of these endings: "report.pdf"
 * and "e.g" are none. */
static const char *const host_endings[] = {
	".com",
	".org",
	".net",
	".edu",
	".gov",
	".info",
	".biz",
	".io",
	".co",
	".app",
	".dev",
	".ai",
	".eu",
	".de",
	".at",
	".ch",
	".fr",
	".it",
	".es",
	".pt",
	".nl",
	".be",
	".pl",
	".se",
	".no",
	".dk",
	".fi",
	".uk",
	".ie",
	".us",
	".ca",
	".au",
	".nz",
	".br",
	".mx",
	".ru",
	".ua",
	".cn",
	".jp",
	".kr",
	".tw",
	".hk",
	".vn",
	".th",
	".sg",
	".in",
	".id",
	".tr",
	".il",
	".ae",
	".sa",
	".za",
	".cz",
	".hu",
	".ro",
	".gr",
	".example",
	".test",
};

static bool span_starts(struct span s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.len >= n && str_ncasecmp(s.p, prefix, n) == 0;
}

static bool span_ends(struct span s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.len >= n && str_ncasecmp(s.p + s.len - n, suffix, n) == 0;
}

static bool has_known_scheme(struct span url)
{
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		size_t n = strlen(schemes[i]);
		if (span_starts(url, schemes[i]) && url.len > n)
			return true;
	}
	return false;
}

/* Drops the line ends that long URLs get in mail; encodes what must not be seen or typed. */
static void clean_url(struct buf *out, struct span url)
{
	CLEANUP(buf_release) struct buf seen = BUF_INIT(4 * RENDER_MAX_URL);
	utf8_sanitise(&seen, url.p, url.len, SANITISE_LINE);
	bool plain = seen.len == url.len && memcmp(seen.p, url.p, url.len) == 0;

	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.p[i];
		if (c == '\n' || c == '\r' || c == '\t')
			continue;
		if (c <= ' ' || c == 0x7F || (c >= 0x80 && !plain))
			buf_addf(out, "%%%02X", c);
		else
			buf_addch(out, (char)c);
	}
}

const char *link_check(struct arena *a, struct span url)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(4 * RENDER_MAX_URL);

	url = span_trim(url);
	if (url.len > RENDER_MAX_URL)
		return NULL;
	if (span_starts(url, "//"))
		buf_addstr(&out, "https:");
	clean_url(&out, url);
	if (!has_known_scheme((struct span){out.p, out.len}))
		return NULL;
	return arena_strndup(a, out.p, out.len);
}

struct span link_host(const char *url)
{
	const char *p = strstr(url, "://");
	if (!p)
		return (struct span){url, 0};
	p += 3;
	size_t n = strcspn(p, "/\\?#");
	for (size_t i = n; i > 0; i--) {
		if (p[i - 1] == '@') {
			p += i;
			n -= i;
			break;
		}
	}
	const char *port = n && *p != '[' ? memchr(p, ':', n) : NULL;
	return (struct span){p, port ? (size_t)(port - p) : n};
}

static bool has_user(const char *url)
{
	const char *p = strstr(url, "://");
	return p && memchr(p + 3, '@', strcspn(p + 3, "/\\?#")) != NULL;
}

static struct span without_www(struct span host)
{
	if (span_starts(host, "www."))
		return (struct span){host.p + 4, host.len - 4};
	return host;
}

/* Equal, or one is a part of the other's domain. */
static bool same_site(struct span a, struct span b)
{
	a = without_www(a);
	b = without_www(b);
	if (a.len > b.len) {
		struct span t = a;
		a = b;
		b = t;
	}
	if (!a.len || str_ncasecmp(b.p + (b.len - a.len), a.p, a.len) != 0)
		return false;
	return a.len == b.len || b.p[b.len - a.len - 1] == '.';
}

static bool is_host_char(char c)
{
	return ascii_isalnum(c) || c == '-' || c == '.' || (c & 0x80);
}

/* The host that a word of the text names; empty when it names none. */
static struct span word_host(struct span word)
{
	while (word.len && strchr("<([\"'", *word.p)) {
		word.p++;
		word.len--;
	}
	bool sure = false;
	for (size_t i = 0; i < 2; i++) {
		if (span_starts(word, schemes[i])) {
			word.p += strlen(schemes[i]);
			word.len -= strlen(schemes[i]);
			sure = true;
		}
	}
	sure = sure || span_starts(word, "www.");
	struct span host = {word.p, 0};
	while (host.len < word.len && is_host_char(word.p[host.len]))
		host.len++;
	if (host.len < word.len && word.p[host.len] == '@')
		host.len = 0;
	while (host.len && host.p[host.len - 1] == '.')
		host.len--;
	if (host.len < 4 || !memchr(host.p, '.', host.len) || *host.p == '.')
		return (struct span){word.p, 0};
	for (size_t i = 0; !sure && i < ARRAY_SIZE(host_endings); i++)
		sure = span_ends(host, host_endings[i]);
	return (struct span){host.p, sure ? host.len : 0};
}

static bool next_word(struct span *rest, struct span *word)
{
	while (rest->len && ascii_isspace(*rest->p)) {
		rest->p++;
		rest->len--;
	}
	*word = (struct span){rest->p, 0};
	while (rest->len && !ascii_isspace(*rest->p)) {
		rest->p++;
		rest->len--;
		word->len++;
	}
	return word->len > 0;
}

static bool is_address(struct span word)
{
	const char *at = memchr(word.p, '@', word.len);
	return at && at > word.p && memchr(at, '.', word.len - (size_t)(at - word.p));
}

static bool text_mismatch(struct span text, const char *url)
{
	struct span word, host = link_host(url);
	bool mail = str_casestarts(url, "mailto:");
	struct span addr = {url + 7, mail ? strcspn(url + 7, "?") : 0};

	if (!mail && !host.len)
		return false;
	if (has_user(url))
		return true;
	for (int i = 0; i < MISMATCH_WORDS && next_word(&text, &word); i++) {
		if (mail && is_address(word) && !memchr(addr.p, '%', addr.len) &&
			!mem_casefind(word.p, word.len, "mailto:") && addr.len <= word.len + 1) {
			struct span w = word;
			while (w.len && strchr("<([\"'", *w.p)) {
				w.p++;
				w.len--;
			}
			if (w.len < addr.len || str_ncasecmp(w.p, addr.p, addr.len) != 0)
				return true;
			continue;
		}
		struct span said = mail ? (struct span){NULL, 0} : word_host(word);
		if (said.len && !same_site(said, host))
			return true;
	}
	return false;
}

struct render_link link_make(struct arena *a, struct span text, const char *url)
{
	CLEANUP(buf_release) struct buf one = BUF_INIT(LINK_TEXT_CELLS * 64);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(LINK_TEXT_CELLS * 256);
	CLEANUP(buf_release) struct buf cut = BUF_INIT(LINK_TEXT_CELLS * 256);
	struct span rest = text, word;

	while (one.len < LINK_TEXT_CELLS * 32 && next_word(&rest, &word)) {
		if (span_eq(word, ">"))
			continue;
		if (one.len)
			buf_addch(&one, ' ');
		buf_add(&one, word.p,
			word.len < LINK_TEXT_CELLS * 16 ? word.len : LINK_TEXT_CELLS * 16);
	}
	utf8_sanitise(&clean, one.p, one.len, SANITISE_LINE);
	utf8_add_cut(&cut, clean.p, clean.len, LINK_TEXT_CELLS);
	char *copy = arena_strndup(a, cut.p, cut.len);
	return (struct render_link){
		.text = copy ? copy : "", .url = url, .mismatch = text_mismatch(text, url)};
}

/* Whether a bare URL may hold the character; closing ones are cut off afterwards. Scripts that
 * are written without blanks end it. */
static bool in_url(uint32_t cp)
{
	if (cp <= ' ' || cp == 0x7F)
		return false;
	if (cp < 0x80)
		return !strchr("<>\"`{}|\\^", (int)cp);
	return cp >= 0xC0 && cp < 0x2000;
}

static size_t trim_closing(const char *p, size_t n)
{
	long round = 0, square = 0;

	for (size_t i = 0; i < n; i++) {
		round += p[i] == '(' ? 1 : p[i] == ')' ? -1 : 0;
		square += p[i] == '[' ? 1 : p[i] == ']' ? -1 : 0;
	}
	while (n) {
		char c = p[n - 1];
		if (c == ')' && round < 0)
			round++;
		else if (c == ']' && square < 0)
			square++;
		else if (!strchr(".,;:!?'*_~", c))
			break;
		n--;
	}
	return n;
}

/* Length of the URL that begins at p, 0 = none does; *seen is how far it was looked for. */
static size_t bare_url(const char *p, size_t n, size_t *seen)
{
	static const char *const starts[] = {"http://", "https://", "mailto:", "www."};
	struct span s = {p, n};

	for (size_t k = 0; k < ARRAY_SIZE(starts); k++) {
		size_t head = strlen(starts[k]), i = head;
		if (!span_starts(s, starts[k]))
			continue;
		while (i < n) {
			uint32_t cp;
			size_t len = utf8_decode(p + i, n - i, &cp);
			if (!in_url(cp))
				break;
			i += len;
		}
		*seen = i;
		i = trim_closing(p, i);
		if (i <= head || i > RENDER_MAX_URL ||
			!(ascii_isalnum(p[head]) || (p[head] & 0x80)))
			return 0;
		if (k == 3 && !memchr(p + head, '.', i - head))
			return 0;
		return k == 2 && !memchr(p, '@', i) ? 0 : i;
	}
	return 0;
}

bool link_find(struct span text, size_t *pos, struct span *hit)
{
	size_t i = *pos;

	while (i < text.len) {
		char c = ascii_lower(text.p[i]);
		bool start = (c == 'h' || c == 'm' || c == 'w') &&
			     (i == 0 || (!ascii_isalnum(text.p[i - 1]) &&
						!strchr("@._-", text.p[i - 1])));
		size_t seen = 1;
		size_t len = start ? bare_url(text.p + i, text.len - i, &seen) : 0;
		if (len) {
			*hit = (struct span){text.p + i, len};
			*pos = i + len;
			return true;
		}
		i += seen; /* what was no URL as a whole is not looked at again */
	}
	*pos = i;
	return false;
}
