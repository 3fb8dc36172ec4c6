/* action.c - the table of actions, and key tables compiled from its key lists. */
#include "config.h"

#include "action.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/err.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

const struct action_info action_table[ACTION_COUNT] = {
	[ACTION_NONE] = {.name = "none", .keys = {"", ""}, .label = "", .help = ""},
#define ACTION(id, word, places, gmail, mutt, short_label, sentence)                               \
	[ACTION_##id] = {word, (places), {gmail, mutt}, short_label, sentence},
#include "actions.def"
#undef ACTION
};

/* "gi", "*a": two keys. Named keys begin with an upper case letter or are longer. */
static bool is_sequence(struct span token)
{
	return token.len == 2 && (token.p[0] == 'g' || token.p[0] == '*');
}

static void add_binding(struct keymap *m, enum action a, struct span token)
{
	struct binding b = {.action = a, .where = action_table[a].where};
	bool is_two = is_sequence(token);

	b.second.code = UKEY_NONE;
	BUG_ON(!key_parse(token.p, is_two ? 1 : token.len, &b.first));
	if (is_two)
		BUG_ON(!key_parse(token.p + 1, 1, &b.second));
	m->v = xreallocarray(m->v, m->n + 1, sizeof(*m->v));
	m->v[m->n++] = b;
}

void keymap_init(struct keymap *m, const char *name)
{
	*m = (struct keymap){.style = KEYMAP_GMAIL};
	if (name && strcmp(name, "mutt") == 0)
		m->style = KEYMAP_MUTT;
	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		struct span rest = span_of(action_table[a].keys[m->style]), token;

		while (span_next(&rest, ' ', &token))
			if (token.len > 0)
				add_binding(m, (enum action)a, token);
	}
}

void keymap_release(struct keymap *m)
{
	free(m->v);
	*m = (struct keymap){.v = NULL};
}

enum action keymap_find(const struct keymap *m, unsigned where, const struct key *prefix,
	const struct key *k)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct binding *b = &m->v[i];
		bool is_two = b->second.code != UKEY_NONE;

		if (!(b->where & where) || is_two != (prefix != NULL))
			continue;
		if (key_equal(&b->first, prefix ? prefix : k) &&
			(!prefix || key_equal(&b->second, k)))
			return b->action;
	}
	return ACTION_NONE;
}

bool keymap_is_prefix(const struct keymap *m, unsigned where, const struct key *k)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].where & where && m->v[i].second.code != UKEY_NONE &&
			key_equal(&m->v[i].first, k))
			return true;
	return false;
}

void keymap_add_key(const struct keymap *m, enum action a, bool all, struct buf *out)
{
	bool is_first = true;

	for (size_t i = 0; i < m->n; i++) {
		const struct binding *b = &m->v[i];

		if (b->action != a)
			continue;
		if (!is_first)
			buf_addch(out, ' ');
		key_add_name(out, &b->first);
		if (b->second.code != UKEY_NONE) {
			buf_addch(out, ' ');
			key_add_name(out, &b->second);
		}
		if (!all)
			return;
		is_first = false;
	}
}
