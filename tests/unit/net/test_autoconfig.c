/* test_autoconfig.c - what domains publish for mail programs, and the table of known providers. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/net/discover.h"
#include "src/net/autoconfig.h"
#include "src/net/discover_table.h"
#include "src/net/offer_make.h"
#include "tests/unit/unit.h"

#define EMAIL "anna@firm.test"
#define SERVER(tag, type, host, port, socket, more)                                                \
	"<" tag " type=\"" type "\"><hostname>" host "</hostname><port>" port "</port>"            \
	"<socketType>" socket "</socketType>" more "</" tag ">"
#define IMAP(host, port, socket, more) SERVER("incomingServer", "imap", host, port, socket, more)
#define SMTP(host, port, socket) SERVER("outgoingServer", "smtp", host, port, socket, "")
#define CONFIG(inside)                                                                             \
	"<?xml version=\"1.0\"?><clientConfig version=\"1.1\"><emailProvider id=\"x\">" inside     \
	"</emailProvider></clientConfig>\n"
#define GOOD IMAP("imap.firm.test", "993", "SSL", "") SMTP("smtp.firm.test", "465", "SSL")

static int parse(const char *text, struct offer *o)
{
	struct err e = ERR_INIT;
	size_t n = strlen(text);
	char *copy = xmalloc(n ? n : 1); /* a sanitizer sees whoever reads past it */
	memcpy(copy, text, n);
	*o = (struct offer){.source = OFFER_BY_AUTOCONFIG};
	int rc = autoconfig_parse(copy, n, EMAIL, o, &e);
	free(copy);
	return rc ? (int)e.code : 0;
}

static void autoconfig__takes__tls_before_starttls(void **state)
{
	struct offer o;
	(void)state;
	assert_int_equal(parse(CONFIG(IMAP("a.firm.test", "143", "STARTTLS",
				       "<username>x</username>") IMAP("B.firm.test", "993", "SSL",
				       "<username>%EMAILADDRESS%</username>")
					       SMTP("c.firm.test", "587", "STARTTLS")),
				 &o),
		0);
	assert_string_equal(o.imap, "b.firm.test:993");
	assert_string_equal(o.smtp, "c.firm.test:587");
	assert_string_equal(o.tls, "");
	assert_string_equal(o.user, EMAIL);
}

static void autoconfig__fills_in__placeholders_and_entities(void **state)
{
	struct offer o;
	(void)state;
	assert_int_equal(parse(CONFIG(IMAP("imap.%EMAILDOMAIN%", " 1993 ", "ssl",
				       "<username>%EMAILLOCALPART%&amp;&lt;&unknown;</username>")
					       SMTP("<![CDATA[smtp.firm.test]]>", "1465", "SSL")),
				 &o),
		0);
	assert_string_equal(o.imap, "imap.firm.test:1993");
	assert_string_equal(o.smtp, "smtp.firm.test:1465");
	assert_string_equal(o.tls, "implicit");
	assert_string_equal(o.user, "anna&<&unknown;");
}

static void autoconfig__leaves_out__what_an_account_cannot_use(void **state)
{
	struct offer o;
	static const char *const bad[] = {CONFIG(IMAP("imap.firm.test", "143", "plain", "")
							  SMTP("smtp.firm.test", "465", "SSL")),
		CONFIG(SERVER("incomingServer", "pop3", "pop.firm.test", "995", "SSL", "")
				SMTP("smtp.firm.test", "465", "SSL")),
		CONFIG(IMAP("imap.firm.test", "993", "SSL", "")),
		CONFIG(IMAP("imap.firm.test", "0", "SSL", "") SMTP("smtp.firm.test", "465", "SSL")),
		CONFIG(IMAP("imap.firm.test", "99999", "SSL", "")
				SMTP("smtp.firm.test", "465", "SSL")),
		CONFIG(IMAP("imap firm test", "993", "SSL", "")
				SMTP("smtp.firm.test", "465", "SSL")),
		CONFIG(IMAP("x@imap.firm.test", "993", "SSL", "")
				SMTP("s.firm.test", "465", "SSL")),
		CONFIG(IMAP("&#105;map.firm.test", "993", "SSL", "")
				SMTP("s.firm.test", "465", "SSL")),
		CONFIG(IMAP("imap.firm.test", "1143", "STARTTLS", "")
				SMTP("s.firm.test", "465", "SSL")),
		CONFIG(""), "<clientConfig/>", "<clientConfig>" GOOD "</clientConfig>"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse(bad[i], &o), ERR_NOTFOUND);
}

static void autoconfig__refuses__what_is_no_description(void **state)
{
	struct offer o;
	static const char *const bad[] = {"", "hello", "<html></html>",
		"<!DOCTYPE clientConfig><x/>", "<clientConfig>",
		"<clientConfig></clientConfig></x>", "<clientConfig", "<!-- x", "<?xml",
		"<![CDATA[", "<clientConfig a=\"></clientConfig>", "</clientConfig>"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse(bad[i], &o), i == 0 || i == 1 ? ERR_NOTFOUND : ERR_PARSE);
}

