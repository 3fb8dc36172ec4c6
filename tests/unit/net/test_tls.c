/* test_tls.c - whom a stream trusts, implicit TLS and STARTTLS alike. */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"
#include "crmail/net/tls.h"
#include "src/net/trust.h"
#include "tests/unit/net/fake_pki.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

#define HOUR 3600L

static struct fake_ca *ours, *theirs;
static struct tls_trust *trust;

static int set_up(void **state)
{
	(void)state;
	unsetenv("SSL_CERT_FILE"); /* the system's own places are meant */
	unsetenv("SSL_CERT_DIR");
	ours = fake_ca_new();
	theirs = fake_ca_new();
	trust = tls_trust_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tls_trust_free(trust);
	fake_ca_free(ours);
	fake_ca_free(theirs);
	return 0;
}

static void serve_tls(struct fake_conn *c)
{
	if (!fake_start_tls(c, c->ctx))
		return;
	fake_send(c, "hello\r\n");
	fake_wait_end(c);
}

static void serve_starttls(struct fake_conn *c)
{
	if (!fake_send(c, "220 hi\r\n") || !fake_expect(c, "STARTTLS", "220 go\r\n"))
		return;
	serve_tls(c);
}

struct attempt {
	const char *host;
	const struct fake_ca *signer;
	const char *san;
	long from_s, until_s;
	bool starttls;
	int max_version; /* 0: any */
};

/* Connects as the attempt says and reads the greeting; 0 or -1 and *e. */
static int talk(const struct attempt *a, struct err *e)
{
	struct fake_leaf *leaf = fake_leaf_new(a->signer, a->san, a->from_s, a->until_s);
	SSL_CTX *ctx = fake_leaf_ctx(leaf);
	if (a->max_version) {
		SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
		SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(ctx, a->max_version);
	}
	struct fake_server *srv = fake_server_start(a->starttls ? serve_starttls : serve_tls, ctx);
	struct stream_conf c = {.host = a->host,
		.port = fake_server_port(srv),
		.use_tls = !a->starttls,
		.ca_file = ours->file,
		.trust = trust,
		.connect_ms = 10000,
		.io_ms = 10000};
	struct stream *s = NULL;
	struct buf line = BUF_INIT(100);

	int rc = stream_open(&s, &c, e);
	if (!rc && a->starttls)
		rc = stream_read_line(s, &line, e) || stream_write(s, "STARTTLS\r\n", 10, e) ||
				     stream_read_line(s, &line, e) || stream_start_tls(s, e)
			     ? -1
			     : 0;
	if (!rc) {
		assert_true(stream_is_tls(s));
		rc = stream_read_line(s, &line, e);
	}
	if (!rc)
		assert_string_equal(line.p, "hello");
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
	SSL_CTX_free(ctx);
	fake_leaf_free(leaf);
	return rc;
}

static void expect_good(struct attempt a)
{
	for (int i = 0; i < 2; i++) {
		struct err e = ERR_INIT;
		a.starttls = i;
		if (talk(&a, &e))
			fail_msg("%s", e.msg);
	}
}

static void expect_refused(struct attempt a, int sys, const char *sentence)
{
	for (int i = 0; i < 2; i++) {
		struct err e = ERR_INIT;
		a.starttls = i;
		assert_int_equal(talk(&a, &e), -1);
		assert_int_equal(e.code, ERR_TLS);
		assert_int_equal(e.retry, RETRY_NEVER);
		assert_int_equal(e.sys, sys);
		if (!strstr(e.msg, sentence))
			fail_msg("\"%s\" does not say \"%s\"", e.msg, sentence);
	}
}

static void tls__accepts_a_name_of_the_certificate(void **state)
{
	(void)state;
	expect_good((struct attempt){"localhost", ours, "DNS:localhost", -HOUR, HOUR, false, 0});
}

static void tls__accepts_an_ip_address_of_the_certificate(void **state)
{
	(void)state;
	expect_good((struct attempt){
		"127.0.0.1", ours, "DNS:x.test,IP:127.0.0.1", -HOUR, HOUR, false, 0});
}

