/* fuzz_graph.c - any bytes as an answer of Microsoft Graph: a page of a delta query names an id
 * once and gives header blocks that end where they say, and a batch is answered within its
 * bounds. And as a search: nothing of it gets out of the quotes it stands in. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/mail/message.h"
#include "src/provider/graph/batch.h"
#include "src/provider/graph/page.h"
#include "src/provider/graph/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

static void check_item(struct arena *a, const struct graph_page *p, size_t i)
{
	const struct graph_item *it = &p->v[i];
	struct message m;
	require(it->id && *it->id && (it->flags & ~it->known_flags) == 0);
	require(!it->is_removed || !it->is_whole);
	for (size_t k = 0; k < i; k++)
		require(strcmp(p->v[k].id, it->id) != 0);
	if (!it->is_whole)
		return;
	message_parse_headers(a, it->headers, it->headers_len, &m);
	require(strlen(it->headers) == it->headers_len);
	require(it->headers_len >= 2 && m.headers.body_offset == it->headers_len);
}

static void check_batch(const cJSON *j)
{
	struct graph_reply v[3];
	struct err e = ERR_INIT;
	if (graph_batch_read(j, 3, v, &e))
		require(e.code == ERR_PROTO);
	for (size_t i = 0; i < 3; i++)
		require(!v[i].status || (v[i].status >= 100 && v[i].status <= 599));
}

/* Quotes inside the whole's are escaped, and pairs. */
static void check_words(const struct buf *b)
{
	size_t n_quotes = 0;
	require(b->len > 2 && b->p[0] == '"' && b->p[b->len - 1] == '"');
	for (size_t i = 1; i + 1 < b->len; i++) {
		require((unsigned char)b->p[i] >= ' ' && b->p[i] != '"');
		if (b->p[i] != '\\')
			continue;
		require(b->p[++i] == '"' && i + 1 < b->len);
		n_quotes++;
	}
	require(n_quotes % 2 == 0);
}

static void check_search(const char *text)
{
	struct query_terms q;
	query_parse(text, &q);
	require(q.n <= QUERY_TERMS_MAX);
	for (size_t g = 0; g < q.n_groups; g++) {
		CLEANUP(buf_release) struct buf words = BUF_INIT(4000);
		graph_query_words(&words, &q, g, 1795168800);
		if (words.len && !words.failed)
			check_words(&words);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	check_search(arena_strndup(&a, (const char *)data, size < 2000 ? size : 2000));
	cJSON *j = NULL;
	struct graph_page p = {.n = 0};
	struct err e = ERR_INIT;
	if (json_parse((const char *)data, size, &j, &e))
		return 0;
	if (graph_page_read(&a, j, &p, &e) == 0)
		for (size_t i = 0; i < p.n; i++)
			check_item(&a, &p, i);
	check_batch(j);
	json_free(&j);
	return 0;
}
