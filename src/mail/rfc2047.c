/*
 * rfc2047.c - encoded words in header fields, reading and writing. Reading is lenient where
 * senders are sloppy (blanks inside words, missing padding, no blanks around words, several words
 * that cut a character in two) and leaves alone what is not a word at all.
 */
#include "config.h"

#include "crmail/mail/header.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "codec.h"

#define CHARSET_MAX_BYTES 64
#define LINE_COLUMNS 76
#define WORD_MAX_BYTES 75 /* RFC 2047 §2 */

struct word {
	struct span charset; /* without a language */
	char encoding;       /* 'b' or 'q' */
	struct span text;
	const char *end;
};

struct decoder {
	struct buf *out;
	struct buf bytes;                    /* of the words joined so far */
	char charset[CHARSET_MAX_BYTES + 1]; /* of those; "" = no word is open */
	const char *end;                     /* of the input */
	bool no_more;                        /* no "?=" ahead: not looked for again */
	bool known;                          /* every charset was */
};

static const char *find_terminator(struct decoder *d, const char *p)
{
	while (!d->no_more && (p = memchr(p, '?', (size_t)(d->end - p)))) {
		if (p + 1 < d->end && p[1] == '=')
			return p;
		p++;
	}
	d->no_more = true;
	return NULL;
}

/* Reads the word that begins at p ("=?"); false when there is none. */
static bool read_word(struct decoder *d, const char *p, struct word *w)
{
	const char *q = p + 2;
	while (q<d->end && * q> 32 && *q < 127 && *q != '?' && q - p < CHARSET_MAX_BYTES)
		q++;
	if (q == p + 2 || d->end - q < 3 || q[0] != '?' || q[2] != '?')
		return false;
	w->charset = (struct span){p + 2, (size_t)(q - p - 2)};
	const char *language = memchr(w->charset.p, '*', w->charset.len);
	if (language)
		w->charset.len = (size_t)(language - w->charset.p);
	w->encoding = ascii_lower(q[1]);
	if (w->charset.len == 0 || (w->encoding != 'b' && w->encoding != 'q'))
		return false;
	const char *stop = find_terminator(d, q + 3);
	if (!stop)
		return false;
	w->text = (struct span){q + 3, (size_t)(stop - q - 3)};
	w->end = stop + 2;
	return true;
}

static void close_words(struct decoder *d)
{
	if (d->charset[0] && !charset_decode(d->out, d->charset, d->bytes.p, d->bytes.len))
		d->known = false;
	d->charset[0] = 0;
	buf_reset(&d->bytes);
}

static void add_word(struct decoder *d, const struct word *w)
{
	if (!span_caseeq(w->charset, d->charset)) {
		close_words(d);
		memcpy(d->charset, w->charset.p, w->charset.len);
		d->charset[w->charset.len] = 0;
	}
	if (w->encoding == 'b')
		IGNORE_RESULT(codec_base64(&d->bytes, w->text.p, w->text.len),
			"damage shows in the text");
	else
		codec_q(&d->bytes, w->text.p, w->text.len);
}

static bool is_blank(const char *p, const char *end)
{
	while (p < end && ascii_isspace(*p))
		p++;
	return p == end;
}

/* Text between words; blanks alone between two words do not count (RFC 2047 §6.2). */
static void add_plain(struct decoder *d, const char *p, const char *end, bool word_follows)
{
	if (p == end || (word_follows && d->charset[0] && is_blank(p, end)))
		return;
	close_words(d);
	IGNORE_RESULT(!charset_decode(d->out, NULL, p, (size_t)(end - p)),
		"no name, no wrong name");
}

bool rfc2047_decode(struct buf *out, const char *p, size_t n)
{
	struct decoder d = {.out = out, .bytes = BUF_INIT(n + 1), .end = p + n, .known = true};
	const char *plain = p, *at = p;
	struct word w;
	while (n > 1 && (at = memchr(at, '=', (size_t)(d.end - at)))) {
		if (d.end - at < 2)
			break;
		if (at[1] != '?' || !read_word(&d, at, &w)) {
			at++;
			continue;
		}
		add_plain(&d, plain, at, true);
		add_word(&d, &w);
		plain = at = w.end;
	}
	if (n > 0)
		add_plain(&d, plain, d.end, false);
	close_words(&d);
	buf_release(&d.bytes);
	return d.known;
}

