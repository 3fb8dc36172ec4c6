/*
 * fuzz_imap.c - whatever a server answers: a run signs in, lists, selects, pulls, fetches and
 * searches over these bytes; none of it may crash, hang or read out of bounds.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"

#include "src/provider/imap/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const char *p;
	size_t left;
};

static int read_memory(void *ctx, void *p, size_t max, size_t *got, struct err *e)
{
	struct memory *m = ctx;
	if (!m->left)
		return err_set(e, ERR_NET, "end of input");
	*got = m->left < max ? m->left : max;
	memcpy(p, m->p, *got);
	m->p += *got;
	m->left -= *got;
	return 0;
}

static int write_nowhere(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)ctx;
	(void)p;
	(void)n;
	(void)e;
	return 0;
}

static int no_password(void *ctx, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)e;
	buf_addstr(out, "x");
	return 0;
}

static int nothing_known(void *ctx, const char *name, const char *const *ids, size_t n_ids,
	struct arena *a, const struct prov_flag **out, size_t *n, struct err *e)
{
	static const struct prov_flag known[] = {
		{.id = "1"}, {.id = "2", .flags = MSG_SEEN}, {.id = "7"}};
	(void)ctx;
	(void)name;
	(void)ids; /* more than was asked for is no harm */
	(void)n_ids;
	(void)a;
	(void)e;
	*out = known;
	*n = ARRAY_SIZE(known);
	return 0;
}

static int take_body(void *ctx, const char *id, const char *data, size_t len, bool is_whole)
{
	size_t *sum = ctx;
	*sum += strlen(id) + is_whole;
	for (size_t i = 0; i < len; i++)
		*sum += (unsigned char)data[i];
	return 0;
}

static void use(struct imap_session *s)
{
	static const char *const ids[] = {"1", "2"};
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct folder_list folders = {0};
	struct prov_page page = {0};
	struct found found = {0};
	const char *new_id = NULL;
	size_t sum = 0;
	const struct provider_ops *ops = s->base.ops;
	const struct query query = {.text = "Größe OR from:a -is:unread", .folder = "A"};
	const struct op move = {.kind = OP_MOVE,
		.folder = "INBOX",
		.to_folder = "A",
		.server_id = "1",
		.message_id = "m@x.example"};
	if (ops->folders(&s->base, &a, &folders, &e) ||
		ops->pull(&s->base, "INBOX", NULL, &a, &page, &e))
		err_clear(&e);
	for (int i = 0; i < 4 && page.cursor; i++) {
		const char *cursor = page.cursor;
		if (ops->pull(&s->base, "INBOX", cursor, &a, &page, &e))
			break;
	}
	if (ops->fetch(&s->base, "INBOX", NULL, ids, ARRAY_SIZE(ids), 1 << 20, take_body, &sum,
		    &e) ||
		ops->apply(&s->base, &move, &a, &new_id, &e) ||
		ops->find(&s->base, "INBOX", "m@x.example", &a, &found, &e) ||
		ops->search(&s->base, &query, &a, &page, &e))
		err_clear(&e);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory m = {(const char *)data, size};
	struct clock_src *clock = clock_new(NULL);
	const struct account_conf conf = {.name = "fuzz",
		.kind = "imap",
		.email = "a@x.example",
		.host = "x.example",
		.tls = TLS_INSECURE_NONE,
		.password = no_password,
		.known = nothing_known,
		.clock = clock};
	const struct imap_io io = {read_memory, write_nowhere, &m};
	struct imap_session *s = NULL;
	struct err e = ERR_INIT;
	if (imap_open_over(&s, &conf, io, &e) == 0) {
		use(s);
		s->base.ops->close(&s->base);
	}
	clock_free(clock);
	return 0;
}
