/* hyperlink.c - URLs for OSC 8, their numbers, and terminals by their environment. */
#include "config.h"

#include "hyperlink.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define VTE_WITH_LINKS 5002 /* 0.50.2: earlier ones crash on some */

static const char *const schemes[] = {"http://", "https://", "mailto:"};
static const char *const terminal_programs[] = {
	"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby", "mintty"};
static const char *const terms[] = {"xterm-kitty", "foot", "alacritty", "wezterm", "ghostty",
	"xterm-ghostty", "contour", "rio", "mlterm"};
static const char *const marks[] = {"WT_SESSION", "KONSOLE_VERSION", "DOMTERM"};

bool hyperlink_encode(struct buf *out, const char *url)
{
	static const char hex[] = "0123456789ABCDEF";
	bool is_known = false;

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		is_known = is_known || str_casestarts(url, schemes[i]);
	if (!is_known || strlen(url) > HYPERLINK_MAX)
		return false;
	for (const char *p = url; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c > 0x20 && c < 0x7f) {
			buf_addch(out, *p);
			continue;
		}
		buf_addch(out, '%');
		buf_addch(out, hex[c >> 4]);
		buf_addch(out, hex[c & 15]);
	}
	return true;
}

void hyperlinks_release(struct hyperlinks *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->urls[i]);
	h->n = 0;
}

uint32_t hyperlinks_number(struct hyperlinks *h, const char *url)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(HYPERLINK_MAX * 3);

	if (!hyperlink_encode(&b, url))
		return 0;
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->urls[i], b.p) == 0)
			return h->first + (uint32_t)i;
	if (h->n == HYPERLINKS_KEPT) {
		h->first += HYPERLINKS_KEPT;
		hyperlinks_release(h);
	}
	if (h->first == 0)
		h->first = 1;
	h->urls[h->n] = xstrdup(b.p);
	return h->first + (uint32_t)h->n++;
}

const char *hyperlinks_url(const struct hyperlinks *h, uint32_t number)
{
	if (number < h->first || number - h->first >= h->n)
		return NULL;
	return h->urls[number - h->first];
}

static bool is_one_of(const char *value, const char *const *v, size_t n)
{
	for (size_t i = 0; value && i < n; i++)
		if (strcmp(value, v[i]) == 0)
			return true;
	return false;
}

/* "3.4", "3.4a" and later; tmux drops what its own terminal does not take. */
static bool is_new_tmux(const char *version)
{
	char *rest = NULL;
	long major = version ? strtol(version, &rest, 10) : 0;

	return major > 3 || (major == 3 && rest[0] == '.' && strtol(rest + 1, NULL, 10) >= 4);
}

bool hyperlink_is_supported(const char *setting, hyperlink_env_fn env)
{
	const char *program = env("TERM_PROGRAM"), *vte = env("VTE_VERSION"), *term = env("TERM");
	int64_t version;

	if (setting && strcmp(setting, "auto") != 0)
		return strcmp(setting, "on") == 0;
	if (program && strcmp(program, "tmux") == 0)
		return is_new_tmux(env("TERM_PROGRAM_VERSION"));
	if (term && (str_starts(term, "screen") || str_starts(term, "tmux")))
		return false; /* what is around it says nothing about it */
	if (vte && str_to_i64(vte, VTE_WITH_LINKS, INT32_MAX, &version))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (env(marks[i]))
			return true;
	return is_one_of(program, terminal_programs, ARRAY_SIZE(terminal_programs)) ||
	       is_one_of(term, terms, ARRAY_SIZE(terms));
}
