/* test_oauth.c - what a sign-in is made of: the request and its answers, the files that describe a
 * provider, whose mailbox it is, and when to ask again about a code. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/oauth.h"
#include "src/net/form.h"
#include "src/net/id_token.h"
#include "tests/unit/unit.h"

/* ---- the request ----------------------------------------------------------------------------- */

static struct oauth_provider office(void)
{
	return (struct oauth_provider){.name = (char *)"office",
		.title = (char *)"Office",
		.authorize = (char *)"https://id.example/auth",
		.token = (char *)"https://id.example/token",
		.issuer = (char *)"https://id.example",
		.client_id = (char *)"a client",
		.scope = (char *)"openid mail",
		.redirect = (char *)"http://127.0.0.1/callback",
		.parameters = {{(char *)"prompt", (char *)"consent select_account"}},
		.n_parameters = 1};
}

static struct oauth_request request(const struct oauth_provider *p)
{
	struct oauth_request r;
	struct err e = ERR_INIT;
	assert_int_equal(oauth_request_init(&r, p, 4711, &e), 0);
	return r;
}

static void oauth_challenge__is_s256__vector_of_rfc_7636(void **state)
{
	char out[OAUTH_RANDOM];
	(void)state;
	oauth_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", out);
	assert_string_equal(out, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void oauth_request__is_never_the_same__verifier_and_state(void **state)
{
	struct oauth_provider p = office();
	struct oauth_request a = request(&p), b = request(&p);
	(void)state;
	assert_string_not_equal(a.verifier, b.verifier);
	assert_string_not_equal(a.state, b.state);
	assert_int_equal(strlen(a.verifier), 43);
	assert_int_equal(strspn(a.verifier, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					    "0123456789-_"),
		43);
}

static void oauth_request__puts_the_port_in__with_and_without_path(void **state)
{
	struct oauth_provider p = office();
	(void)state;
	assert_string_equal(request(&p).redirect, "http://127.0.0.1:4711/callback");
	p.redirect = (char *)"http://localhost";
	assert_string_equal(request(&p).redirect, "http://localhost:4711");
}

static void oauth_request_url__says_what_is_needed__escaped(void **state)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(4096);
	struct oauth_provider p = office();
	struct oauth_request r = request(&p);
	(void)state;
	memset(r.state, 's', sizeof r.state - 1);
	memset(r.challenge, 'c', sizeof r.challenge - 1);
	oauth_request_url(&r, &p, "anna+x@m.test", &url);
	assert_string_equal(url.p,
		"https://id.example/auth?response_type=code&client_id=a%20client"
		"&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Fcallback&scope=openid%20mail"
		"&state=sssssssssssssssssssssssssssssssssssssssssss"
		"&code_challenge=ccccccccccccccccccccccccccccccccccccccccccc"
		"&code_challenge_method=S256&login_hint=anna%2Bx%40m.test"
		"&prompt=consent%20select_account");
}

/* ---- the answer ------------------------------------------------------------------------------ */

struct answered {
	enum oauth_reply reply;
	struct err e;
	char code[256];
};

/* "STATE" in the text stands for the right one. */
static struct answered judge(const char *text)
{
	CLEANUP(buf_release) struct buf code = BUF_INIT(8192);
	CLEANUP(buf_release) struct buf query = BUF_INIT(65536);
	struct oauth_provider p = office();
	struct oauth_request r = request(&p);
	struct answered a = {.e = ERR_INIT};
	const char *at = strstr(text, "STATE");
	buf_add(&query, text, at ? (size_t)(at - text) : strlen(text));
	if (at)
		buf_addf(&query, "%s%s", r.state, at + strlen("STATE"));
	a.reply = oauth_request_judge(&r, &p, query.p, query.len, &code, &a.e);
	snprintf(a.code, sizeof a.code, "%s", code.p);
	return a;
}

static void oauth_judge__takes_the_code__of_query_and_pasted_address(void **state)
{
	static const char *const texts[] = {"?code=4%2FabC&state=STATE",
		"?state=STATE&code=4%2fabC&scope=x&iss=https%3A%2F%2Fid.example",
		"http://127.0.0.1:4711/callback?code=4/abC&state=STATE#_=_",
		"  http://127.0.0.1:4711/callback?code=4/abC&state=STATE  "};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct answered a = judge(texts[i]);
		assert_int_equal(a.reply, OAUTH_CODE);
		assert_string_equal(a.code, "4/abC");
	}
}

