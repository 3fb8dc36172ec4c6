/*
 * seat_line.c - the words that pass between the processes of a data folder, and their reading. A
 * line that cannot be read means nothing: processes of two versions may meet.
 *
 *	to the host: kick ACCOUNT | sync-now ACCOUNT | want-body MESSAGE | pass
 *	             | ask NUMBER KIND ACCOUNT | cancel NUMBER
 *	             | unlock PASSPHRASE IN HEX
 *	from it:     progress DONE TOTAL | report JSON | answer NUMBER CODE [SENTENCE]
 *	both:        changed TYPE ACCOUNT FOLDER ARG COUNT
 */
#include "config.h"

#include "seat_private.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"

static const char *const event_words[EV_TYPE_COUNT] = {
	[EV_MESSAGES] = "messages",
	[EV_FOLDERS] = "folders",
	[EV_ACCOUNT] = "account",
	[EV_OUTBOX] = "outbox",
	[EV_CONTACTS] = "contacts",
	[EV_CRM] = "crm",
	[EV_BODY] = "body",
};

static const char *const ask_words[ASK_KIND_COUNT] = {
	[ASK_SYNC_NOW] = "sync-now",
	[ASK_SIGN_IN] = "sign-in",
	[ASK_SEARCH] = "search",
};

char *line_word(char **rest)
{
	char *word = *rest;
	if (!word || !*word)
		return NULL;
	char *blank = strchr(word, ' ');
	if (blank)
		*blank++ = '\0';
	*rest = blank;
	return word;
}

bool line_numbers(char *rest, int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *word = line_word(&rest);
		if (!word || !str_to_i64(word, INT64_MIN, INT64_MAX, &v[i]))
			return false;
	}
	return !line_word(&rest);
}

void line_say_event(struct ipc *c, const struct event *ev)
{
	if (event_words[ev->type])
		ipc_say(c, "changed %s %lld %lld %lld %lld", event_words[ev->type],
			(long long)ev->account, (long long)ev->folder, (long long)ev->arg,
			(long long)ev->count);
}

bool line_read_event(char *rest, struct event *ev)
{
	const char *word = line_word(&rest);
	int64_t v[4];
	if (!word || !line_numbers(rest, v, ARRAY_SIZE(v)) || v[3] < 0 || v[3] > UINT32_MAX)
		return false;
	for (int type = 0; type < EV_TYPE_COUNT; type++) {
		if (!event_words[type] || strcmp(event_words[type], word) != 0)
			continue;
		*ev = (struct event){.type = (enum event_type)type,
			.account = v[0],
			.folder = v[1],
			.arg = v[2],
			.count = (uint32_t)v[3]};
		return true;
	}
	return false;
}

const char *line_ask_word(enum ask_kind kind)
{
	return ask_words[kind];
}

bool line_ask_kind(const char *word, enum ask_kind *out)
{
	for (int kind = 0; kind < ASK_KIND_COUNT; kind++) {
		if (ask_words[kind] && strcmp(ask_words[kind], word) == 0) {
			*out = (enum ask_kind)kind;
			return true;
		}
	}
	return false;
}

void line_copy_text(char *out, size_t size, const char *text)
{
	size_t n = strlen(text);
	n = n < size ? n : size - 1;
	for (size_t i = 0; i < n; i++) {
		unsigned char ch = (unsigned char)text[i];
		out[i] = ch < ' ' || ch == 0x7f ? ' ' : text[i];
	}
	out[n] = '\0';
}

void line_say_answer(struct ipc *c, int64_t number, const struct err *e)
{
	char msg[sizeof e->msg];
	line_copy_text(msg, sizeof msg, e->msg);
	ipc_say(c, "answer %lld %s %s", (long long)number, err_code_name(e->code), msg);
}

static bool read_code(const char *word, enum err_code *out)
{
	for (int code = 0; code < ERR_CODE_COUNT; code++) {
		if (strcmp(err_code_name((enum err_code)code), word) == 0) {
			*out = (enum err_code)code;
			return true;
		}
	}
	return false;
}

bool line_read_answer(char *rest, int64_t *number, struct err *e)
{
	enum err_code code;
	const char *word = line_word(&rest);
	if (!word || !str_to_i64(word, 1, INT64_MAX, number))
		return false;
	word = line_word(&rest);
	if (!word || !read_code(word, &code))
		return false;
	*e = ERR_INIT;
	if (code != ERR_NONE)
		err_set(e, code, "%s", rest ? rest : "");
	return true;
}
