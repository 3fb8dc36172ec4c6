/*
 * test_maildir.c - a Maildir that another program writes to while it is read: what a listing misses
 * is not gone, and a message too big to be read is listed by its head.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/provider/provider.h"
#include "src/provider/maildir/maildir.h"
#include "tests/unit/unit.h"

enum { FILES = 5, HUGE_BYTES = 101 << 20 };

struct fixture {
	char dir[64];
	struct account_conf conf;
	struct provider *p;
	struct arena arena;
	struct prov_flag known[FILES];
	size_t n_known;
	const char *hidden; /* moved away before the listing, back again after it; NULL = none */
	struct err err;
};

static char *path_of(const struct fixture *f, const char *sub, const char *name)
{
	return xasprintf("%s/%s/%s", f->dir, sub, name);
}

static void move(const struct fixture *f, const char *from_sub, const char *from,
	const char *to_sub, const char *to)
{
	CLEANUP(free_str) char *a = path_of(f, from_sub, from);
	CLEANUP(free_str) char *b = path_of(f, to_sub, to);
	assert_int_equal(rename(a, b), 0);
}

/* Called after the listing: here the other program is done with its renaming. */
static int tell_known(void *ctx, const char *folder, const char *const *ids, size_t n_ids,
	struct arena *a, const struct prov_flag **out, size_t *n, struct err *e)
{
	struct fixture *f = ctx;
	(void)folder;
	(void)ids;
	(void)n_ids;
	(void)a;
	(void)e;
	if (f->hidden)
		move(f, "tmp", f->hidden, "cur", "m2:2,S");
	f->hidden = NULL;
	*out = f->known;
	*n = f->n_known;
	return 0;
}

static void put(const struct fixture *f, const char *name, const char *text, size_t n)
{
	struct err e = ERR_INIT;
	CLEANUP(free_str) char *path = path_of(f, "cur", name);
	assert_int_equal(fsx_write_file(path, text, n, false, &e), 0);
}

static int set_up(void **state)
{
	static const char letter[] = "Subject: a\n\nb\n";
	static const char *const ids[FILES] = {"m0", "m1", "m2", "m3", "m4"};
	struct fixture *f = xcalloc(1, sizeof *f);
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(f->dir, sizeof f->dir, "%s/crmail-maildir-XXXXXX", base);
	if (!mkdtemp(f->dir))
		return -1;
	f->arena = ARENA_INIT;
	f->conf = (struct account_conf){
		.kind = "maildir", .maildir = f->dir, .known = tell_known, .known_ctx = f};
	if (provider_by_kind("maildir")->open(&f->p, &f->conf, &f->err))
		return -1;
	for (size_t i = 0; i < FILES; i++) {
		char name[16];
		snprintf(name, sizeof name, "%s:2,", ids[i]);
		put(f, name, letter, sizeof letter - 1);
		f->known[i] = (struct prov_flag){.id = ids[i]};
	}
	f->n_known = FILES;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	provider_by_kind("maildir")->close(f->p);
	arena_release(&f->arena);
	static const char *const subs[] = {"cur", "new", "tmp"};
	for (size_t i = 0; i < ARRAY_SIZE(subs); i++) {
		static const char *const names[] = {
			"m0:2,", "m1:2,", "m2:2,", "m2:2,S", "m3:2,", "m4:2,", "huge:2,"};
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			CLEANUP(free_str) char *path = path_of(f, subs[i], names[k]);
			unlink(path);
		}
		CLEANUP(free_str) char *sub = fsx_join(f->dir, subs[i]);
		rmdir(sub);
	}
	int rc = rmdir(f->dir);
	free(f);
	return rc;
}

static struct prov_page pull(struct fixture *f)
{
	struct prov_page page = {0};
	if (provider_by_kind("maildir")->pull(f->p, "INBOX", NULL, &f->arena, &page, &f->err))
		fail_msg("%s", f->err.msg);
	return page;
}

static void pull__takes_nothing_for_gone__renamed_while_listing(void **state)
{
	struct fixture *f = *state;
	move(f, "cur", "m2:2,", "tmp", "m2:2,");
	f->hidden = "m2:2,";
	struct prov_page page = pull(f);
	assert_int_equal(page.n_gone, 0);
	page = pull(f); /* and its new flag comes with the next listing */
	assert_int_equal(page.n_flags, 1);
	assert_string_equal(page.flags[0].id, "m2");
}

static void pull__tells_what_is_gone(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free_str) char *path = path_of(f, "cur", "m3:2,");
	assert_int_equal(unlink(path), 0);
	move(f, "cur", "m2:2,", "tmp", "m2:2,");
	f->hidden = "m2:2,";
	struct prov_page page = pull(f);
	assert_int_equal(page.n_gone, 1);
	assert_string_equal(page.gone[0], "m3");
}

struct fetched {
	size_t n, len;
	bool is_whole;
};

static int take(void *ctx, const char *id, const char *data, size_t len, bool is_whole)
{
	struct fetched *x = ctx;
	(void)id;
	assert_memory_equal(data, "Subject: huge\n\n", 15);
	*x = (struct fetched){x->n + 1, len, is_whole};
	return 0;
}

static void put_huge(const struct fixture *f)
{
	static const char head[] = "Subject: huge\n\n";
	CLEANUP(free_str) char *path = path_of(f, "cur", "huge:2,");
	put(f, "huge:2,", head, sizeof head - 1);
	assert_int_equal(truncate(path, HUGE_BYTES), 0); /* a file with a hole */
}

static void huge_message__is_listed_by_its_head__and_fetched_in_part(void **state)
{
	struct fixture *f = *state;
	static const char *const ids[] = {"huge"};
	struct fetched x = {0, 0, true};
	put_huge(f);
	struct prov_page page = pull(f);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.msgs[0].id, "huge");
	assert_false(page.msgs[0].is_whole);
	assert_true(page.msgs[0].headers_len <= 1 << 20);
	assert_memory_equal(page.msgs[0].headers, "Subject: huge\n\n", 15);
	assert_int_equal(provider_by_kind("maildir")->fetch(f->p, "INBOX", NULL, ids, 1, 1 << 20,
				 take, &x, &f->err),
		0);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.len, 1 << 20);
	assert_false(x.is_whole);
}

static void name__keeps_letters_that_are_not_ours(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	assert_string_equal(maildir_flag_name(&a, "1.x", MSG_SEEN | MSG_FLAGGED, "SZba"),
		"1.x:2,FSZab");
	assert_string_equal(maildir_flag_name(&a, "1.x", 0, "FS"), "1.x:2,");
}

static void id__is_without_mbsyncs_uid(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	assert_string_equal(maildir_id_of(&a, "1.x,U=12"), "1.x");
	assert_string_equal(maildir_id_of(&a, "1.x,U=12,S=3"), "1.x,S=3");
	assert_string_equal(maildir_id_of(&a, "1.x,S=3"), "1.x,S=3");
	assert_string_equal(maildir_id_of(&a, "1.x,U=1a"), "1.x,U=1a");
	assert_string_equal(maildir_id_of(&a, "1.x,U="), "1.x,U=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pull__takes_nothing_for_gone__renamed_while_listing,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(pull__tells_what_is_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			huge_message__is_listed_by_its_head__and_fetched_in_part, set_up,
			tear_down),
		cmocka_unit_test(name__keeps_letters_that_are_not_ours),
		cmocka_unit_test(id__is_without_mbsyncs_uid),
	};
	return cmocka_run_group_tests_name("maildir", tests, NULL, NULL);
}
