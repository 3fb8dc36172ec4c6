/*
 * fuzz_mail_template.c - files of templates and what is filled into them. Input: a file; what
 * follows a line "====" is the value of every variable. Whatever is filled is bounded, valid text;
 * what is left open is named; and a value never becomes part of the template.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/mail_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KNOWN_MOST 64

static void require(bool holds)
{
	if (!holds)
		abort();
}

static size_t values_of(const char *text, struct mail_template_value v[KNOWN_MOST])
{
	size_t n = 0;
	for (const char *const *name = mail_template_known(); *name && n < KNOWN_MOST; name++)
		v[n++] =
			(struct mail_template_value){*name, text, (enum mail_template_kind)(n % 3)};
	return n;
}

static void fill(const char *text, const struct mail_template_value *v, size_t n, const char *lang)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	const struct mail_template_values values = {v, n, 1795168800, 60, lang};
	struct mail_template_gaps gaps = {.n = 0};
	struct err e = ERR_INIT;
	if (mail_template_fill(text, &values, &out, &gaps, &e)) {
		require(e.code == ERR_TOOBIG); /* what was checked has no other fault */
		return;
	}
	require(out.len <= MAIL_TEMPLATE_FILLED && utf8_is_valid(out.p, out.len));
	for (size_t i = 0; i < gaps.n; i++) {
		require(mail_template_is_name(span_of(gaps.v[i].name)) && gaps.v[i].line > 0);
		require(strstr(out.p, gaps.v[i].name) != NULL);
	}
	/* Without a tag in the values, what is left open is what is found. */
	struct span gap;
	size_t line;
	if (!n && !gaps.n && !strstr(text, "}}"))
		require(!mail_template_find_gap(out.p, &gap, &line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mark[] = "\n====\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *all = arena_strndup(&a, (const char *)data, size);
	const char *cut = size ? memmem(data, size, mark, sizeof(mark) - 1) : NULL;
	size_t n = cut ? (size_t)(cut - (const char *)data) : size;
	const char *value = cut && strlen(all) == size ? all + n + sizeof(mark) - 1 : "value";
	struct mail_template_value v[KNOWN_MOST];
	struct mail_template t;
	struct err e = ERR_INIT;
	if (mail_template_parse(&a, (const char *)data, n, &t, &e)) {
		require(e.code == ERR_PARSE || e.code == ERR_TOOBIG);
		return 0;
	}
	require(utf8_is_valid(t.body, strlen(t.body)));
	size_t n_values = values_of(value, v);
	fill(t.body, NULL, 0, NULL);
	fill(t.body, v, n_values, t.lang);
	fill(t.body, v, n_values, "vi");
	if (t.subject)
		fill(t.subject, v, n_values, "de");
	return 0;
}
