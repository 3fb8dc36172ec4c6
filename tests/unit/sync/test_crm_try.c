/*
 * test_crm_try.c - the trial of a CRM's settings: what it says when it cannot even begin, and which
 * profiles are offered. What it finds at a real server is tests/e2e/test_crm_try.py's.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/crm/profile.h"
#include "crmail/net/secret.h"
#include "src/sync/crm_try.h"

#define LOGIN_PROFILE                                                                              \
	"{\"schema\":1,\"name\":\"b\",\"title\":\"Beta\",\"base_url\":\"{{config.url}}\","         \
	"\"secrets\":{\"password\":{\"required\":true}},\"auth\":{\"type\":\"login\",\"request\":" \
	"{"                                                                                        \
	"\"method\":\"POST\",\"path\":\"/token\",\"body\":{\"p\":\"{{secret.password}}\"}},"       \
	"\"capture\":{\"token\":\"/token\"},\"header\":{\"Authorization\":\"{{token}}\"}},"        \
	"\"whoami\":{\"request\":{\"path\":\"/me\"},\"record\":\"\",\"map\":{\"user_id\":\"/"      \
	"id\"}}}"
#define OPEN_PROFILE(name, title, more)                                                            \
	"{\"schema\":1,\"name\":\"" name "\",\"title\":\"" title "\"," more                        \
	"\"auth\":{\"type\":\"none\"}}"

/* A port of this machine that nobody listens at. */
static int closed_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void note_step(void *ctx, enum desk_step step)
{
	*(enum desk_step *)ctx = step;
}

struct tried {
	enum desk_field where;
	enum desk_step step;
	struct err e;
};

static void try_it(struct fixture *f, const char *url, const struct secret *password,
	struct tried *out)
{
	struct crm_profile *p = NULL;
	const struct crm_config config = {"url", url};
	struct crm_found found = {.user_id = NULL};
	*out = (struct tried){.e = ERR_INIT};
	assert_ok(f, crm_profile_parse("b", LOGIN_PROFILE, strlen(LOGIN_PROFILE), &p, &f->err));
	const struct crm_trial t = {.name = "beta",
		.profile = p,
		.config = &config,
		.n_config = 1,
		.password = password,
		.clock = f->clock,
		.deadline_ms = 5000,
		.step = note_step,
		.ctx = &out->step,
		.arena = &f->arena};
	assert_int_equal(crm_try(&t, &found, &out->where, &out->e), -1);
	assert_null(found.user_id);
	crm_profile_free(p);
}

static void crm_try__without_a_password__asks_for_it(void **state)
{
	struct fixture *f = *state;
	struct tried t;
	try_it(f, "https://crm.invalid", NULL, &t);
	assert_int_equal(t.e.code, ERR_AUTH);
	assert_int_equal(t.where, DESK_PASSWORD);
	assert_int_equal(t.step, DESK_SIGNING_IN);
	assert_non_null(strstr(t.e.msg, "A password is needed."));
	assert_non_null(strstr(t.e.msg, "Check user, password and key."));
}

static void crm_try__nobody_there__asks_for_the_address(void **state)
{
	struct fixture *f = *state;
	struct tried t;
	char word[] = "s3cret";
	const struct secret password = {.p = word, .len = sizeof(word) - 1};
	try_it(f, arena_printf(&f->arena, "http://127.0.0.1:%d", closed_port()), &password, &t);
	assert_int_equal(t.e.code, ERR_NET);
	assert_int_equal(t.where, DESK_URL);
	assert_non_null(strstr(t.e.msg, "Check the address."));
	assert_null(strstr(t.e.msg, word));
}

static void put_profile(struct fixture *f, const char *name, const char *json)
{
	const char *path = arena_printf(&f->arena, "%s/crm/%s", f->dir, name);
	assert_ok(f, fsx_mkdir_p(arena_printf(&f->arena, "%s/crm", f->dir), &f->err));
	assert_ok(f, fsx_write_file(path, json, strlen(json), false, &f->err));
}

static void crm_profile_all__offers_what_can_be_used__by_title(void **state)
{
	struct fixture *f = *state;
	struct desk_profile *v = NULL;
	size_t n = 0;
	put_profile(f, "here.json", OPEN_PROFILE("here", "A place here", ""));
	put_profile(f, "z.json",
		OPEN_PROFILE("z", "Zeta",
			"\"base_url\":\"{{config.url}}\",\"never_log\":[\"x@y.test\"],"));
	put_profile(f, "b.json", LOGIN_PROFILE);
	put_profile(f, "broken.json", "{\"schema\":1");
	put_profile(f, ".hidden.json", LOGIN_PROFILE);
	put_profile(f, "readme.txt", LOGIN_PROFILE);
	assert_ok(f, crm_profile_all(f->dir, &f->arena, &v, &n, &f->err));
	assert_int_equal(n, 3);
	assert_string_equal(v[0].title, "Beta");
	assert_string_equal(v[0].name, "b");
	assert_string_equal(v[0].secret, "password");
	assert_int_equal(v[0].n_keys, 1);
	assert_true(v[0].keys[0].is_secret && v[0].keys[0].is_required);
	assert_string_equal(v[1].title, "Zeta");
	assert_true(v[1].is_remote && !v[1].secret && !v[1].n_keys);
	assert_string_equal(v[2].title, "A place here");
	assert_false(v[2].is_remote || v[2].logs_messages);
}

static void crm_profile_describe__by_name_or_path(void **state)
{
	struct fixture *f = *state;
	struct desk_profile one;
	struct err e = ERR_INIT;
	put_profile(f, "b.json", LOGIN_PROFILE);
	assert_ok(f, crm_profile_describe("b", f->dir, &f->arena, &one, &f->err));
	assert_string_equal(one.title, "Beta");
	const char *path = arena_printf(&f->arena, "%s/crm/b.json", f->dir);
	assert_ok(f, crm_profile_describe(path, "/nowhere", &f->arena, &one, &f->err));
	assert_string_equal(one.name, path);
	assert_int_equal(crm_profile_describe("c", f->dir, &f->arena, &one, &e), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
	struct desk_profile *v = NULL;
	size_t n = 9;
	assert_int_equal(crm_profile_all("/nowhere", &f->arena, &v, &n, &e), -1);
	assert_int_equal(n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(crm_try__without_a_password__asks_for_it),
		TEST(crm_try__nobody_there__asks_for_the_address),
		TEST(crm_profile_all__offers_what_can_be_used__by_title),
		TEST(crm_profile_describe__by_name_or_path),
	};
	return cmocka_run_group_tests_name("sync/crm_try", tests, NULL, NULL);
}