/* ---- writing ---- */

static bool is_q_plain(unsigned char c)
{
	return ascii_isalnum((char)c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static size_t q_len(const char *p, size_t n)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += is_q_plain((unsigned char)p[i]) || p[i] == ' ' ? 1 : 3;
	return len;
}

static void add_q(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c == ' ')
			buf_addch(out, '_');
		else if (is_q_plain(c))
			buf_addch(out, (char)c);
		else
			buf_addf(out, "=%02X", c);
	}
}

/* How many bytes of whole characters fit one word that may take `room` columns; at least one. */
static size_t fit_word(const char *p, size_t n, bool q, size_t room)
{
	size_t overhead = strlen("=?UTF-8?Q?") + strlen("?="), used = 0, i = 0;
	while (i < n) {
		uint32_t cp;
		size_t len = utf8_decode(p + i, n - i, &cp);
		size_t cost = q ? used + q_len(p + i, len) : (i + len + 2) / 3 * 4;
		if (i > 0 && cost + overhead > room)
			break;
		used = cost;
		i += len;
	}
	return i;
}

static void encode_words(struct buf *out, const char *p, size_t n, size_t column)
{
	bool q = q_len(p, n) <= (n + 2) / 3 * 4;
	for (size_t i = 0; i < n;) {
		size_t room = column + 20 < LINE_COLUMNS ? LINE_COLUMNS - column : 0;
		if (i > 0 || room == 0) {
			if (i > 0 || column > 1)
				buf_addstr(out, "\r\n ");
			room = WORD_MAX_BYTES;
		}
		if (room > WORD_MAX_BYTES)
			room = WORD_MAX_BYTES;
		size_t len = fit_word(p + i, n - i, q, room);
		buf_addstr(out, q ? "=?UTF-8?Q?" : "=?UTF-8?B?");
		if (q)
			add_q(out, p + i, len);
		else
			codec_base64_encode(out, p + i, len, 0);
		buf_addstr(out, "?=");
		i += len;
	}
}

/* Plain ASCII that a reader would not take for anything else. */
static bool needs_words(const struct buf *text)
{
	size_t run = 0;
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->p[i];
		run = c == ' ' ? 0 : run + 1;
		if (c > 126 || run > 500 || (c == '=' && text->p[i + 1] == '?'))
			return true;
	}
	return false;
}

static void fold_plain_text(struct buf *out, const char *p, size_t n, size_t column)
{
	size_t i = 0;
	bool text_on_line = false;
	while (i < n) {
		size_t blanks = i, end;
		while (blanks < n && p[blanks] == ' ')
			blanks++;
		for (end = blanks; end < n && p[end] != ' '; end++)
			;
		if (blanks > i && end > blanks && text_on_line && column + end - i > LINE_COLUMNS) {
			buf_addstr(out, "\r\n");
			column = 0;
		}
		buf_add(out, p + i, end - i);
		column += end - i;
		text_on_line = text_on_line || end > blanks;
		i = end;
	}
}

void rfc2047_encode(struct buf *out, const char *text, size_t column)
{
	size_t n = strlen(text);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(3 * n + 1);
	utf8_add_valid(&clean, text, n);
	for (size_t i = 0; i < clean.len; i++) {
		if ((unsigned char)clean.p[i] < 32 || clean.p[i] == 127)
			clean.p[i] = ' ';
	}
	buf_rtrim(&clean);
	const char *start = clean.p;
	while (*start == ' ')
		start++;
	size_t len = clean.len - (size_t)(start - clean.p);
	if (needs_words(&clean))
		encode_words(out, start, len, column);
	else
		fold_plain_text(out, start, len, column);
}
