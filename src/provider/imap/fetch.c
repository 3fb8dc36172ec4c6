/*
 * fetch.c - FETCH and SEARCH: headers, flags and bodies as literals, so that there is little to
 * misparse; no ENVELOPE and no BODYSTRUCTURE ever.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#define WHOLE_MIN ((uint64_t)100 << 20) /* from here on BODY.PEEK[] is asked without a range */

struct keyword_flag {
	const char *keyword;
	uint32_t flag;
};

static const struct keyword_flag keyword_flags[] = {
	{"$Forwarded", MSG_FORWARDED},
	{"Forwarded", MSG_FORWARDED},
	{"$Junk", MSG_JUNK},
	{"Junk", MSG_JUNK},
};

static uint32_t flag_of(const struct mailimap_flag *f)
{
	switch (f->fl_type) {
	case MAILIMAP_FLAG_ANSWERED:
		return MSG_ANSWERED;
	case MAILIMAP_FLAG_FLAGGED:
		return MSG_FLAGGED;
	case MAILIMAP_FLAG_DELETED:
		return MSG_DELETED;
	case MAILIMAP_FLAG_SEEN:
		return MSG_SEEN;
	case MAILIMAP_FLAG_DRAFT:
		return MSG_DRAFT;
	case MAILIMAP_FLAG_KEYWORD:
		for (size_t i = 0; i < ARRAY_SIZE(keyword_flags); i++)
			if (f->fl_data.fl_keyword &&
				str_casecmp(f->fl_data.fl_keyword, keyword_flags[i].keyword) == 0)
				return keyword_flags[i].flag;
		return 0;
	default:
		return 0;
	}
}

static uint32_t flags_of(const struct mailimap_msg_att_dynamic *dyn)
{
	uint32_t flags = 0;
	if (!dyn->att_list)
		return 0;
	for (clistiter *it = clist_begin(dyn->att_list); it; it = clist_next(it)) {
		const struct mailimap_flag_fetch *f = clist_content(it);
		if (f->fl_type == MAILIMAP_FLAG_FETCH_OTHER && f->fl_flag)
			flags |= flag_of(f->fl_flag);
	}
	return flags;
}

static int64_t time_of(const struct mailimap_date_time *d)
{
	struct tm tm = {.tm_year = d->dt_year - 1900,
		.tm_mon = d->dt_month - 1,
		.tm_mday = d->dt_day,
		.tm_hour = d->dt_hour,
		.tm_min = d->dt_min,
		.tm_sec = d->dt_sec};
	int zone = abs(d->dt_zone);
	int64_t off = (zone / 100 * 60 + zone % 100) * 60;
	return (int64_t)timegm(&tm) - (d->dt_zone < 0 ? -off : off);
}

struct fetched { /* one answer; borrowed from libetpan's list */
	uint32_t uid;
	bool has_flags;
	uint32_t flags;
	int64_t received;
	uint64_t size;
	const char *data;
	size_t len;
};

static void read_static(const struct mailimap_msg_att_static *st, struct fetched *f)
{
	switch (st->att_type) {
	case MAILIMAP_MSG_ATT_UID:
		f->uid = st->att_data.att_uid;
		break;
	case MAILIMAP_MSG_ATT_INTERNALDATE:
		if (st->att_data.att_internal_date)
			f->received = time_of(st->att_data.att_internal_date);
		break;
	case MAILIMAP_MSG_ATT_RFC822_SIZE:
		f->size = st->att_data.att_rfc822_size;
		break;
	case MAILIMAP_MSG_ATT_BODY_SECTION:
		if (st->att_data.att_body_section) {
			f->data = st->att_data.att_body_section->sec_body_part;
			f->len = f->data ? st->att_data.att_body_section->sec_length : 0;
		}
		break;
	default:
		break;
	}
}

static struct fetched read_answer(const struct mailimap_msg_att *att)
{
	struct fetched f = {0};
	for (clistiter *it = clist_begin(att->att_list); it; it = clist_next(it)) {
		const struct mailimap_msg_att_item *item = clist_content(it);
		if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC && item->att_data.att_static)
			read_static(item->att_data.att_static, &f);
		if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC && item->att_data.att_dyn) {
			f.has_flags = true;
			f.flags = flags_of(item->att_data.att_dyn);
		}
	}
	return f;
}

struct mailimap_set *imap_set_of(const uint32_t *uids, size_t n)
{
	struct mailimap_set *set = mailimap_set_new_empty();
	for (size_t i = 0; i < n;) {
		size_t k = i;
		while (k + 1 < n && uids[k + 1] == uids[k] + 1)
			k++;
		mailimap_set_add_interval(set, uids[i], uids[k]);
		i = k + 1;
	}
	return set;
}

int imap_uid_of(const char *id, uint32_t *uid, struct err *e)
{
	int64_t n = 0;
	if (!id || !str_to_i64(id, 1, UINT32_MAX, &n))
		return err_set(e, ERR_NOTFOUND, _("The message has no place on the server yet."));
	*uid = (uint32_t)n;
	return 0;
}

static int run_fetch(struct imap_session *s, struct mailimap_set *set,
	struct mailimap_fetch_type *type, uint64_t modseq, clist **out, struct err *e)
{
	int rc = modseq ? mailimap_uid_fetch_changedsince(s->m, set, type, modseq, out)
			: mailimap_uid_fetch(s->m, set, type, out);
	mailimap_set_free(set);
	mailimap_fetch_type_free(type);
	if (rc == MAILIMAP_NO_ERROR)
		return 0;
	*out = NULL;
	return imap_fail(s, rc, "FETCH", e);
}

