/*
 * subject.c - "Re:" and its relatives. A prefix is a known word, perhaps a number, and a colon;
 * anything else in front of a colon is the writer's own.
 */
#include "config.h"

#include "crmail/mail/subject.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"

#define PREFIX_MAX_BYTES 40 /* in front of the colon */
#define TAG_MAX_BYTES 100   /* of "[Ticket #1]" */

/* Folded (fold.h): lower case, without marks. */
static const char *const reply_words[] = {"re", "aw", "antw", "antwort", "sv", "vs", "odp", "odg",
	"odpoved", "va", "ynt", "res", "rif", "r", "atb", "ats", "bls", "balas", "rasp", "tra loi",
	"απ", "отв", "ответ", "відп", "رد", "השב", "תגובה", "回复", "回覆", "答复", "答覆", "返信",
	"답장", "회신", "ตอบ"};
static const char *const forward_words[] = {"fwd", "fw", "wg", "tr", "rv", "enc", "i", "vl", "vb",
	"doorst", "pd", "przek", "tov", "ilt", "trs", "fs", "proslijedeno", "chuyen tiep", "πρθ",
	"пересл", "اعادة توجيه", "הועבר", "转发", "轉寄", "轉發", "转寄", "転送", "전달", "สงตอ"};

enum prefix { PREFIX_NONE, PREFIX_REPLY, PREFIX_FORWARD };

static bool is_in(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* Cuts "[2]", "(3)", "^4", "*5" off the end of what stands in front of the colon. */
static struct span cut_number(struct span s)
{
	size_t n = s.len;
	bool bracket = n > 0 && (s.p[n - 1] == ']' || s.p[n - 1] == ')');
	n -= bracket;
	size_t digits_end = n;
	while (n > 0 && ascii_isdigit(s.p[n - 1]))
		n--;
	if (n == digits_end || n == 0)
		return s;
	char open = s.p[n - 1];
	if (bracket ? open == '[' || open == '(' : open == '^' || open == '*')
		return span_trim((struct span){s.p, n - 1});
	return s;
}

/* What prefix s begins with; *len gets its length with the colon. */
static enum prefix match_prefix(struct span s, size_t *len)
{
	static const char wide_colon[] = "：";
	size_t i = 0, colon = 0;
	for (; i < s.len && i < PREFIX_MAX_BYTES && !colon; i++) {
		if (s.p[i] == ':')
			colon = 1;
		else if (s.len - i >= 3 && memcmp(s.p + i, wide_colon, 3) == 0)
			colon = 3;
	}
	if (!colon)
		return PREFIX_NONE;
	struct span word = cut_number(span_trim((struct span){s.p, i - 1}));
	CLEANUP(buf_release) struct buf folded = BUF_INIT(8 * PREFIX_MAX_BYTES);
	fold_plain(&folded, word.p, word.len);
	buf_rtrim(&folded);
	*len = i - 1 + colon;
	if (is_in(folded.p, reply_words, ARRAY_SIZE(reply_words)))
		return PREFIX_REPLY;
	return is_in(folded.p, forward_words, ARRAY_SIZE(forward_words)) ? PREFIX_FORWARD
									 : PREFIX_NONE;
}

static struct span skip(struct span s, size_t n)
{
	return span_trim((struct span){s.p + n, s.len - n});
}

/* Without the prefixes of one kind at its front. */
static struct span strip(const char *subject, enum prefix kind)
{
	struct span s = span_trim(span_of(subject));
	size_t len;
	while (match_prefix(s, &len) == kind)
		s = skip(s, len);
	return s;
}

/* Length of a list's or ticket system's tag at the front, 0 = none. */
static size_t tag_len(struct span s)
{
	if (s.len < 2 || s.p[0] != '[')
		return 0;
	size_t look = s.len < TAG_MAX_BYTES ? s.len : TAG_MAX_BYTES;
	const char *close = memchr(s.p, ']', look);
	return close ? (size_t)(close - s.p) + 1 : 0;
}

/* "[Fwd: subject]" as Netscape wrote it, and "subject (fwd)". */
static bool unwrap_forward(struct span *s)
{
	size_t len;
	if (s->len > 2 && s->p[0] == '[' && s->p[s->len - 1] == ']' &&
		match_prefix((struct span){s->p + 1, s->len - 2}, &len) == PREFIX_FORWARD) {
		*s = span_trim((struct span){s->p + 1 + len, s->len - 2 - len});
		return true;
	}
	if (s->len > 5 && str_ncasecmp(s->p + s->len - 5, "(fwd)", 5) == 0) {
		*s = span_trim((struct span){s->p, s->len - 5});
		return true;
	}
	return false;
}

void subject_base(struct buf *out, const char *subject, bool *is_reply, bool *is_forward)
{
	struct span s = span_trim(span_of(subject));
	CLEANUP(buf_release) struct buf base = BUF_INIT(s.len + 1);
	bool reply = false, forward = false;
	for (;;) {
		size_t len = 0;
		enum prefix kind = match_prefix(s, &len);
		reply = reply || kind == PREFIX_REPLY;
		forward = forward || kind == PREFIX_FORWARD;
		if (kind == PREFIX_NONE) {
			if (unwrap_forward(&s)) {
				forward = true;
				continue;
			}
			len = tag_len(s);
			if (len == 0)
				break;
			buf_add(&base, s.p, len); /* "[list] Re: x" and "Re: [list] x" are one */
			buf_addch(&base, ' ');
		}
		s = skip(s, len);
	}
	buf_add(&base, s.p, s.len);
	buf_rtrim(&base);
	fold_plain(out, base.p, base.len);
	if (is_reply)
		*is_reply = reply;
	if (is_forward)
		*is_forward = forward;
}

void subject_reply(struct buf *out, const char *subject)
{
	struct span s = strip(subject, PREFIX_REPLY);
	buf_addstr(out, "Re: ");
	buf_add(out, s.p, s.len);
}

void subject_forward(struct buf *out, const char *subject)
{
	struct span s = strip(subject, PREFIX_FORWARD);
	buf_addstr(out, "Fwd: ");
	buf_add(out, s.p, s.len);
}