static void oauth_judge__is_not_impressed__by_foreign_answers(void **state)
{
	static const char *const texts[] = {"", "?", "?code=x",
		"?code=x&state=", "?code=x&state=STAT", "?code=x&state=STATEx",
		"?code=x&xstate=STATE", "?error=access_denied", "?code=x&state=STATE&state=other",
		"hello", "%", "?&&&=&=", "?state=STATE%00&code=x"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(judge(texts[i]).reply, OAUTH_NOT_OURS);
}

static void oauth_judge__says_why__refusals(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *words;
	} all[] = {
		{"?error=access_denied&state=STATE", ERR_AUTH, "Access was not granted at Office."},
		{"?error=temporarily_unavailable&state=STATE", ERR_NET,
			"Office cannot sign anybody in just now."},
		{"?error=invalid_scope&state=STATE", ERR_AUTH,
			"Office refused the sign-in (invalid_scope)."},
		{"?error=%1b%5b2J%3Cscript%3E&state=STATE", ERR_AUTH,
			"Office refused the sign-in (error)."},
		{"?code=x&state=STATE&iss=https%3A%2F%2Fevil.example", ERR_AUTH,
			"The answer did not come from Office: do not go on there."},
		{"?code=x&state=STATE&iss=https%3A%2F%2Fid.example&iss=https%3A%2F%2Fid.example",
			ERR_AUTH, "The answer did not come from Office: do not go on there."},
		{"?code=x&state=STATE&iss", ERR_AUTH,
			"The answer did not come from Office: do not go on there."},
		{"?error=access_denied&state=STATE&iss=", ERR_AUTH,
			"The answer did not come from Office: do not go on there."},
		{"?state=STATE", ERR_PROTO, "The answer of Office holds no code."},
		{"?state=STATE&code=", ERR_PROTO, "The answer of Office holds no code."},
		{"?state=STATE&code=a&code=b", ERR_PROTO, "The answer of Office holds no code."},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct answered a = judge(all[i].text);
		assert_int_equal(a.reply, OAUTH_REFUSED);
		assert_int_equal(a.e.code, all[i].code);
		assert_string_equal(a.e.msg, all[i].words);
	}
}

static void oauth_judge__wants_the_issuer__required_or_too_long(void **state)
{
	CLEANUP(buf_release) struct buf code = BUF_INIT(8192);
	CLEANUP(buf_release) struct buf query = BUF_INIT(65536);
	struct oauth_provider p = office();
	struct oauth_request r = request(&p);
	struct err e = ERR_INIT;
	(void)state;
	buf_addf(&query, "?code=x&state=%s", r.state);
	assert_int_equal(oauth_request_judge(&r, &p, query.p, query.len, &code, &e), OAUTH_CODE);
	p.is_issuer_required = true;
	assert_int_equal(oauth_request_judge(&r, &p, query.p, query.len, &code, &e), OAUTH_REFUSED);
	p.is_issuer_required = false;
	buf_addstr(&query, "&iss=https%3A%2F%2Fid.example");
	for (int i = 0; i < 5000; i++)
		buf_addch(&query, '/');
	assert_int_equal(oauth_request_judge(&r, &p, query.p, query.len, &code, &e), OAUTH_REFUSED);
}

