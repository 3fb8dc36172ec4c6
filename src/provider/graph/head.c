/* head.c - see head.h. */
#include "config.h"

#include "head.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/str.h"
#include "crmail/mail/header.h"

#define HEAD_MOST ((size_t)2 << 20)
#define FIELDS_MOST 2000

enum kind { KIND_TEXT, KIND_DATE, KIND_ONE, KIND_MANY };

static const struct {
	const char *field, *key;
	enum kind kind;
} PROPERTIES[] = {
	{"From", "from", KIND_ONE},
	{"Sender", "sender", KIND_ONE},
	{"Reply-To", "replyTo", KIND_MANY},
	{"To", "toRecipients", KIND_MANY},
	{"Cc", "ccRecipients", KIND_MANY},
	{"Bcc", "bccRecipients", KIND_MANY},
	{"Subject", "subject", KIND_TEXT},
	{"Date", "sentDateTime", KIND_DATE},
	{"Message-ID", "internetMessageId", KIND_TEXT},
};

/* RFC 5322 3.6.8 */
static bool is_field_name(const char *s)
{
	size_t n = 0;
	for (; s && s[n]; n++)
		if (s[n] <= ' ' || s[n] > '~' || s[n] == ':')
			return false;
	return n > 0 && n < 200;
}

static void add_value(struct buf *out, const char *s)
{
	for (; *s; s++)
		buf_addch(out, (unsigned char)*s < ' ' || *s == 0x7f ? ' ' : *s);
}

static void add_field(struct buf *out, const char *name, const char *value)
{
	size_t before = out->len;
	buf_addf(out, "%s: ", name);
	add_value(out, value);
	buf_addstr(out, "\r\n");
	if (out->failed) /* a field is there or not; the ones behind it may still fit */
		buf_truncate(out, before);
	out->failed = false;
}

static void add_as_sent(struct buf *out, const cJSON *list, unsigned *seen)
{
	const cJSON *one;
	size_t n = 0;
	cJSON_ArrayForEach(one, list)
	{
		const char *name = json_str(one, "/name"), *value = json_str(one, "/value");
		if (++n > FIELDS_MOST)
			return;
		if (!is_field_name(name) || !value)
			continue;
		add_field(out, name, value);
		for (size_t i = 0; i < ARRAY_SIZE(PROPERTIES); i++)
			if (str_casecmp(PROPERTIES[i].field, name) == 0)
				*seen |= 1u << i;
	}
}

static void add_address(struct buf *out, const cJSON *who)
{
	const char *name = json_str(who, "/emailAddress/name");
	const char *addr = json_str(who, "/emailAddress/address");
	if (!addr || !*addr)
		return;
	if (out->len)
		buf_addstr(out, ", ");
	if (name && *name && strcmp(name, addr) != 0) {
		buf_addch(out, '"');
		for (; *name; name++) {
			if (*name == '"' || *name == '\\')
				buf_addch(out, '\\');
			buf_addch(out, *name);
		}
		buf_addstr(out, "\" ");
	}
	buf_addch(out, '<');
	for (; *addr; addr++)
		if (*addr > ' ' && !strchr("<>,;", *addr))
			buf_addch(out, *addr);
	buf_addch(out, '>');
}

static void add_date(struct buf *out, const char *text)
{
	int64_t t = 0;
	if (text && clock_parse_rfc3339(text, &t))
		date_write(out, t, 0);
}

static void value_of(const cJSON *v, enum kind kind, struct buf *out)
{
	const cJSON *one;
	const char *s = cJSON_GetStringValue(v);
	switch (kind) {
	case KIND_TEXT:
		buf_addstr(out, s ? s : "");
		break;
	case KIND_DATE:
		add_date(out, s);
		break;
	case KIND_ONE:
		add_address(out, v);
		break;
	case KIND_MANY:
		cJSON_ArrayForEach(one, v) add_address(out, one);
		break;
	}
}

/* Exchange names the sender even where it is who the mail is from. */
static bool is_needless(const cJSON *m, size_t i)
{
	const char *from = json_str(m, "/from/emailAddress/address");
	const char *sender = json_str(m, "/sender/emailAddress/address");
	return strcmp(PROPERTIES[i].key, "sender") == 0 && from && sender &&
	       str_casecmp(from, sender) == 0;
}

const char *head_write(struct arena *a, const cJSON *m, size_t *len)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(HEAD_MOST);
	CLEANUP(buf_release) struct buf value = BUF_INIT(HEAD_MOST / 2);
	unsigned seen = 0;
	add_as_sent(&out, cJSON_GetObjectItemCaseSensitive(m, "internetMessageHeaders"), &seen);
	for (size_t i = 0; i < ARRAY_SIZE(PROPERTIES); i++) {
		if (seen & 1u << i || is_needless(m, i))
			continue;
		buf_reset(&value);
		value_of(cJSON_GetObjectItemCaseSensitive(m, PROPERTIES[i].key), PROPERTIES[i].kind,
			&value);
		if (value.len)
			add_field(&out, PROPERTIES[i].field, value.p);
	}
	buf_addstr(&out, "\r\n");
	*len = out.len;
	return arena_strndup(a, out.p, out.len);
}