static void autoconfig__never_reads_on__wherever_it_is_cut(void **state)
{
	static const char whole[] = CONFIG("<!-- <x> --><domain>x</domain>" IMAP("imap.firm.test",
		"993", "SSL", "<a b='>'/>") SMTP("smtp.firm.test", "465", "SSL"));
	char text[sizeof whole];
	struct offer o;
	(void)state;
	assert_int_equal(parse(whole, &o), 0);
	for (size_t n = sizeof whole - 3; n > 0; n--) {
		memcpy(text, whole, n);
		text[n] = '\0';
		assert_int_not_equal(parse(text, &o), 0);
	}
}

static void autoconfig__is_bounded__depth_length_and_names(void **state)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(AUTOCONFIG_MAX * 2);
	struct offer o;
	(void)state;
	for (size_t i = 0; i < 20000; i++)
		buf_addstr(&b, i ? "<a>" : "<clientConfig>");
	for (size_t i = 0; i < 20000; i++)
		buf_addstr(&b, "</a>");
	assert_int_equal(parse(b.p, &o), ERR_PARSE); /* too long; nothing overflowed */
	buf_reset(&b);
	buf_addstr(&b, "<clientConfig><emailProvider>");
	buf_addstr(&b, "<incomingServer type='imap'><hostname>");
	for (size_t i = 0; i < 5000; i++)
		buf_addstr(&b, "aaaa.");
	buf_addstr(&b, "</hostname></incomingServer>" GOOD "</emailProvider></clientConfig>");
	assert_int_equal(parse(b.p, &o), 0);
	assert_string_equal(o.imap, "imap.firm.test:993");
}

/* ---- the table ------------------------------------------------------------------------------- */

static struct discover_table load(const char *theirs)
{
	char folder[] = "/tmp/crmail-test-XXXXXX";
	struct discover_table t;
	struct err e = ERR_INIT;
	assert_non_null(mkdtemp(folder));
	CLEANUP(free_str) char *path = fsx_join(folder, "discovery.json");
	if (theirs)
		assert_int_equal(fsx_write_file(path, theirs, strlen(theirs), false, &e), 0);
	CLEANUP(free_str) char *share = xasprintf("%s/share/crmail", getenv("CRMAIL_SRCDIR"));
	assert_int_equal(discover_table_load(share, folder, &t, &e), 0);
	unlink(path);
	rmdir(folder);
	return t;
}

static void table__knows__domains_exchangers_and_hosts(void **state)
{
	struct discover_table t = load(NULL);
	(void)state;
	assert_non_null(discover_by_domain(&t, "gmail.com"));
	assert_null(discover_by_domain(&t, "sub.gmail.com"));
	assert_non_null(discover_by_mx(&t, "aspmx.l.google.com"));
	assert_non_null(discover_by_mx(&t, "firm-test.mail.protection.outlook.com"));
	assert_non_null(discover_by_mx(&t, "firm-test.o-v1.mx.microsoft"));
	assert_null(discover_by_mx(&t, "evilgoogle.com"));
	assert_null(discover_by_mx(&t, "google.com.firm.test"));
	assert_null(discover_by_mx(&t, ""));
	assert_non_null(discover_by_host(&t, "outlook.office365.com"));
	discover_table_release(&t);
}

static void table__offers__signing_in_and_then_a_password(void **state)
{
	struct discover_table t = load(NULL);
	struct offers all = {.n = 0};
	(void)state;
	discover_add_provider(&t, discover_by_domain(&t, "gmail.com"), OFFER_BY_TABLE,
		"a@gmail.com", &all);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.v[0].kind, "gmail");
	assert_string_equal(all.v[0].oauth, "google");
	assert_true(all.v[0].lacks_client);
	assert_string_equal(all.v[1].kind, "");
	assert_string_equal(all.v[1].oauth, "google");
	assert_string_equal(all.v[2].imap, "imap.gmail.com:993");
	assert_string_equal(all.v[2].user, "a@gmail.com");
	for (size_t i = 0; i < 3; i++)
		discover_add_provider(&t, discover_by_domain(&t, "gmail.com"), OFFER_BY_TABLE,
			"a@gmail.com", &all);
	assert_int_equal(all.n, OFFERS_MAX);
	discover_table_release(&t);
}

