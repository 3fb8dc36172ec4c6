/* argv.c - splitting a command into arguments. */
#include "config.h"

#include "crmail/base/argv.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/mem.h"

void argv_add(struct argv *a, const char *word)
{
	/* Room is doubled at every power of two, so that adding stays linear. */
	if (!a->n || !((a->n + 1) & a->n))
		a->v = xreallocarray(a->v, 2 * (a->n + 1), sizeof(*a->v));
	a->v[a->n++] = xstrdup(word);
	a->v[a->n] = NULL;
}

void argv_release(struct argv *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	*a = (struct argv){.v = NULL};
}

/* Takes one word at *p into `word`; false when a quote is left open. */
static bool take_word(const char **p, struct buf *word)
{
	char quote = '\0';

	for (; **p && (quote || !strchr(" \t\n", **p)); (*p)++) {
		char c = **p;
		if (quote && c == quote) {
			quote = '\0';
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
		} else if (c == '\\' && quote != '\'' && (*p)[1]) {
			buf_addch(word, *++(*p));
		} else {
			buf_addch(word, c);
		}
	}
	return !quote;
}

bool argv_split(const char *command, struct argv *out)
{
	CLEANUP(buf_release) struct buf word = BUF_INIT(BUF_UNLIMITED);
	struct argv a = {.v = NULL};
	const char *p = command;
	bool is_good = true;

	for (p += strspn(p, " \t\n"); *p && is_good; p += strspn(p, " \t\n")) {
		buf_reset(&word);
		is_good = take_word(&p, &word);
		argv_add(&a, word.p);
	}
	if (!is_good || !a.n || !a.v[0][0]) {
		argv_release(&a);
		return false;
	}
	*out = a;
	return true;
}
