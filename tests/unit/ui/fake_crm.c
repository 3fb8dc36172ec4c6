/* fake_crm.c - the store's functions about CRMs for screens without a store. */
#include "config.h"

#include "fake_crm.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "fake_store.h"

static const struct fake_crm well = {.n = 1,
	.queued = 3,
	.parked = 1,
	.rows = {{.id = 1,
		.name = "crm",
		.profile = "base",
		.url = "https://crm.example",
		.log_mode = "known",
		.log_level = "snippet",
		.log_side = "activity",
		.status = "connected",
		.last_pull_at = FAKE_NOW - 300}}};

static const struct fake_crm none = {.n = 0};

static const struct fake_crm *crm_of(struct store_reader *r)
{
	if (r->s->crm)
		return r->s->crm;
	return r->s->n_contacts > 0 ? &well : &none;
}

int crm_list(struct store_reader *r, struct arena *a, struct crm_row **out, size_t *n,
	struct err *e)
{
	const struct fake_crm *c = crm_of(r);

	(void)e;
	*n = c->n;
	*out = arena_array(a, *n + 1, sizeof(**out));
	memcpy(*out, c->rows, *n * sizeof(**out));
	return 0;
}

int crm_get(struct store_reader *r, struct arena *a, int64_t id, struct crm_row **out,
	struct err *e)
{
	const struct fake_crm *c = crm_of(r);

	(void)e;
	*out = NULL;
	for (size_t i = 0; i < c->n; i++) {
		if (c->rows[i].id != id)
			continue;
		*out = arena_alloc(a, sizeof(**out));
		**out = c->rows[i];
	}
	return 0;
}

bool crm_is_paused(const struct crm_row *c)
{
	return strcmp(c->status, "paused") == 0 && !c->error;
}

int crm_counts(struct store_reader *r, int64_t crm, int64_t *queued, int64_t *parked, struct err *e)
{
	(void)crm;
	(void)e;
	*queued = crm_of(r)->queued;
	*parked = crm_of(r)->parked;
	return 0;
}

const char *crm_setting(struct store_reader *r, struct arena *a, int64_t crm, const char *key)
{
	const struct fake_crm *c = crm_of(r);

	(void)a;
	(void)crm;
	for (size_t i = 0; i < c->n_settings; i++)
		if (strcmp(c->settings[i].key, key) == 0)
			return c->settings[i].value;
	return NULL;
}

int crm_totals(struct store_reader *r, int64_t crm, struct crm_totals *out, struct err *e)
{
	(void)crm;
	(void)e;
	*out = crm_of(r)->totals;
	return 0;
}

int crm_proof(struct store_reader *r, struct arena *a, int64_t crm, size_t max,
	struct proof_row **out, size_t *n, struct err *e)
{
	const struct fake_crm *c = crm_of(r);

	(void)crm;
	(void)e;
	*n = c->n_proofs < max ? c->n_proofs : max;
	*out = arena_array(a, *n + 1, sizeof(**out));
	memcpy(*out, c->proofs, *n * sizeof(**out));
	return 0;
}

/* One mail a day, of forty days. */
int crm_count_since(struct store_reader *r, int64_t crm, const char *mode, int64_t since,
	int64_t *out, struct err *e)
{
	(void)r;
	(void)crm;
	(void)e;
	*out = (FAKE_NOW - since) / 86400 + (strcmp(mode, "everything") == 0);
	if (*out > 40)
		*out = 40;
	return 0;
}

int crm_entries_there(struct store_reader *r, int64_t crm, int64_t *entries, int64_t *ours,
	struct err *e)
{
	(void)crm;
	(void)e;
	*entries = crm_of(r)->entries;
	*ours = crm_of(r)->entries_here;
	return 0;
}

/* ---- what waits ------------------------------------------------------------------------------ */

int crm_entries(struct store_reader *r, struct arena *a, size_t limit, struct crm_entry **out,
	size_t *n, struct err *e)
{
	const struct fake_crm *c = crm_of(r);

	(void)limit;
	(void)e;
	*n = c->n_waiting;
	*out = arena_array(a, *n + 1, sizeof(**out));
	memcpy(*out, c->waiting, *n * sizeof(**out));
	return 0;
}

int crm_item_counts(struct store_reader *r, struct crm_item_counts *out, struct err *e)
{
	(void)e;
	*out = crm_of(r)->counts;
	return 0;
}

int record_writes(struct store_reader *r, struct arena *a, int64_t crm, unsigned states,
	int64_t after, size_t limit, struct record_write **out, size_t *n, struct err *e)
{
	const struct fake_crm *c = crm_of(r);

	(void)crm;
	(void)states;
	(void)after;
	(void)limit;
	(void)e;
	if (r->s->conflict) {
		*out = r->s->conflict;
		*n = 1;
		return 0;
	}
	*n = c->n_writes;
	*out = arena_array(a, *n + 1, sizeof(**out));
	memcpy(*out, c->writes, *n * sizeof(**out));
	return 0;
}

int record_write_get(struct store_reader *r, struct arena *a, int64_t id, struct record_write **out,
	struct err *e)
{
	const struct fake_crm *c = crm_of(r);

	(void)e;
	*out = r->s->conflict && r->s->conflict->id == id ? r->s->conflict : NULL;
	for (size_t i = 0; i < c->n_writes; i++) {
		if (c->writes[i].id != id)
			continue;
		*out = arena_alloc(a, sizeof(**out));
		**out = c->writes[i];
	}
	return 0;
}

bool record_is_same(const char *field, const char *a, const char *b)
{
	(void)field;
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

int64_t crm_entry_retry(struct store *s, int64_t id)
{
	s->retried = id;
	return 1;
}

int64_t crm_entry_discard(struct store *s, int64_t id)
{
	s->discarded = id;
	return 1;
}

void record_retry(struct store *s, int64_t write)
{
	s->retried = write;
}

void record_discard(struct store *s, int64_t write)
{
	s->discarded = write;
}
