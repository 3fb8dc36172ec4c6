/* test_vcard.c - people out of vCards 2.1, 3.0 and 4.0, whole ones and broken ones. */
#include "config.h"

#include <string.h>

#include "../unit.h"

#include "peopletest.h"

#define PEOPLE(text, expected) assert_people(text, sizeof(text) - 1, expected)

static void vcard__reads__version_3_with_groups_and_folding(void **state)
{
	(void)state;
	PEOPLE("BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//macOS 13//EN\r\n"
	       "N:Palmer;Laura;M.;Dr.;\r\nFN:Dr. Laura M. Palmer\r\nORG:Dafaneto\\, Inc.;Sales\r\n"
	       "TITLE:Chief Product\r\n  Officer\r\n"
	       "item1.EMAIL;type=INTERNET;type=WORK:l@b.test\r\nitem1.X-ABLabel:_$!<Work>!$_\r\n"
	       "EMAIL;type=INTERNET;type=HOME;type=pref:laura@a.test\r\n"
	       "TEL;type=CELL;type=VOICE:+49 30 "
	       "1\r\nitem2.URL;type=pref:https://www.Dafaneto.test/\r\n"
	       "ADR;TYPE=work:;;Street 1;Berlin;;10115;Germany\r\nBDAY:1985-02-03\r\n"
	       "NOTE:one\\ntwo\\; three\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n SkZJRg==\r\n"
	       "END:VCARD\r\n",
		"1 name=Dr. Laura M. Palmer first=Laura M. last=Palmer mail=laura@a.test "
		"mail=l@b.test tel=+49 30 1 org=Dafaneto, Inc. web=dafaneto.test "
		"title=Chief Product Officer note=one\ntwo; three\n");
}

static void vcard__reads__version_4(void **state)
{
	(void)state;
	PEOPLE("BEGIN:VCARD\nVERSION:4.0\nFN:Zoé Faure\nN:Faure;Zoé;;;\nKIND:individual\n"
	       "EMAIL;PREF=2:z@b.test\nEMAIL;PREF=1;TYPE=\"work,home\":zoe@a.test\n"
	       "TEL;VALUE=uri;TYPE=\"voice,cell\":tel:+33-1-23;ext=5\n"
	       "ORG;SORT-AS=\"Ecoles;x:y\":Les Écoles\nEND:VCARD\n",
		"1 name=Zoé Faure first=Zoé last=Faure mail=zoe@a.test mail=z@b.test "
		"tel=+33-1-23 org=Les Écoles\n");
}

static void vcard__tolerates__quoted_printable_of_version_2_1(void **state)
{
	(void)state;
	PEOPLE("BEGIN:VCARD\r\nVERSION:2.1\r\n"
	       "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Wei=C3=9F;J=C3=BC=\r\nrgen\r\n"
	       "FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=FCrgen Wei=DF\r\n"
	       "TEL;CELL:+49\r\nEMAIL;INTERNET;PREF:j@a.test\r\n"
	       "NOTE;QUOTED-PRINTABLE:a=0D=0Ab\r\nEND:VCARD\r\n",
		"1 name=Jürgen Weiß first=Jürgen last=Weiß mail=j@a.test tel=+49 note=a\nb\n");
}

static void vcard__reads__cards_one_after_the_other(void **state)
{
	(void)state;
	PEOPLE("\xEF\xBB\xBF"
	       "begin:vcard\nfn:A\nemail:a@a.test\nend:vcard\n\n"
	       "BEGIN:VCARD\nFN:B\nEMAIL:b@a.test\nEND:VCARD",
		"1 name=A mail=a@a.test\n6 name=B mail=b@a.test\n");
	PEOPLE("BEGIN:VCARD\nFN:Team\nKIND:group\nMEMBER:urn:uuid:1\nEND:VCARD\n",
		"1 name=Team group\n");
}

