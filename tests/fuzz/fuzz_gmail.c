/* fuzz_gmail.c - any bytes as what the Gmail API answers: a message, a batch (whose type stands in
 * the first line), a page of the history. What is taken is bounded by what came and fit for a
 * path. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "src/provider/gmail/gmail.h"

#define ASKED 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

static void read_item(const char *p, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_item m;
	struct err e = ERR_INIT;
	int rc = gmail_read_item(&a, p, n, &m, &e);
	require((rc == 0) == (e.code == ERR_NONE));
	if (rc)
		return;
	require(gmail_is_id(m.id) && m.received >= 0 && m.raw_len <= n);
	for (size_t i = 0; i < m.n_labels; i++)
		require(gmail_is_id(m.labels[i]));
}

static void read_batch(const char *p, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *end = memchr(p, '\n', n);
	struct gmail_part *v = NULL;
	size_t n_parts = 0, first = end ? (size_t)(end - p) : 0;
	CLEANUP(free_str) char *type = xstrndup(p, first);
	gmail_split_batch(&a, type, p + first, n - first, ASKED, &v, &n_parts);
	require(n_parts <= ASKED);
	for (size_t i = 0; i < n_parts; i++) {
		require(v[i].index < ASKED && v[i].status >= 100);
		require(!v[i].len || (v[i].body >= p && v[i].body + v[i].len <= p + n));
		for (size_t k = 0; k < i; k++)
			require(v[k].index != v[i].index);
		read_item(v[i].body, v[i].len);
	}
}

static void read_history(const char *p, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(json_free) cJSON *j = NULL;
	struct err e = ERR_INIT;
	struct gmail_history h;
	if (json_parse(p, n, &j, &e) || gmail_read_history(&a, j, &h, &e))
		return;
	require(!h.next || strlen(h.next) <= GMAIL_TOKEN_MOST);
	for (size_t i = 0; i < h.n; i++)
		require(gmail_is_id(h.v[i].id) && (!i || strcmp(h.v[i - 1].id, h.v[i].id) < 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	if (size == 0)
		return 0;
	read_item(p, size);
	read_batch(p, size);
	read_history(p, size);
	return 0;
}