static void tls__accepts_tls_1_2(void **state)
{
	(void)state;
	expect_good((struct attempt){
		"localhost", ours, "DNS:localhost", -HOUR, HOUR, false, TLS1_2_VERSION});
}

static void tls__refuses_another_host(void **state)
{
	(void)state;
	expect_refused((struct attempt){"localhost", ours, "DNS:evil.test", -HOUR, HOUR, false, 0},
		X509_V_ERR_HOSTNAME_MISMATCH, "issued for another host name");
}

static void tls__refuses_a_name_where_an_address_is_needed(void **state)
{
	(void)state;
	expect_refused((struct attempt){"127.0.0.1", ours, "DNS:127.0.0.1,IP:127.0.0.2", -HOUR,
			       HOUR, false, 0},
		X509_V_ERR_IP_ADDRESS_MISMATCH, "issued for another address");
}

static void tls__refuses_partial_wildcards(void **state)
{
	(void)state;
	expect_refused((struct attempt){"localhost", ours, "DNS:local*", -HOUR, HOUR, false, 0},
		X509_V_ERR_HOSTNAME_MISMATCH, "issued for another host name");
}

static void tls__refuses_expired(void **state)
{
	(void)state;
	expect_refused((struct attempt){"localhost", ours, "DNS:localhost", -2 * HOUR, -HOUR, false,
			       0},
		X509_V_ERR_CERT_HAS_EXPIRED, "has expired");
}

static void tls__refuses_not_yet_valid(void **state)
{
	(void)state;
	expect_refused((struct attempt){"localhost", ours, "DNS:localhost", HOUR, 2 * HOUR, false,
			       0},
		X509_V_ERR_CERT_NOT_YET_VALID, "not valid yet");
}

static void tls__refuses_an_unknown_issuer(void **state)
{
	(void)state;
	expect_refused((struct attempt){"localhost", theirs, "DNS:localhost", -HOUR, HOUR, false,
			       0},
		X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "unknown issuer");
}

static void tls__refuses_tls_1_1(void **state)
{
	(void)state;
	expect_refused((struct attempt){"localhost", ours, "DNS:localhost", -HOUR, HOUR, false,
			       TLS1_1_VERSION},
		0, "offers no TLS version that is safe");
}

static void serve_text(struct fake_conn *c)
{
	fake_send(c, c->ctx);
	fake_wait_end(c);
}

static void tls__says_so__when_the_server_does_not_speak_it(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_text, (void *)"220 plain.test ready\r\n");
	struct stream_conf c = {.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.use_tls = true,
		.ca_file = ours->file,
		.trust = trust,
		.connect_ms = 10000};
	struct stream *s = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(stream_open(&s, &c, &e), -1);
	assert_int_equal(e.code, ERR_TLS);
	assert_non_null(strstr(e.msg, "does not answer with TLS"));
	fake_server_stop(srv);
}

