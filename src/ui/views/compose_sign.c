/*
 * compose_sign.c - signatures: each account may name a file whose text ends its mail. They are read
 * with the draft, on the reader thread; another sender brings its own.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "crmail/store/account.h"
#include "ui/ui_core.h"
#include "compose.h"

#define SIGNATURE_MAX 4096

/* "" = none: a file that is gone must not keep anybody from writing. */
static const char *read_signature(struct arena *a, const char *path)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT(SIGNATURE_MAX);
	CLEANUP(buf_release) struct buf text = BUF_INIT(SIGNATURE_MAX * 4);
	CLEANUP(free_str) char *home = files_home();
	CLEANUP(free_str)
	char *full = str_starts(path, "~/") ? fsx_join(home, path + 2) : xstrdup(path);
	struct err e = ERR_INIT;

	if (fsx_read_file(full, &raw, &e))
		return "";
	utf8_sanitise(&text, raw.p, raw.len, SANITISE_KEEP_ZW);
	buf_rtrim(&text);
	return str_starts(text.p, "-- \n") ? arena_strdup(a, text.p + 4)
					   : arena_strndup(a, text.p, text.len);
}

int compose_sign_load(struct draft *d, struct arena *a, struct store_reader *r, struct err *e)
{
	struct account_row *v = NULL;
	size_t n = 0;

	if (account_list(r, a, &v, &n, e))
		return -1;
	d->signatures = arena_array(a, n + 1, sizeof(*d->signatures));
	for (size_t i = 0; i < n; i++) {
		const char *path = account_setting(r, a, v[i].id, "signature");

		d->signatures[i] =
			(struct signature){v[i].id, path && *path ? read_signature(a, path) : ""};
	}
	d->n_signatures = n;
	return 0;
}

static const char *signature_of(const struct draft *d, int64_t account)
{
	for (size_t i = 0; i < d->n_signatures; i++)
		if (d->signatures[i].account == account)
			return d->signatures[i].text;
	return "";
}

/* Above a quotation there is no mark: programs that see one hide all that follows. */
const char *compose_sign_start(const struct draft *d, struct arena *a, int64_t account,
	const char *quote)
{
	const char *s = signature_of(d, account);

	if (!quote || !*quote)
		return *s ? arena_printf(a, "\n\n-- \n%s\n", s) : "";
	return *s ? arena_printf(a, "\n\n%s\n\n%s", s, quote) : arena_printf(a, "\n\n%s", quote);
}

void compose_sign_swap(struct view *v, int64_t from, int64_t to)
{
	struct compose_data *d = compose_data_of(v);
	struct editor *e = &d->fields[FIELD_BODY];
	const char *old = signature_of(&d->draft, from), *fresh = signature_of(&d->draft, to);
	const char *at = *old ? strstr(e->text.p, old) : NULL;
	size_t cur = e->cur, start = at ? (size_t)(at - e->text.p) : 0;
	CLEANUP(buf_release) struct buf b = BUF_INIT(SIGNATURE_MAX * 5);

	if (from == to || strcmp(old, fresh) == 0)
		return;
	if (at) {
		editor_replace(e, start, strlen(old), fresh, strlen(fresh));
	} else if (!*old && d->kind == COMPOSE_NEW) {
		buf_addf(&b, "\n\n-- \n%s\n", fresh);
		editor_replace(e, e->text.len, 0, b.p, b.len);
	}
	e->cur = e->anchor = cur < start || !at ? cur : start;
}