static struct mailimap_fetch_type *fetch_type(bool with_facts)
{
	struct mailimap_fetch_type *t = mailimap_fetch_type_new_fetch_att_list_empty();
	mailimap_fetch_type_new_fetch_att_list_add(t, mailimap_fetch_att_new_uid());
	mailimap_fetch_type_new_fetch_att_list_add(t, mailimap_fetch_att_new_flags());
	if (with_facts) {
		mailimap_fetch_type_new_fetch_att_list_add(t,
			mailimap_fetch_att_new_internaldate());
		mailimap_fetch_type_new_fetch_att_list_add(t, mailimap_fetch_att_new_rfc822_size());
	}
	return t;
}

static int by_uid(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

static void take_header(struct arena *a, const struct fetched *f, struct prov_msg *out)
{
	char *copy = arena_alloc(a, f->len + 1);
	memcpy(copy, f->data, f->len);
	*out = (struct prov_msg){
		.id = arena_printf(a, "%u", f->uid),
		.flags = f->flags,
		.received = f->received,
		.size = f->size,
		.headers = copy,
		.headers_len = f->len,
	};
}

int imap_fetch_headers(struct imap_session *s, struct arena *a, const uint32_t *uids, size_t n,
	struct prov_page *out, struct err *e)
{
	struct mailimap_fetch_type *type = fetch_type(true);
	clist *list = NULL;
	mailimap_fetch_type_new_fetch_att_list_add(type,
		mailimap_fetch_att_new_body_peek_section(mailimap_section_new_header()));
	if (run_fetch(s, imap_set_of(uids, n), type, 0, &list, e))
		return -1;
	out->msgs = arena_array(a, n, sizeof *out->msgs);
	bool *seen = arena_array(a, n, sizeof *seen);
	for (clistiter *it = clist_begin(list); it; it = clist_next(it)) {
		struct fetched f = read_answer(clist_content(it));
		const uint32_t *at = bsearch(&f.uid, uids, n, sizeof *uids, by_uid);
		if (!at || !f.data || seen[at - uids])
			continue; /* unasked flag news, or gone meanwhile */
		seen[at - uids] = true;
		take_header(a, &f, &out->msgs[out->n++]);
	}
	mailimap_fetch_list_free(list);
	return 0;
}

int imap_fetch_flags(struct imap_session *s, struct arena *a, uint32_t lo, uint32_t hi,
	uint64_t modseq, struct prov_flag **out, size_t *n, struct err *e)
{
	clist *list = NULL;
	if (run_fetch(s, mailimap_set_new_interval(lo, hi), fetch_type(false), modseq, &list, e))
		return -1;
	size_t cap = (size_t)clist_count(list);
	*out = arena_array(a, cap ? cap : 1, sizeof **out);
	*n = 0;
	for (clistiter *it = clist_begin(list); it; it = clist_next(it)) {
		struct fetched f = read_answer(clist_content(it));
		if (f.uid && f.has_flags)
			(*out)[(*n)++] = (struct prov_flag){arena_printf(a, "%u", f.uid), f.flags};
	}
	mailimap_fetch_list_free(list);
	return 0;
}

static struct mailimap_fetch_att *body_att(uint64_t max_bytes)
{
	struct mailimap_section *whole = mailimap_section_new(NULL);
	if (max_bytes >= WHOLE_MIN)
		return mailimap_fetch_att_new_body_peek_section(whole);
	return mailimap_fetch_att_new_body_peek_section_partial(whole, 0, (uint32_t)max_bytes);
}

int imap_fetch(struct provider *p, const char *folder, const char *const *ids, size_t n,
	uint64_t max_bytes, int (*one)(void *, const char *, const char *, size_t, bool), void *ctx,
	struct err *e)
{
	struct imap_session *s = imap_of(p);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint32_t *uids = arena_array(&a, n ? n : 1, sizeof *uids);
	clist *list = NULL;
	int stop = 0;
	for (size_t i = 0; i < n; i++)
		if (imap_uid_of(ids[i], &uids[i], e))
			return -1;
	if (!n || imap_need(s, folder, e))
		return n ? -1 : 0;
	qsort(uids, n, sizeof *uids, by_uid);
	struct mailimap_fetch_type *type = fetch_type(false);
	mailimap_fetch_type_new_fetch_att_list_add(type, body_att(max_bytes));
	if (run_fetch(s, imap_set_of(uids, n), type, 0, &list, e))
		return -1;
	for (clistiter *it = clist_begin(list); it && !stop; it = clist_next(it)) {
		struct fetched f = read_answer(clist_content(it));
		if (!f.uid || !f.data)
			continue;
		const char *id = arena_printf(&a, "%u", f.uid);
		bool is_whole = max_bytes >= WHOLE_MIN || f.len < max_bytes;
		stop = one(ctx, id, f.data, f.len, is_whole);
	}
	mailimap_fetch_list_free(list);
	return stop ? err_set(e, ERR_CANCELLED, _("Cancelled.")) : 0;
}

int imap_search_uids(struct imap_session *s, struct arena *a, struct mailimap_search_key *key,
	uint32_t **out, size_t *n, struct err *e)
{
	clist *list = NULL;
	int rc = mailimap_uid_search(s->m, NULL, key, &list);
	mailimap_search_key_free(key);
	if (rc != MAILIMAP_NO_ERROR)
		return imap_fail(s, rc, "SEARCH", e);
	size_t cap = (size_t)clist_count(list);
	*out = arena_array(a, cap ? cap : 1, sizeof **out);
	*n = 0;
	for (clistiter *it = clist_begin(list); it; it = clist_next(it))
		(*out)[(*n)++] = *(const uint32_t *)clist_content(it);
	mailimap_search_result_free(list);
	qsort(*out, *n, sizeof **out, by_uid);
	return 0;
}