/* The reply that lets TLS begin, and behind it a command's answer for later. */
static void starttls__refuses_injected_bytes(void **state)
{
	(void)state;
	struct fake_server *srv =
		fake_server_start(serve_text, (void *)"220 go\r\n250-AUTH PLAIN\r\n");
	struct stream_conf c = {.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.ca_file = ours->file,
		.trust = trust,
		.io_ms = 10000};
	struct stream *s = NULL;
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	assert_int_equal(stream_open(&s, &c, &e), 0);
	assert_int_equal(stream_read_line(s, &line, &e), 0);
	assert_int_equal(stream_start_tls(s, &e), -1);
	assert_int_equal(e.code, ERR_TLS);
	assert_non_null(strstr(e.msg, "before encryption began"));
	assert_false(stream_is_tls(s));
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void serve_cut_handshake(struct fake_conn *c)
{
	char hello[1];
	recv(c->fd, hello, sizeof(hello), 0);
}

static void tls__says_closed__inside_the_handshake(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_cut_handshake, NULL);
	struct stream_conf c = {.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.use_tls = true,
		.ca_file = ours->file,
		.trust = trust,
		.connect_ms = 10000};
	struct stream *s = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(stream_open(&s, &c, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	fake_server_stop(srv);
}

static void serve_silence(struct fake_conn *c)
{
	fake_wait_end(c);
}

static void tls__times_out__inside_the_handshake(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_silence, NULL);
	struct stream_conf c = {.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.use_tls = true,
		.ca_file = ours->file,
		.trust = trust,
		.connect_ms = 200};
	struct stream *s = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(stream_open(&s, &c, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_non_null(strstr(e.msg, "in time"));
	fake_server_stop(srv);
}

static void serve_cut_data(struct fake_conn *c)
{
	if (!fake_start_tls(c, c->ctx))
		return;
	fake_send(c, "one\r\nhalf");
	shutdown(c->fd, SHUT_RDWR); /* no close_notify */
}

static void tls__says_closed__when_cut_without_goodbye(void **state)
{
	(void)state;
	struct fake_leaf *leaf = fake_leaf_new(ours, "DNS:localhost", -HOUR, HOUR);
	SSL_CTX *ctx = fake_leaf_ctx(leaf);
	struct fake_server *srv = fake_server_start(serve_cut_data, ctx);
	struct stream_conf c = {.host = "localhost",
		.port = fake_server_port(srv),
		.use_tls = true,
		.ca_file = ours->file,
		.trust = trust,
		.io_ms = 10000};
	struct stream *s = NULL;
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	assert_int_equal(stream_open(&s, &c, &e), 0);
	assert_int_equal(stream_read_line(s, &line, &e), 0);
	assert_string_equal(line.p, "one");
	assert_int_equal(stream_read_line(s, &line, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
	SSL_CTX_free(ctx);
	fake_leaf_free(leaf);
}

static void serve_quiet_tls(struct fake_conn *c)
{
	if (fake_start_tls(c, c->ctx))
		fake_wait_end(c);
}

/* Session tickets make the socket readable although there is nothing to read. */
static void tls__waiting_is_not_fooled_by_session_tickets(void **state)
{
	(void)state;
	struct fake_leaf *leaf = fake_leaf_new(ours, "DNS:localhost", -HOUR, HOUR);
	SSL_CTX *ctx = fake_leaf_ctx(leaf);
	struct fake_server *srv = fake_server_start(serve_quiet_tls, ctx);
	struct stream_conf c = {.host = "localhost",
		.port = fake_server_port(srv),
		.use_tls = true,
		.ca_file = ours->file,
		.trust = trust};
	struct stream *s = NULL;
	struct err e = ERR_INIT;
	enum stream_event ev = STREAM_READABLE;
	assert_int_equal(stream_open(&s, &c, &e), 0);
	assert_int_equal(stream_wait(s, -1, 100, &ev, &e), 0);
	assert_int_equal(ev, STREAM_TIMEOUT);
	stream_close(s);
	fake_server_stop(srv);
	SSL_CTX_free(ctx);
	fake_leaf_free(leaf);
}

static void tls__refuses_a_bad_ca_file(void **state)
{
	(void)state;
	SSL_CTX *ctx = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(tls_trust_ctx(trust, "/nonexistent/ca.pem", &ctx, &e), -1);
	assert_int_equal(e.code, ERR_TLS);
	assert_non_null(strstr(e.msg, "/nonexistent/ca.pem"));
	assert_null(ctx);
}

static void tls__makes_one_context_for_each_ca_file(void **state)
{
	(void)state;
	SSL_CTX *a = NULL, *b = NULL, *c = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(tls_trust_ctx(trust, ours->file, &a, &e), 0);
	assert_int_equal(tls_trust_ctx(trust, ours->file, &b, &e), 0);
	assert_int_equal(tls_trust_ctx(trust, NULL, &c, &e), 0);
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	SSL_CTX_free(a);
	SSL_CTX_free(b);
	SSL_CTX_free(c);
}

/* One of the system's authorities from its folder by hashes; NULL where there is no such folder. */
static X509 *system_authority(void)
{
	DIR *dir = opendir(X509_get_default_cert_dir());
	const struct dirent *entry;
	X509 *found = NULL;
	while (dir && !found && (entry = readdir(dir))) {
		if (strlen(entry->d_name) != 10 || strcmp(entry->d_name + 8, ".0") != 0)
			continue;
		CLEANUP(free_str)
		char *path = fsx_join(X509_get_default_cert_dir(), entry->d_name);
		FILE *f = fopen(path, "r");
		found = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void tls__finds_an_authority_when_it_is_needed(void **state)
{
	(void)state;
	SSL_CTX *ctx = NULL;
	struct err e = ERR_INIT;
	X509 *root = system_authority();
	if (!root)
		skip();
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	assert_int_equal(tls_trust_ctx(trust, NULL, &ctx, &e), 0);
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	assert_int_equal(sk_X509_OBJECT_num(X509_STORE_get0_objects(store)), 0);
	assert_int_equal(X509_STORE_CTX_init(check, store, root, NULL), 1);
	X509_STORE_CTX_set_flags(check, X509_V_FLAG_NO_CHECK_TIME);
	assert_int_equal(X509_verify_cert(check), 1);
	assert_int_equal(sk_X509_OBJECT_num(X509_STORE_get0_objects(store)), 1);
	X509_STORE_CTX_free(check);
	SSL_CTX_free(ctx);
	X509_free(root);
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[128];
	struct err e = ERR_INIT;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(fsx_write_file(path, text, strlen(text), false, &e), 0);
}

static void trust__takes_the_folder_for_the_file__when_it_holds_as_many(void **state)
{
	static const char two[] = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
				  "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
	static const char *const names[] = {
		"bundle", "0a1b2c3d.0", "0a1b2c3d.1", "0a1b2c3d.x", "ours.0"};
	char dir[] = "/tmp/crmail-test-tls.XXXXXX", file[64], path[128];
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof file, "%s/bundle", dir);
	assert_false(trust_folder_is_whole(dir, file));
	put(dir, "ours.0", "");
	put(dir, "0a1b2c3d.x", "");
	assert_false(trust_folder_is_whole(dir, file));
	put(dir, "0a1b2c3d.0", "");
	assert_true(trust_folder_is_whole(dir, file));
	put(dir, "bundle", two);
	assert_false(trust_folder_is_whole(dir, file)); /* one of the administrator's own */
	put(dir, "0a1b2c3d.1", "");
	assert_true(trust_folder_is_whole(dir, file));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls__accepts_a_name_of_the_certificate),
		cmocka_unit_test(tls__accepts_an_ip_address_of_the_certificate),
		cmocka_unit_test(tls__accepts_tls_1_2),
		cmocka_unit_test(tls__refuses_another_host),
		cmocka_unit_test(tls__refuses_a_name_where_an_address_is_needed),
		cmocka_unit_test(tls__refuses_partial_wildcards),
		cmocka_unit_test(tls__refuses_expired),
		cmocka_unit_test(tls__refuses_not_yet_valid),
		cmocka_unit_test(tls__refuses_an_unknown_issuer),
		cmocka_unit_test(tls__refuses_tls_1_1),
		cmocka_unit_test(tls__says_so__when_the_server_does_not_speak_it),
		cmocka_unit_test(starttls__refuses_injected_bytes),
		cmocka_unit_test(tls__says_closed__inside_the_handshake),
		cmocka_unit_test(tls__times_out__inside_the_handshake),
		cmocka_unit_test(tls__says_closed__when_cut_without_goodbye),
		cmocka_unit_test(tls__waiting_is_not_fooled_by_session_tickets),
		cmocka_unit_test(tls__refuses_a_bad_ca_file),
		cmocka_unit_test(tls__makes_one_context_for_each_ca_file),
		cmocka_unit_test(tls__finds_an_authority_when_it_is_needed),
		cmocka_unit_test(trust__takes_the_folder_for_the_file__when_it_holds_as_many),
	};
	return cmocka_run_group_tests_name("tls", tests, set_up, tear_down);
}