static void vcard__reads__other_charsets(void **state)
{
	(void)state;
	PEOPLE("BEGIN:VCARD\nFN:J\xFCrgen\nEMAIL:j@a.test\nEND:VCARD\n",
		"1 name=Jürgen mail=j@a.test\n");
	PEOPLE("\xFF\xFE"
	       "B\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D\0\n\0F\0N\0:\0\xE9\0\n\0E\0N\0D\0:\0V\0"
	       "C\0A\0R\0D\0\n\0",
		"1 name=é\n");
}

static void vcard__passes_over__cards_in_cards_and_cards_without_end(void **state)
{
	(void)state;
	PEOPLE("BEGIN:VCARD\nFN:A\nAGENT:\nBEGIN:VCARD\nFN:Secretary\nEMAIL:s@a.test\nEND:VCARD\n"
	       "EMAIL:a@a.test\nEND:VCARD\n",
		"1 name=A mail=a@a.test\n");
	PEOPLE("BEGIN:VCARD\nFN:A\nEMAIL:a@a.test\nBEGIN:VCARD\nFN:B\nEND:VCARD\nEND:VCARD\n",
		"1 passed\n4 name=B\n");
	PEOPLE("BEGIN:VCARD\nFN:A\n", "1 passed\n");
}

static void vcard__passes_over__lines_that_are_none(void **state)
{
	(void)state;
	PEOPLE("BEGIN:VCARD\n:x\nnonsense\n;:\n \nEMAIL;TYPE=\"open:quote:a@a.test\nFN:A\n"
	       "EMAIL:not an address\nEND:VCARD\n",
		"1 name=A bad\n");
}

static void vcard__is_linear__in_soft_breaks(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&text, "BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE");
	for (int i = 0; i < 6000; i++)
		buf_addstr(&text, ";X=12345");
	buf_addstr(&text, ":a=\n");
	for (int i = 0; i < 1000000; i++)
		buf_addstr(&text, "=\n");
	buf_addstr(&text, "b\nFN:A\nEND:VCARD\n");
	people_told(&out, text.p, text.len, 65536, NULL, 0);
	assert_string_equal(out.p, "1 name=A note=ab\n");
}

static void vcard__written__is_read_back(void **state)
{
	static const char *const mails[] = {"a@a.test", "b@b.test"};
	static const char *const phones[] = {"+1;2", "+3"};
	static const char *const webs[] = {"a.test"};
	struct person p = {.name = "Palmer, Laura; an unusually long name that has to be folded é é"
				   " é é é é é é é é é é é é é é",
		.first_name = "Laura\\",
		.last_name = "Palmer;",
		.title = "CPO",
		.company = "Dafaneto; Sales",
		.note = "one\ntwo, three",
		.owner = "minh",
		.emails = {mails, 2},
		.phones = {phones, 2},
		.domains = {webs, 1}};
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf told = BUF_INIT(BUF_UNLIMITED);
	(void)state;
	people_write_vcard(&text, &p);
	buf_addf(&told,
		"1 name=%s first=Laura\\ last=Palmer; mail=a@a.test mail=b@b.test tel=+1;2 tel=+3 "
		"org=Dafaneto; Sales web=a.test title=CPO owner=minh note=one\ntwo, three\n",
		p.name);
	assert_people(text.p, text.len, told.p);
	for (const char *s = text.p; *s; s = strchr(s, '\n') + 1)
		assert_true(strcspn(s, "\r") <= 75);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vcard__reads__version_3_with_groups_and_folding),
		cmocka_unit_test(vcard__reads__version_4),
		cmocka_unit_test(vcard__tolerates__quoted_printable_of_version_2_1),
		cmocka_unit_test(vcard__reads__cards_one_after_the_other),
		cmocka_unit_test(vcard__reads__other_charsets),
		cmocka_unit_test(vcard__passes_over__cards_in_cards_and_cards_without_end),
		cmocka_unit_test(vcard__passes_over__lines_that_are_none),
		cmocka_unit_test(vcard__is_linear__in_soft_breaks),
		cmocka_unit_test(vcard__written__is_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
