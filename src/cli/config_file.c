/*
 * config_file.c - reads the configuration file with inih against the table of options.
 */
#include "config.h"

#include "crmail/cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#define CONFIG_MAX ((size_t)1 << 20)

enum option_kind { WORD, NUMBER, TEXT };

struct option {
	const char *name;
	enum option_kind kind;
	int64_t min, max;
	const char *words, *value;
};

static const struct option options[CONFIG_COUNT] = {
#define OPTION(key, name, kind, min, max, words, value, help)                                      \
	[CONFIG_##key] = {name, kind, min, max, words, value},
#include "crmail/cli/config_options.def"
#undef OPTION
};

struct reading {
	struct config *c;
	config_wrong_fn wrong;
	void *ctx;
	const char *at; /* rest of the text */
	int line;
};

static void tell(const struct reading *r, const char *what)
{
	if (r->wrong)
		r->wrong(r->ctx, r->line, what);
}

static void set_value(struct config *c, int i, const char *value)
{
	free(c->text[i]);
	c->text[i] = xstrdup(value);
	if (options[i].kind == NUMBER && !str_to_i64(value, INT64_MIN, INT64_MAX, &c->number[i]))
		c->number[i] = 0;
}

static bool is_word_of(const char *value, const char *words)
{
	CLEANUP(free_str) char *key = xasprintf("|%s|", value);
	return value[0] && !strchr(value, '|') && strstr(words, key);
}

static void take(const struct reading *r, int i, const char *value)
{
	const struct option *o = &options[i];
	CLEANUP(free_str) char *what = NULL;
	int64_t n;
	switch (o->kind) {
	case WORD:
		if (!is_word_of(value, o->words))
			what = xasprintf(_("%s is one of %s."), o->name, o->words);
		break;
	case NUMBER:
		if (!str_to_i64(value, o->min, o->max, &n))
			what = xasprintf(_("%s is a number from %lld to %lld."), o->name,
				(long long)o->min, (long long)o->max);
		break;
	case TEXT:
		break;
	}
	if (what)
		tell(r, what);
	else
		set_value(r->c, i, value);
}

static int take_pair(void *user, const char *section, const char *name, const char *value)
{
	const struct reading *r = user;
	CLEANUP(free_str) char *full = xasprintf("%s.%s", section, name);
	for (int i = 0; i < CONFIG_COUNT; i++) {
		if (strcmp(options[i].name, full) == 0) {
			take(r, i, value ? value : "");
			return 1;
		}
	}
	CLEANUP(free_str) char *what = xasprintf(_("There is no option %s."), full);
	tell(r, what);
	return 1;
}

/* inih's reader: one line at a time, so that we know its number. */
static char *next_line(char *out, int size, void *user)
{
	struct reading *r = user;
	if (!*r->at)
		return NULL;
	size_t n = strcspn(r->at, "\n"), cut = n < (size_t)size - 2 ? n : (size_t)size - 2;
	memcpy(out, r->at, cut);
	out[cut] = '\n';
	out[cut + 1] = '\0';
	r->at += n + (r->at[n] == '\n');
	r->line++;
	return out;
}

int config_read(struct config *c, const char *path, config_wrong_fn wrong, void *ctx, struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(CONFIG_MAX);
	*c = (struct config){.text = {NULL}};
	for (int i = 0; i < CONFIG_COUNT; i++)
		set_value(c, i, options[i].value);
	if (!fsx_exists(path))
		return 0;
	if (fsx_read_file(path, &text, e))
		return -1;
	struct reading r = {.c = c, .wrong = wrong, .ctx = ctx, .at = text.p};
	int bad = ini_parse_stream(next_line, &r, take_pair, &r);
	if (bad > 0) {
		r.line = bad;
		tell(&r, _("This line is neither [section] nor name = value."));
	}
	return 0;
}

void config_release(struct config *c)
{
	for (int i = 0; i < CONFIG_COUNT; i++)
		free(c->text[i]);
	*c = (struct config){.text = {NULL}};
}

const char *config_name(enum config_key k)
{
	return options[k].name;
}
