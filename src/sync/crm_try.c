/*
 * crm_try.c - whether a CRM's settings can sign in and read, without a row of it; and the profiles
 * there are to choose from. What is kept afterwards is desk_crm.c's.
 */
#include "config.h"

#include "crm_try.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/str.h"
#include "crmail/crm/profile.h"
#include "crmail/net/secret.h"

#include "crm_sync.h"

#define PROFILES_MAX 100

/* ---- the trial ------------------------------------------------------------------------------- */

static int give_password(void *ctx, const char *name, struct buf *out, struct err *e)
{
	const struct crm_trial *t = ctx;
	(void)name;
	if (!t->password || !t->password->p)
		return err_set(e, ERR_AUTH, "%s", _("A password is needed."));
	buf_add(out, t->password->p, t->password->len);
	return 0;
}

/* What failed, and what can be done about it. */
static int explain(enum desk_field *where, struct err *e)
{
	const char *hint = "";
	struct err plain = *e;
	*where = DESK_URL;
	switch ((int)e->code) {
	case ERR_CANCELLED:
		return -1;
	case ERR_AUTH:
		*where = DESK_PASSWORD;
		hint = _("Check user, password and key.");
		break;
	case ERR_NET:
	case ERR_TLS:
	case ERR_PROTO:
	case ERR_NOTFOUND:
	case ERR_PARSE:
		hint = _("Check the address.");
		break;
	default:
		break;
	}
	err_set(e, plain.code, "%s %s", plain.msg, hint);
	size_t n = strlen(e->msg);
	while (n && e->msg[n - 1] == ' ')
		e->msg[--n] = '\0';
	e->sys = plain.sys;
	return -1;
}

static int read_pages(struct crm_sync *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	for (int o = 0; o < CRM_OBJECT_COUNT; o++) {
		struct crm_page page;
		arena_reset(&a);
		if (crm_has(s->crm, (enum crm_object)o) &&
			crm_pull(s->crm, (enum crm_object)o, NULL, &a, &page, e))
			return -1;
	}
	return 0;
}

static void keep_identity(const struct crm_trial *t, const struct crm_identity *me,
	struct crm_found *out)
{
	out->organization_id = arena_strdup(t->arena, me->organization_id);
	out->user_id = arena_strdup(t->arena, me->user_id);
}

static int look(const struct crm_trial *t, struct crm_sync *s, struct crm_found *out, struct err *e)
{
	struct crm_identity me;
	t->step(t->ctx, DESK_SIGNING_IN);
	if (crm_whoami(s->crm, &me, e))
		return -1;
	keep_identity(t, &me, out);
	t->step(t->ctx, DESK_PULLING);
	return read_pages(s, e);
}

int crm_try(const struct crm_trial *t, struct crm_found *out, enum desk_field *where, struct err *e)
{
	const struct crm_row row = {.name = t->name};
	const struct crm_secrets secrets = {.get = give_password, .ctx = (void *)t};
	struct crm_sync s = {
		.options = {.clock = t->clock,
			.program = t->program,
			.deadline_ms = t->deadline_ms,
			.cancel = t->cancel,
			.without_token = true,
			.secrets = &secrets},
		.row = &row,
		.profile = t->profile,
	};
	int rc = crm_net_open_with(&s, t->config, t->n_config, e) || look(t, &s, out, e);
	crm_net_close(&s);
	arena_release(&s.keep);
	return rc ? explain(where, e) : 0;
}

/* ---- profiles -------------------------------------------------------------------------------- */

static void describe(struct arena *a, const char *name, const struct crm_profile *p,
	struct desk_profile *out)
{
	struct crm_profile_key key;
	struct desk_profile_key *keys = NULL;
	size_t cap = 0, n = 0;
	for (; crm_profile_key_at(p, n, &key); n++) {
		keys = arena_grow(a, keys, &cap, n + 1, sizeof(*keys));
		keys[n] = (struct desk_profile_key){.name = arena_strdup(a, key.name),
			.label = arena_strdup(a, key.label),
			.is_required = key.is_required,
			.is_secret = key.is_secret};
	}
	*out = (struct desk_profile){.name = arena_strdup(a, name),
		.title = arena_strdup(a, crm_profile_title(p)),
		.is_remote = crm_profile_is_remote(p),
		.logs_messages = crm_profile_logs_messages(p),
		.secret = arena_strdup(a, crm_profile_first_secret(p)),
		.keys = keys,
		.n_keys = n};
}

int crm_profile_describe(const char *name, const char *share_dir, struct arena *a,
	struct desk_profile *out, struct err *e)
{
	struct crm_profile *p = NULL;
	if (crm_sync_profile(name, share_dir, &p, e))
		return -1;
	describe(a, name, p, out);
	crm_profile_free(p);
	return 0;
}

static int by_title(const void *a, const void *b)
{
	const struct desk_profile *x = a, *y = b;
	if (x->is_remote != y->is_remote) /* what needs no server comes last */
		return x->is_remote ? -1 : 1;
	return strcmp(x->title, y->title);
}

/* A file that is no profile is left out: `crmail crm check` says what is wrong with it. */
static void add_file(const char *file, const char *share_dir, struct arena *a,
	struct desk_profile *v, size_t *n)
{
	struct err e = ERR_INIT;
	size_t len = strlen(file);
	if (!str_ends(file, ".json") || file[0] == '.')
		return;
	const char *name = arena_strndup(a, file, len - strlen(".json"));
	if (!crm_profile_describe(name, share_dir, a, &v[*n], &e))
		(*n)++;
	else
		log_line(LOG_WARN, "desk", "a CRM profile is not offered: %s",
			err_code_name(e.code));
}

int crm_profile_all(const char *share_dir, struct arena *a, struct desk_profile **out, size_t *n,
	struct err *e)
{
	const char *path = arena_printf(a, "%s/crm", share_dir);
	DIR *dir = opendir(path);
	struct dirent *entry;
	*n = 0;
	*out = arena_array(a, PROFILES_MAX, sizeof(**out));
	if (!dir)
		return err_sys(e, ERR_IO, errno, _("Cannot open %s"), path);
	while (*n < PROFILES_MAX && (entry = readdir(dir)))
		add_file(entry->d_name, share_dir, a, *out, n);
	closedir(dir);
	qsort(*out, *n, sizeof(**out), by_title);
	return 0;
}
