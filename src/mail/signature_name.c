/* signature_name.c - a person's name into first and last name. The rules stand in signature.h. */
#include "config.h"

#include "crmail/mail/signature.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "signature_words.h"

#define NAME_WORDS 8
#define NAME_BYTES 120

struct words {
	struct span v[NAME_WORDS];
	size_t n;
};

static const char *folded(struct arena *a, struct span s)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4 * NAME_BYTES);

	fold_plain(&b, s.p, s.len);
	return arena_strndup(a, b.p, b.len);
}

static void split_words(struct span name, struct words *w)
{
	struct span piece;

	w->n = 0;
	while (w->n < NAME_WORDS && span_next(&name, ' ', &piece))
		if (piece.len > 0)
			w->v[w->n++] = piece;
}

/* Words lie in one string: from the first's beginning to the last's end. */
static const char *join(struct arena *a, const struct span *v, size_t n)
{
	if (n == 0)
		return NULL;
	return arena_strndup(a, v[0].p, (size_t)(v[n - 1].p + v[n - 1].len - v[0].p));
}

static bool is_han(uint32_t cp)
{
	return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF);
}

static bool is_east_asian(uint32_t cp)
{
	return is_han(cp) || (cp >= 0x3040 && cp <= 0x30FF) || (cp >= 0xAC00 && cp <= 0xD7A3) ||
	       cp == 0x3005;
}

/* How many characters of East Asian writing it is made of; 0 when there is any other. */
static size_t east_asian_length(struct span s, bool *has_kana)
{
	size_t n = 0;

	*has_kana = false;
	for (size_t i = 0; i < s.len; n++) {
		uint32_t cp;

		i += utf8_decode(s.p + i, s.len - i, &cp);
		if (!is_east_asian(cp))
			return 0;
		*has_kana = *has_kana || (cp >= 0x3040 && cp <= 0x30FF);
	}
	return n;
}

static size_t bytes_of(struct span s, size_t characters)
{
	size_t at = 0;
	uint32_t cp;

	while (characters-- > 0 && at < s.len)
		at += utf8_decode(s.p + at, s.len - at, &cp);
	return at;
}

/* One word of East Asian writing; false: it is none. */
static bool split_east_asian(struct arena *a, struct span s, const char **first, const char **last)
{
	bool has_kana;
	size_t n = east_asian_length(s, &has_kana), at;

	if (n == 0)
		return false;
	at = bytes_of(s, 2);
	if (n == 1 || n > 4 || has_kana)
		at = s.len;
	else if (n < 4 && !(n == 3 && signature_is_double_family(arena_strndup(a, s.p, at))))
		at = bytes_of(s, 1);
	*last = arena_strndup(a, s.p, at);
	if (at < s.len)
		*first = arena_strndup(a, s.p + at, s.len - at);
	return true;
}

static bool is_upper_word(struct span s)
{
	size_t letters = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] >= 'a' && s.p[i] <= 'z')
			return false;
		letters += s.p[i] >= 'A' && s.p[i] <= 'Z';
	}
	return letters >= 2 && !memchr(s.p, '.', s.len);
}

static bool has_accents(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

/* Words at the front that are the last name: "DUPONT Marie", "Nguyễn Văn An", "山田 太郎". */
static size_t last_name_in_front(struct arena *a, const struct words *w, struct span name)
{
	bool has_kana;
	size_t upper = 0;

	if (east_asian_length(w->v[0], &has_kana) > 0 ||
		signature_is_vietnamese_family(folded(a, w->v[0]), has_accents(name)))
		return 1;
	while (upper < w->n && is_upper_word(w->v[upper]))
		upper++;
	return upper < w->n ? upper : 0;
}

/* Cuts honorifics off the front, and what follows a comma when it is a degree. */
static struct span without_honours(struct arena *a, struct span name)
{
	struct words w;
	const char *comma = memchr(name.p, ',', name.len);

	if (comma) {
		struct span rest = {comma + 1, (size_t)(name.p + name.len - comma - 1)};

		split_words(rest, &w);
		if (w.n == 0 || signature_is_honorific(folded(a, w.v[0])))
			name.len = (size_t)(comma - name.p);
	}
	split_words(name, &w);
	for (size_t i = 0; i + 1 < w.n && signature_is_honorific(folded(a, w.v[i])); i++)
		name = (struct span){w.v[i + 1].p, (size_t)(name.p + name.len - w.v[i + 1].p)};
	return span_trim(name);
}

static void split_plain(struct arena *a, struct span name, const char **first, const char **last)
{
	struct words w;
	size_t front, at;

	split_words(name, &w);
	if (w.n == 0 || (w.n == 1 && split_east_asian(a, w.v[0], first, last)))
		return;
	if (w.n == 1) {
		*first = join(a, w.v, 1);
		return;
	}
	front = last_name_in_front(a, &w, name);
	if (front > 0) {
		*last = join(a, w.v, front);
		*first = join(a, w.v + front, w.n - front);
		return;
	}
	for (at = w.n - 1; at > 1 && signature_is_particle(folded(a, w.v[at - 1])); at--)
		continue;
	*first = join(a, w.v, at);
	*last = join(a, w.v + at, w.n - at);
}

void signature_split_name(struct arena *a, const char *name, const char **first, const char **last)
{
	struct span s = span_of(name), comma;

	*first = *last = NULL;
	if (s.len > NAME_BYTES)
		for (s.len = NAME_BYTES; s.len > 0 && ((unsigned char)s.p[s.len] & 0xC0) == 0x80;
			s.len--)
			continue;
	s = without_honours(a, span_trim(s));
	comma.p = s.len ? memchr(s.p, ',', s.len) : NULL;
	if (!comma.p) {
		split_plain(a, s, first, last);
		return;
	}
	comma.len = (size_t)(s.p + s.len - comma.p) - 1;
	comma = span_trim((struct span){comma.p + 1, comma.len});
	s = span_trim((struct span){s.p, (size_t)((const char *)memchr(s.p, ',', s.len) - s.p)});
	*last = s.len ? arena_strndup(a, s.p, s.len) : NULL;
	*first = comma.len ? arena_strndup(a, comma.p, comma.len) : NULL;
}
