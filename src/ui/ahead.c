/* ahead.c - what was typed ahead: see ahead.h. */
#include "config.h"

#include "ui/ahead.h"

#include "ui/ui_core.h"

bool ahead_hold(struct ahead *a, const struct key *k)
{
	bool is_back = k->code == UKEY_LEFT || k->code == 'q';

	/* After other keys they may be letters, or lead back from where those lead. */
	if (k->code == UKEY_ESC || k->code == UKEY_PASTE || (is_back && a->n == 0))
		return false;
	if (a->n < AHEAD_MAX)
		a->v[a->n++] = *k;
	return true;
}

void ahead_drop(struct ahead *a)
{
	a->n = 0;
}

void ahead_do(struct ahead *a, struct ui *ui)
{
	const struct ahead held = *a;

	ahead_drop(a);
	for (size_t i = 0; i < held.n; i++)
		ui_key(ui, &held.v[i]);
}