static void table__gives_way__to_the_persons_own(void **state)
{
	struct discover_table t =
		load("{\"resolver\": \"192.0.2.1\", \"imap\": [\"x.{domain}:993\"],"
		     "\"providers\": [{\"title\": \"Ours\", \"domains\": [\"gmail.com\"],"
		     "\"imap\": \"imap.ours.test:993\", \"smtp\": \"smtp.ours.test:587\"},"
		     "7, {\"domains\": 3}, {\"domains\": [{}]}]}");
	CLEANUP(buf_release) struct buf b = BUF_INIT(500);
	struct offers all = {.n = 0};
	(void)state;
	assert_string_equal(discover_word(&t, "resolver"), "192.0.2.1");
	assert_null(discover_word(&t, "ca"));
	assert_true(discover_place(&t, "imap", 0, EMAIL, &b));
	assert_string_equal(b.p, "x.firm.test:993");
	assert_false(discover_place(&t, "imap", 1, EMAIL, &b));
	buf_reset(&b);
	assert_true(discover_place(&t, "autoconfig", 0, "a+b@firm.test", &b));
	assert_string_equal(b.p, "https://autoconfig.firm.test/mail/config-v1.1.xml"
				 "?emailaddress=a%2Bb%40firm.test");
	discover_add_provider(&t, discover_by_domain(&t, "gmail.com"), OFFER_BY_TABLE, EMAIL, &all);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.v[0].smtp, "smtp.ours.test:587");
	assert_non_null(discover_by_domain(&t, "icloud.com"));
	discover_table_release(&t);
}

static void table__refuses__a_file_that_is_none(void **state)
{
	char folder[] = "/tmp/crmail-test-XXXXXX";
	struct discover_table t;
	struct err e = ERR_INIT;
	(void)state;
	assert_non_null(mkdtemp(folder));
	CLEANUP(free_str) char *path = fsx_join(folder, "discovery.json");
	assert_int_equal(fsx_write_file(path, "[1", 2, false, &e), 0);
	assert_int_equal(discover_table_load("/nonexistent", folder, &t, &e), -1);
	assert_int_equal(e.code, ERR_PARSE);
	unlink(path);
	rmdir(folder);
}

static void offer__found_at_a_provider__is_the_providers(void **state)
{
	struct discover_table t = load(NULL);
	struct offers all = {.n = 0};
	const struct offer lure = {.source = OFFER_BY_AUTOCONFIG,
		.imap = "imap.gmail.com:993",
		.smtp = "smtp.elsewhere.test:465"};
	(void)state;
	discover_add_found(&t, &lure, EMAIL, &all);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.v[0].oauth, "google");
	assert_string_equal(all.v[2].smtp, "smtp.gmail.com:465");
	assert_int_equal(all.v[2].source, OFFER_BY_AUTOCONFIG);
	discover_table_release(&t);
}

static void offer__says_encryption__only_where_ports_do_not(void **state)
{
	static const struct {
		const char *imap, *smtp;
		bool imap_starttls, smtp_starttls, is_possible;
		const char *tls;
	} all[] = {{"a.test:993", "b.test:465", false, false, true, ""},
		{"a.test:993", "b.test:587", false, true, true, ""},
		{"a.test:1993", "b.test:465", false, false, true, "implicit"},
		{"a.test:1143", "b.test:587", true, true, true, "starttls"},
		{"a.test:993", "b.test:2525", false, true, false, ""},
		{"a.test:143", "b.test:465", false, false, true, "implicit"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct offer_server imap = {.text = ""}, smtp = {.text = ""};
		struct offer o = {.source = OFFER_BY_SRV};
		assert_true(offer_server_read(&imap, all[i].imap));
		assert_true(offer_server_read(&smtp, all[i].smtp));
		imap.is_starttls = all[i].imap_starttls;
		smtp.is_starttls = all[i].smtp_starttls;
		assert_int_equal(offer_put_servers(&o, &imap, &smtp), all[i].is_possible);
		assert_string_equal(o.tls, all[i].tls);
	}
}

/* The lowest number that a new descriptor would have. */
static int next_descriptor(void)
{
	int fd = dup(0);
	assert_true(fd > 0);
	close(fd);
	return fd;
}

static void discover__is_an_error__no_descriptor_left(void **state)
{
	const struct discover_conf c = {.share_dir = "/none", .config_dir = "/none"};
	struct rlimit before;
	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (int left = 0; left < 2; left++) {
		struct offers found;
		struct err e = ERR_INIT;
		struct rlimit few = before;
		few.rlim_cur = (rlim_t)(next_descriptor() + left);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		int rc = discover(&c, EMAIL, &found, &e);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_int_equal(rc, -1);
		assert_int_equal(e.code, ERR_IO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(autoconfig__takes__tls_before_starttls),
		cmocka_unit_test(autoconfig__fills_in__placeholders_and_entities),
		cmocka_unit_test(autoconfig__leaves_out__what_an_account_cannot_use),
		cmocka_unit_test(autoconfig__refuses__what_is_no_description),
		cmocka_unit_test(autoconfig__never_reads_on__wherever_it_is_cut),
		cmocka_unit_test(autoconfig__is_bounded__depth_length_and_names),
		cmocka_unit_test(table__knows__domains_exchangers_and_hosts),
		cmocka_unit_test(table__offers__signing_in_and_then_a_password),
		cmocka_unit_test(table__gives_way__to_the_persons_own),
		cmocka_unit_test(table__refuses__a_file_that_is_none),
		cmocka_unit_test(offer__found_at_a_provider__is_the_providers),
		cmocka_unit_test(offer__says_encryption__only_where_ports_do_not),
		cmocka_unit_test(discover__is_an_error__no_descriptor_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
