/*
 * people_probe.c - what a file of people is: CSV or vCard, and in which charset. The whole file is
 * looked at: the first letter with an accent may stand in its last line.
 */
#include "config.h"

#include "crmail/mail/people.h"

#include <string.h>

#include "crmail/base/str.h"

/* Windows-1258: what follows a vowel as its tone, and the vowels and letters that only Vietnamese
 * has there. In Windows-1252 the same bytes are letters of their own. */
static const char tones[] = "\xCC\xD2\xDE\xEC\xF2";
static const char vowels[] = "aeiouyAEIOUY\xC2\xC3\xCA\xD4\xD5\xDD\xE2\xE3\xEA\xF4\xF5\xFD";
static const char letters[] = "\xC2\xC3\xCA\xD4\xD5\xDD\xE2\xE3\xEA\xF4\xF5\xFD";

static bool is_in(unsigned char c, const char *set)
{
	return c && strchr(set, (char)c);
}

static void look_for_vietnamese(struct people_probe *p, unsigned char c)
{
	if (is_in(c, tones)) {
		p->marks += is_in(p->before, vowels);
		p->stray_marks += !is_in(p->before, vowels);
		p->viet += is_in(p->before, letters);
	}
	p->viet += c == 0xF0 || c == 0xD0 || c == 0xFD || c == 0xDD;
}

static void look_for_utf8(struct people_probe *p, unsigned char c)
{
	if (p->need) {
		if ((c & 0xC0) == 0x80) {
			p->good += --p->need == 0;
			return;
		}
		p->bad++;
		p->need = 0;
	}
	if (c >= 0xC2 && c <= 0xF4)
		p->need = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
	else
		p->bad += c >= 0x80;
}

void people_probe_add(struct people_probe *p, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (p->n_head < sizeof(p->head))
			p->head[p->n_head++] = c;
		p->zero_even += !c && !(p->n & 1);
		p->zero_odd += !c && (p->n & 1);
		look_for_vietnamese(p, c);
		look_for_utf8(p, c);
		p->before = c;
		p->n++;
	}
}

static const char *charset_of(const struct people_probe *p)
{
	uint64_t zeros = p->zero_even + p->zero_odd;
	if (p->n_head >= 2 && p->head[0] == 0xFF && p->head[1] == 0xFE)
		return "utf-16le";
	if (p->n_head >= 2 && p->head[0] == 0xFE && p->head[1] == 0xFF)
		return "utf-16be";
	if (p->n_head >= 3 && !memcmp(p->head, "\xEF\xBB\xBF", 3))
		return "utf-8";
	if (zeros > p->n / 5) /* most characters are ASCII, and one of their two bytes is NUL */
		return p->zero_odd > p->zero_even ? "utf-16le" : "utf-16be";
	/* A broken letter here and there does not make the rest something else. */
	if (p->bad * 20 <= p->good)
		return "utf-8";
	if (p->viet && p->marks && p->stray_marks * 20 <= p->marks)
		return "windows-1258";
	return "windows-1252";
}

/* A card begins with this, after a mark, blanks, and whatever bytes UTF-16 puts between. */
static bool begins_card(const struct people_probe *p)
{
	static const char word[] = "begin:vcard";
	size_t k = 0;
	for (size_t i = 0; i < p->n_head && k < sizeof(word) - 1; i++) {
		char c = (char)p->head[i];
		if (!c || (unsigned char)c >= 0x80 || (!k && ascii_isspace(c)))
			continue;
		if (ascii_lower(c) != word[k])
			return false;
		k++;
	}
	return k == sizeof(word) - 1;
}

void people_probe_end(const struct people_probe *p, struct people_format *out)
{
	*out = (struct people_format){
		.kind = begins_card(p) ? PEOPLE_VCARD : PEOPLE_CSV, .charset = charset_of(p)};
}