static void form_get__decodes__and_stays_in_bounds(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(8);
	(void)state;
	assert_true(form_get(span_of("a=1&b=x+y%3d%3D%zz%4"), "a", &out));
	assert_string_equal(out.p, "1");
	buf_reset(&out);
	assert_true(form_get(span_of("b=x+y%3d%z"), "b", &out));
	assert_string_equal(out.p, "x y=%z");
	buf_reset(&out);
	assert_false(form_get(span_of("b=123456789"), "b", &out));
}

/* ---- files ----------------------------------------------------------------------------------- */

static char dir[64];

static int make_dir(void **state)
{
	char sub[128];
	(void)state;
	snprintf(dir, sizeof dir, "%s", "/tmp/crmail-test-oauth.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(sub, sizeof sub, "%s/oauth", dir);
	return mkdir(sub, 0700);
}

static int remove_dir(void **state)
{
	char path[128];
	(void)state;
	snprintf(path, sizeof path, "%s/oauth/google.json", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/oauth/microsoft.json", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/oauth", dir);
	rmdir(path);
	return rmdir(dir);
}

static void write_own(const char *name, const char *text)
{
	char path[128];
	struct err e = ERR_INIT;
	snprintf(path, sizeof path, "%s/oauth/%s.json", dir, name);
	assert_int_equal(fsx_write_file(path, text, strlen(text), false, &e), 0);
}

static struct oauth_provider *load_service(const char *name, const char *service, struct err *e)
{
	struct oauth_provider *p = NULL;
	char share[4096];
	snprintf(share, sizeof share, "%s/share/crmail", getenv("CRMAIL_SRCDIR"));
	*e = ERR_INIT;
	return oauth_provider_load(share, dir, name, service, &p, e) ? NULL : p;
}

static struct oauth_provider *load(const char *name, struct err *e)
{
	return load_service(name, NULL, e);
}

static void oauth_provider__asks_for_less__for_a_service_alone(void **state)
{
	struct err e;
	(void)state;
	write_own("google", "{\"client_id\":\"c\"}");
	CLEANUP(oauth_provider_free) struct oauth_provider *mail = load("google", &e);
	CLEANUP(oauth_provider_free)
	struct oauth_provider *gmail = load_service("google", "gmail", &e);
	assert_non_null(mail);
	assert_non_null(gmail);
	assert_non_null(strstr(mail->scope, "https://mail.google.com/"));
	assert_null(mail->api);
	assert_null(strstr(gmail->scope, "https://mail.google.com/"));
	assert_non_null(strstr(gmail->scope, "/auth/gmail.modify"));
	assert_string_equal(gmail->api, "https://gmail.googleapis.com");
	write_own("google", "{\"client_id\":\"c\",\"services\":{\"gmail\":"
			    "{\"api\":\"http://x.example\"}}}");
	assert_null(load_service("google", "gmail", &e));
	assert_int_equal(e.code, ERR_PARSE);
	write_own("google", "{\"client_id\":\"c\",\"services\":[7]}");
	CLEANUP(oauth_provider_free)
	struct oauth_provider *ours = load_service("google", "gmail", &e);
	assert_non_null(ours);
	assert_null(load_service("google", "telex", &e));
	assert_int_equal(e.code, ERR_NOTFOUND);
}

static void oauth_provider__needs_a_client__and_takes_googles_file(void **state)
{
	struct err e;
	(void)state;
	assert_null(load("google", &e));
	assert_int_equal(e.code, ERR_USAGE);
	write_own("google", "{\"installed\":{\"client_id\":\"c.example\",\"client_secret\":\"s\","
			    "\"token_uri\":\"https://elsewhere.example\"}}");
	CLEANUP(oauth_provider_free) struct oauth_provider *p = load("google", &e);
	assert_non_null(p);
	assert_string_equal(p->client_id, "c.example");
	assert_string_equal(p->client_secret, "s");
	assert_true(str_starts(p->token, "https://oauth2.googleapis.com/"));
	assert_null(p->device);
	assert_int_equal(p->n_parameters, 2);
}

/* ---- keeping a registration ------------------------------------------------------------------ */

static int keep(const char *name, const char *id, const char *secret, const char *tenant)
{
	const struct oauth_client c = {.id = id, .secret = secret, .tenant = tenant};
	struct err e = ERR_INIT;
	return oauth_client_keep(dir, name, &c, &e) ? (int)e.code : 0;
}

static void oauth_client__is_kept__beside_what_stands_there(void **state)
{
	char path[128];
	struct stat st;
	struct err e;
	(void)state;
	assert_int_equal(keep("microsoft", "an-id", NULL, "ours.example"), 0);
	write_own("google", "{\"ca\":\"/ca.pem\",\"installed\":{\"client_id\":\"old\","
			    "\"client_secret\":\"old\"}}");
	assert_int_equal(keep("google", "new", "s3cret", NULL), 0);
	CLEANUP(oauth_provider_free) struct oauth_provider *m = load("microsoft", &e);
	CLEANUP(oauth_provider_free) struct oauth_provider *g = load("google", &e);
	assert_non_null(m);
	assert_non_null(g);
	assert_string_equal(m->client_id, "an-id");
	assert_non_null(strstr(m->token, "/ours.example/"));
	assert_string_equal(g->client_id, "new");
	assert_string_equal(g->client_secret, "s3cret");
	assert_string_equal(g->ca, "/ca.pem");
	snprintf(path, sizeof path, "%s/oauth/google.json", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keep("google", "newer", NULL, NULL), 0);
	CLEANUP(oauth_provider_free) struct oauth_provider *n = load("google", &e);
	assert_non_null(n);
	assert_null(n->client_secret); /* that of the other id is none of this one */
}

static void oauth_client__is_taken__from_googles_file(void **state)
{
	char path[128];
	struct err e = ERR_INIT;
	static const char good[] = "{\"installed\":{\"client_id\":\"c.example\","
				   "\"client_secret\":\"s\",\"token_uri\":\"https://e.example\"}}";
	static const char web[] = "{\"web\":{\"client_id\":\"c.example\"}}";
	(void)state;
	snprintf(path, sizeof path, "%s/oauth/handed-out.json", dir);
	assert_int_equal(fsx_write_file(path, good, strlen(good), false, &e), 0);
	assert_int_equal(keep("google", path, NULL, NULL), 0);
	CLEANUP(oauth_provider_free) struct oauth_provider *g = load("google", &e);
	assert_non_null(g);
	assert_string_equal(g->client_id, "c.example");
	assert_string_equal(g->client_secret, "s");
	assert_true(str_starts(g->token, "https://oauth2.googleapis.com/"));
	assert_int_equal(fsx_write_file(path, web, strlen(web), false, &e), 0);
	assert_int_equal(keep("google", path, NULL, NULL), ERR_USAGE);
	assert_int_equal(fsx_write_file(path, "[1]", 3, false, &e), 0);
	assert_int_equal(keep("google", path, NULL, NULL), ERR_PARSE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(keep("google", path, NULL, NULL), ERR_NOTFOUND);
	CLEANUP(oauth_provider_free) struct oauth_provider *same = load("google", &e);
	assert_non_null(same);
	assert_string_equal(same->client_id, "c.example");
}

static void oauth_client__is_refused__where_it_is_none(void **state)
{
	struct err e;
	(void)state;
	assert_int_equal(keep("microsoft", "two words", NULL, NULL), ERR_USAGE);
	assert_int_equal(keep("microsoft", "id", "a\nb", NULL), ERR_USAGE);
	assert_int_equal(keep("microsoft", "id", NULL, "evil.example/x?"), ERR_USAGE);
	assert_null(load("microsoft", &e));
	write_own("microsoft", "nonsense");
	assert_int_equal(keep("microsoft", "id", NULL, NULL), ERR_PARSE);
}

static void oauth_provider__puts_the_tenant_in__or_common(void **state)
{
	struct err e;
	(void)state;
	write_own("microsoft", "{\"client_id\":\"c\"}");
	CLEANUP(oauth_provider_free) struct oauth_provider *p = load("microsoft", &e);
	assert_non_null(p);
	assert_non_null(strstr(p->token, "/common/oauth2/"));
	write_own("microsoft", "{\"client_id\":\"c\",\"tenant\":\"ours.example\"}");
	CLEANUP(oauth_provider_free) struct oauth_provider *q = load("microsoft", &e);
	assert_non_null(q);
	assert_non_null(strstr(q->authorize, "/ours.example/oauth2/"));
	assert_non_null(strstr(q->device, "/ours.example/oauth2/"));
}

static void oauth_provider__asks_for_what_a_service_needs__and_says_where_it_is(void **state)
{
	struct err e;
	(void)state;
	write_own("microsoft", "{\"client_id\":\"c\",\"services\":{\"graph\":{\"api\":"
			       "\"https://graph.example/v1.0\"},\"odd\":7}}");
	CLEANUP(oauth_provider_free) struct oauth_provider *p = load("microsoft", &e);
	assert_non_null(p);
	assert_non_null(strstr(p->scope, "IMAP.AccessAsUser.All"));
	assert_null(p->api);
	CLEANUP(oauth_provider_free)
	struct oauth_provider *q = load_service("microsoft", "graph", &e);
	assert_non_null(q);
	assert_non_null(strstr(q->scope, "Mail.ReadWrite"));
	assert_null(strstr(q->scope, "IMAP"));
	assert_string_equal(q->api, "https://graph.example/v1.0");
	assert_null(load_service("microsoft", "odd", &e));
	assert_int_equal(e.code, ERR_NOTFOUND);
	write_own("microsoft", "{\"client_id\":\"c\",\"services\":{\"graph\":{\"api\":"
			       "\"http://graph.example/v1.0\"}}}");
	assert_null(load_service("microsoft", "graph", &e));
	assert_int_equal(e.code, ERR_PARSE);
}

static void oauth_provider__refuses__what_would_go_in_the_clear(void **state)
{
	struct err e;
	(void)state;
	write_own("microsoft", "{\"client_id\":\"c\",\"token\":\"http://id.example/token\"}");
	assert_null(load("microsoft", &e));
	assert_int_equal(e.code, ERR_PARSE);
	write_own("microsoft", "{\"client_id\":\"c\",\"redirect\":\"http://id.example/\"}");
	assert_null(load("microsoft", &e));
	assert_int_equal(e.code, ERR_PARSE);
	static const char *const redirects[] = {"http://127.0.0.1.evil.example/cb",
		"http://localhost.evil.example", "http://localhost@evil.example/",
		"https://localhost/", "http://127.0.0.1?x", "http://127.0.0.2/", "ftp://localhost"};
	for (size_t i = 0; i < ARRAY_SIZE(redirects); i++) {
		char text[256];
		snprintf(text, sizeof text, "{\"client_id\":\"c\",\"redirect\":\"%s\"}",
			redirects[i]);
		write_own("microsoft", text);
		assert_null(load("microsoft", &e));
	}
	write_own("microsoft", "{\"client_id\":\"c\",\"issuer_required\":true}");
	assert_null(load("microsoft", &e));
	assert_non_null(strstr(e.msg, "issuer_required"));
	write_own("microsoft", "[]");
	assert_null(load("microsoft", &e));
	assert_int_equal(e.code, ERR_PARSE);
	assert_null(load("../google", &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(load("nobody", &e));
	assert_int_equal(e.code, ERR_NOTFOUND);
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static char *email_of(const char *claims)
{
	CLEANUP(buf_release) struct buf token = BUF_INIT(65536);
	buf_addstr(&token, "eyJhbGciOiJSUzI1NiJ9.");
	base64_add(&token, claims, strlen(claims));
	buf_addstr(&token, ".c2lnbmF0dXJl");
	for (char *p = token.p; *p; p++)
		*p = (char)(*p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? '.' : *p);
	return id_token_email(token.p, "c");
}

static void id_token__names_the_mailbox__of_this_client_alone(void **state)
{
	(void)state;
	CLEANUP(free_str) char *a = email_of("{\"aud\":\"c\",\"email\":\"anna@m.test\"}");
	assert_string_equal(a, "anna@m.test");
	CLEANUP(free_str)
	char *b = email_of("{\"aud\":[\"x\",\"c\"],\"email\":\"\xc3\xa4@m.test\"}");
	assert_string_equal(b, "\xc3\xa4@m.test");
	assert_null(email_of("{\"aud\":\"c\",\"preferred_username\":\"anna@corp.test\","
			     "\"upn\":\"anna@corp.test\"}"));
	assert_null(email_of("{\"aud\":\"other\",\"email\":\"anna@m.test\"}"));
	assert_null(email_of("{\"email\":\"anna@m.test\"}"));
	assert_null(email_of("{\"aud\":\"c\",\"email\":7}"));
	assert_null(email_of("{\"aud\":\"c\",\"email\":\"no address\"}"));
}

static void id_token__is_nothing__when_garbage(void **state)
{
	static const char *const all[] = {"", ".", "..", "a.b", "a.!!!!.c", "a.Z.c", "a.e30.c",
		"a.bnVsbA.c", "a.W10.c", "a.=.c"};
	(void)state;
	assert_null(id_token_email(NULL, "c"));
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_null(id_token_email(all[i], "c"));
}

static void id_token__knows_a_mailbox__by_its_other_names(void **state)
{
	static const struct {
		const char *a, *b;
		bool is_same;
	} all[] = {
		{"anna@m.test", "Anna@M.test", true},
		{"an.na@m.test", "anna@m.test", false},
		{"an.na+crm@gmail.com", "anna@googlemail.com", true},
		{"Anna@gmail.com", "a.n.n.a@GMAIL.com", true},
		{"anna@gmail.com", "annab@gmail.com", false},
		{"anna+x@gmail.com", "annax@gmail.com", false},
		{"anna@gmail.com", "anna@gmail.com.evil.test", false},
		{"gmail.com", "anna@gmail.com", false},
		{"", "", true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		assert_int_equal(id_token_is_same_mailbox(all[i].a, all[i].b), all[i].is_same);
		assert_int_equal(id_token_is_same_mailbox(all[i].b, all[i].a), all[i].is_same);
	}
}

/* ---- codes ----------------------------------------------------------------------------------- */

static void oauth_device__asks_again__pending_and_slower(void **state)
{
	struct oauth_device d = {.interval_s = 5, .until_ms = 100000};
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(oauth_device_next(&d, "authorization_pending", 0, 0, &e), 5000);
	assert_int_equal(oauth_device_next(&d, "slow_down", 0, 5000, &e), 10000);
	assert_int_equal(oauth_device_next(&d, "authorization_pending", 0, 15000, &e), 10000);
	assert_int_equal(oauth_device_next(&d, "slow_down", 0, 25000, &e), 15000);
	assert_int_equal(oauth_device_next(&d, "authorization_pending", 0, 99000, &e), 1000);
	for (int i = 0; i < 100; i++)
		assert_true(oauth_device_next(&d, "slow_down", 0, 0, &e) <= 300000);
}

static void oauth_device__asks_half_as_often__nothing_came(void **state)
{
	struct oauth_device d = {.interval_s = 5, .until_ms = 900000};
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(oauth_device_next(&d, NULL, 0, 0, &e), 10000);
	assert_int_equal(oauth_device_next(&d, NULL, 0, 1, &e), 20000);
	assert_int_equal(oauth_device_next(&d, "authorization_pending", 0, 2, &e), 20000);
	assert_int_equal(oauth_device_next(&d, "slow_down", 0, 3, &e), 25000);
	for (int i = 0; i < 64; i++)
		assert_true(oauth_device_next(&d, NULL, 0, 4, &e) <= 300000);
	assert_int_equal(oauth_device_next(&d, NULL, 0, 900000, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
}

static void oauth_device__waits_for_no_retry_after__beyond_the_codes_end(void **state)
{
	struct oauth_device d = {.interval_s = 5, .until_ms = 900000};
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(oauth_device_next(&d, NULL, 30000, 0, &e), 30000);
	assert_int_equal(oauth_device_next(&d, NULL, 1000, 0, &e), 20000);
	assert_int_equal(oauth_device_next(&d, NULL, INT64_C(604800000), 1000, &e), 899000);
}

static void oauth_device__ends__declined_expired_unknown(void **state)
{
	static const struct {
		const char *said;
		int64_t now;
		const char *words;
	} all[] = {
		{"access_denied", 0, "The sign-in was declined on the other device."},
		{"authorization_declined", 0, "The sign-in was declined on the other device."},
		{"expired_token", 0, "The code was not used in time: begin again."},
		{"authorization_pending", 100000, "The code was not used in time: begin again."},
		{"slow_down", 100001, "The code was not used in time: begin again."},
		{"bad_verification_code", 0, "The code is not accepted: begin again."},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct oauth_device d = {.interval_s = 5, .until_ms = 100000};
		struct err e = ERR_INIT;
		assert_int_equal(oauth_device_next(&d, all[i].said, 0, all[i].now, &e), -1);
		assert_int_equal(e.code, ERR_AUTH);
		assert_string_equal(e.msg, all[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oauth_challenge__is_s256__vector_of_rfc_7636),
		cmocka_unit_test(oauth_request__is_never_the_same__verifier_and_state),
		cmocka_unit_test(oauth_request__puts_the_port_in__with_and_without_path),
		cmocka_unit_test(oauth_request_url__says_what_is_needed__escaped),
		cmocka_unit_test(oauth_judge__takes_the_code__of_query_and_pasted_address),
		cmocka_unit_test(oauth_judge__is_not_impressed__by_foreign_answers),
		cmocka_unit_test(oauth_judge__says_why__refusals),
		cmocka_unit_test(oauth_judge__wants_the_issuer__required_or_too_long),
		cmocka_unit_test(form_get__decodes__and_stays_in_bounds),
		cmocka_unit_test_setup_teardown(
			oauth_provider__needs_a_client__and_takes_googles_file, make_dir,
			remove_dir),
		cmocka_unit_test_setup_teardown(oauth_client__is_kept__beside_what_stands_there,
			make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(oauth_client__is_taken__from_googles_file, make_dir,
			remove_dir),
		cmocka_unit_test_setup_teardown(oauth_client__is_refused__where_it_is_none,
			make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(oauth_provider__puts_the_tenant_in__or_common,
			make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(oauth_provider__asks_for_less__for_a_service_alone,
			make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			oauth_provider__asks_for_what_a_service_needs__and_says_where_it_is,
			make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(oauth_provider__refuses__what_would_go_in_the_clear,
			make_dir, remove_dir),
		cmocka_unit_test(id_token__names_the_mailbox__of_this_client_alone),
		cmocka_unit_test(id_token__is_nothing__when_garbage),
		cmocka_unit_test(id_token__knows_a_mailbox__by_its_other_names),
		cmocka_unit_test(oauth_device__asks_again__pending_and_slower),
		cmocka_unit_test(oauth_device__asks_half_as_often__nothing_came),
		cmocka_unit_test(oauth_device__waits_for_no_retry_after__beyond_the_codes_end),
		cmocka_unit_test(oauth_device__ends__declined_expired_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
