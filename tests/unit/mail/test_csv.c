/* test_csv.c - people out of CSV files as programs and persons write them, and out of broken
 * ones. */
#include "config.h"

#include <string.h>

#include "../unit.h"

#include "peopletest.h"

#define PEOPLE(text, expected) assert_people(text, sizeof(text) - 1, expected)

static void csv__reads__quotes_separators_and_line_ends_inside_quotes(void **state)
{
	(void)state;
	PEOPLE("Name,Email,Notes\r\n"
	       "\"Palmer, Laura\",laura@partner.test,\"She said \"\"soon\"\"\r\nand left\"\r\n"
	       "Denis,denis@partner.test,\n",
		"2 name=Palmer, Laura mail=laura@partner.test note=She said \"soon\"\nand left\n"
		"4 name=Denis mail=denis@partner.test\n");
}

static void csv__reads__what_stands_around_quotes(void **state)
{
	(void)state;
	PEOPLE("Name,Email\n"
	       "A \"Big\" Joe,joe@a.test\n"
	       "\"Ann\" Lee,ann@a.test\n"
	       "Bo, \"bo@a.test\" \n"
	       "\"\",\"c@a.test\"",
		"2 name=A \"Big\" Joe mail=joe@a.test\n"
		"3 name=Ann Lee mail=ann@a.test\n"
		"4 name=Bo mail=bo@a.test\n"
		"5 mail=c@a.test\n");
}

static void csv__tells_apart__separators(void **state)
{
	(void)state;
	PEOPLE("Name;E-Mail\nPalmer, Laura;laura@a.test\nLee, Ann;ann@a.test\n",
		"2 name=Palmer, Laura mail=laura@a.test\n3 name=Lee, Ann mail=ann@a.test\n");
	PEOPLE("Name\tEmail\tNotes\nAnn\tann@a.test\tone, two; three\n",
		"2 name=Ann mail=ann@a.test note=one, two; three\n");
	PEOPLE("sep=|\nName|Email\nAnn|ann@a.test\n", "3 name=Ann mail=ann@a.test\n");
	PEOPLE("Email\nann@a.test\n", "2 mail=ann@a.test\n");
}

static void csv__reads__every_line_end(void **state)
{
	(void)state;
	PEOPLE("Email\ra@a.test\r\rb@a.test", "2 mail=a@a.test\n4 mail=b@a.test\n");
	PEOPLE("Email\r\na@a.test\r\n\r\n\r\nb@a.test\r\n", "2 mail=a@a.test\n5 mail=b@a.test\n");
}

static void csv__finds_out__the_charset(void **state)
{
	(void)state;
	PEOPLE("\xEF\xBB\xBFName,Email\nJ\xC3\xBCrgen,j@a.test\n", "2 name=Jürgen mail=j@a.test\n");
	PEOPLE("Name;Email\nJ\xFCrgen \x80;j@a.test\n", "2 name=Jürgen € mail=j@a.test\n");
	PEOPLE("\xFF\xFEN\0a\0m\0e\0\t\0M\0a\0i\0l\0\n\0\xE9\0\t\0e\0@\0a\0.\0t\0\n\0",
		"2 name=é mail=e@a.t\n");
	PEOPLE("\0N\0a\0m\0e\0,\0M\0a\0i\0l\0\r\0\n\0\xE9\0,\0e\0@\0a\0.\0t\0\r\0\n",
		"2 name=é mail=e@a.t\n");
	/* Nguyễn Thị Hồng, and Italian words in which the same bytes are letters */
	PEOPLE("Name,Email\nNguy\xEA\xDEn Th\x69\xF2 H\xF4\xCCng,h@a.test\n",
		"2 name=Nguyễn Thị Hồng mail=h@a.test\n");
	PEOPLE("Name,Email\nPu\xF2 Cos\xEC,p@a.test\n", "2 name=Può Così mail=p@a.test\n");
	/* one broken letter in UTF-8 leaves the others alone */
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf expected = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&text, "Name,Email\n\xFF,x@a.test\n");
	buf_addstr(&expected, "2 name=\xEF\xBF\xBD mail=x@a.test\n");
	for (int i = 0; i < 25; i++) {
		buf_addstr(&text, "\xC3\xA9,e@a.test\n");
		buf_addf(&expected, "%d name=é mail=e@a.test\n", i + 3);
	}
	assert_people(text.p, text.len, expected.p);
}

static void csv__knows__google_columns(void **state)
{
	(void)state;
	PEOPLE("First Name,Middle Name,Last Name,Organization Name,Organization Title,Notes,"
	       "Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,"
	       "Phone 1 - Value,Website 1 - Value\n"
	       "Laura,M.,Palmer,Dafaneto,CPO,VIP,* myContacts,Work,laura@a.test,"
	       "l@b.test ::: LAURA@A.test,Work,+1 ::: +2,https://www.Dafaneto.test/x\n",
		"2 first=Laura M. last=Palmer mail=laura@a.test mail=l@b.test tel=+1 tel=+2 "
		"org=Dafaneto web=dafaneto.test title=CPO note=VIP\n");
}

static void csv__knows__outlook_columns_in_its_languages(void **state)
{
	(void)state;
	PEOPLE("Title,First Name,Last Name,Company,Job Title,E-mail Address,E-mail Type,"
	       "E-mail Display Name,E-mail 2 Address,Business Phone,Business Fax,Web Page\n"
	       "Dr.,Laura,Palmer,Dafaneto,CPO,laura@a.test,SMTP,Laura P.,l@b.test,+1,+9,b.test\n",
		"2 first=Laura last=Palmer mail=laura@a.test mail=l@b.test tel=+1 org=Dafaneto "
		"web=b.test title=CPO\n");
	PEOPLE("Anrede;Vorname;Nachname;Firma;Position;E-Mail-Adresse;E-Mail 2: Adresse;"
	       "Telefon geschäftlich;Webseite;Notizen\n"
	       "Frau;Jana;Weiß;Öl GmbH;Einkauf;jana@oel.test;;+49;http://oel.test;kennt uns\n",
		"2 first=Jana last=Weiß mail=jana@oel.test tel=+49 org=Öl GmbH web=oel.test "
		"title=Einkauf note=kennt uns\n");
	PEOPLE("Prénom,Nom,Société,Titre,Adresse de messagerie,Téléphone (bureau),Page Web\n"
	       "Zoé,Faure,Les Écoles,Directrice,zoe@ecoles.test,+33,ecoles.test\n",
		"2 first=Zoé last=Faure mail=zoe@ecoles.test tel=+33 org=Les Écoles "
		"web=ecoles.test title=Directrice\n");
	PEOPLE("Họ và tên đệm,Tên,Công ty,Chức vụ,Địa chỉ email,Số điện thoại,Ghi chú,"
	       "Người phụ trách\n"
	       "Trần Văn,Bình,Công ty Sao Mai,Giám đốc,binh@saomai.test,+84,khách cũ,minh\n",
		"2 first=Bình last=Trần Văn mail=binh@saomai.test tel=+84 org=Công ty Sao Mai "
		"title=Giám đốc owner=minh note=khách cũ\n");
	PEOPLE("Tên,Email\nTrần Văn Bình,b@a.test\n", "2 name=Trần Văn Bình mail=b@a.test\n");
	PEOPLE("Nom,Courriel\nZoé Faure,z@a.test\n", "2 name=Zoé Faure mail=z@a.test\n");
	PEOPLE("Name,Vorname,E-Mail\nWeiß,Jana,j@a.test\n",
		"2 first=Jana last=Weiß mail=j@a.test\n");
}

static void csv__takes_apart__addresses(void **state)
{
	(void)state;
	PEOPLE("Email\n"
	       "\"Laura <laura@a.test>; \"\"P, L\"\" <p@a.test>\"\n"
	       "mailto:x@a.test\n"
	       "nobody\n"
	       "a@a.test nobody\n",
		"2 mail=laura@a.test mail=p@a.test\n3 mail=x@a.test\n4 bad\n"
		"5 mail=a@a.test bad\n");
}

static void csv__without_titles__tells_columns_by_their_looks(void **state)
{
	(void)state;
	PEOPLE("Ann Lee,ann@a.test,Acme\nBo,bo@a.test,\n",
		"1 name=Ann Lee mail=ann@a.test\n2 name=Bo mail=bo@a.test\n");
	PEOPLE("colour,size\nred,4\n", "error\n");
	PEOPLE("", "error\n");
}

static void csv__survives__rows_of_other_lengths(void **state)
{
	(void)state;
	PEOPLE("Email,Name\na@a.test\nb@a.test,B,x,y,z\n,,\n",
		"2 mail=a@a.test\n3 name=B mail=b@a.test\n");
}

static void csv__gives_up__a_quote_that_is_never_closed(void **state)
{
	(void)state;
	PEOPLE("Email,Name\na@a.test,\"open\nb@a.test,B\n", "2 passed\n");
	/* and goes on behind what it swallowed */
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&text, "Email,Name\na@a.test,\"");
	while (text.len < PEOPLE_MAX_ROW + 100)
		buf_addstr(&text, "x@a.test,no quote here at all\n");
	buf_addstr(&text, "last@a.test,L\n");
	people_told(&out, text.p, text.len, 4096, NULL, 0);
	assert_int_equal(strncmp(out.p, "2 passed\n", 9), 0);
	assert_non_null(strstr(out.p, "name=L mail=last@a.test\n"));
}

static void csv__is_bounded__by_row_and_columns(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&text, "Email,Name");
	for (int i = 0; i < 5000; i++)
		buf_addstr(&text, ",\"Email\"");
	buf_addstr(&text, "\na@a.test,A");
	for (int i = 0; i < 5000; i++)
		buf_addf(&text, ",\"x%d@a.test\"", i);
	buf_addstr(&text, "\n,");
	for (int i = 0; i < 2000000; i++)
		buf_addch(&text, 'n');
	buf_addstr(&text, "\nb@a.test,B\n");
	people_told(&out, text.p, text.len, 65536, NULL, ',');
	assert_non_null(strstr(out.p, "2 name=A mail=a@a.test mail=x0@a.test"));
	assert_non_null(strstr(out.p, " mail=x48@a.test\n3 passed\n4 name=B mail=b@a.test\n"));
	assert_null(strstr(out.p, "x49@a.test"));
}

static void csv__drops__what_attacks_a_terminal(void **state)
{
	(void)state;
	PEOPLE("Name,Email\nA\x1b[31mB\xE2\x80\xAE\x07,a@a.test\n",
		"2 name=A\xEF\xBF\xBD[31mB\xEF\xBF\xBD mail=a@a.test\n");
}

static int nobody(void *ctx, const struct person *p, struct err *e)
{
	(void)ctx;
	return err_set(e, ERR_CANCELLED, "line %lld", (long long)p->line);
}

static void csv__stops__when_the_handler_says_so(void **state)
{
	static const char text[] = "Email\na@a.test\nb@a.test\n";
	const struct people_handler h = {.person = nobody};
	const struct people_options o = {.format = {PEOPLE_CSV, "utf-8"}};
	struct people_reader *r = NULL;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(people_reader_open(&r, &o, &h, &e), 0);
	assert_int_equal(people_reader_add(r, text, sizeof(text) - 1, &e), 0);
	assert_int_equal(people_reader_end(r, &e), -1);
	assert_string_equal(e.msg, "line 2");
	people_reader_close(r);
	const struct people_options bad = {.format = {PEOPLE_CSV, "klingon"}};
	assert_int_equal(people_reader_open(&r, &bad, &h, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

static void csv__takes__columns_as_told(void **state)
{
	static const char text[] = "Wer,Wohin,Sonst\nAnn,ann@a.test,Acme\n";
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	const struct people_column map[] = {
		{"wer", PEOPLE_NAME}, {"2", PEOPLE_EMAIL}, {"Sonst", PEOPLE_COMPANY}};
	struct people_options o = {
		.format = {PEOPLE_CSV, "utf-8"}, .map = map, .n_map = ARRAY_SIZE(map)};
	const struct people_handler h = {.person = nobody};
	struct people_reader *r = NULL;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(people_reader_open(&r, &o, &h, &e), 0);
	assert_int_equal(people_reader_add(r, text, sizeof(text) - 1, &e), 0);
	assert_int_equal(people_reader_end(r, &e), -1);
	assert_string_equal(e.msg, "line 2");
	people_reader_close(r);
	const struct people_column wrong[] = {{"Wann", PEOPLE_NOTE}};
	o.map = wrong;
	o.n_map = 1;
	assert_int_equal(people_reader_open(&r, &o, &h, &e), 0);
	assert_int_equal(people_reader_add(r, text, sizeof(text) - 1, &e), 0);
	assert_int_equal(people_reader_end(r, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	people_reader_close(r);
}

static void csv__written__is_read_back(void **state)
{
	static const char *const mails[] = {"a@a.test", "b@b.test"};
	static const char *const phones[] = {"+1 \"x\"", "2,3"};
	static const char *const webs[] = {"a.test"};
	const struct person p = {.name = "Palmer, Laura",
		.first_name = "Laura",
		.last_name = "Palmer",
		.title = "C;PO",
		.company = "Dafa\"neto",
		.note = "one\ntwo, three",
		.owner = "minh",
		.emails = {mails, 2},
		.phones = {phones, 2},
		.domains = {webs, 1}};
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	(void)state;
	people_write_csv_head(&text);
	people_write_csv(&text, &p);
	assert_people(text.p, text.len,
		"2 name=Palmer, Laura first=Laura last=Palmer mail=a@a.test mail=b@b.test "
		"tel=+1 \"x\" tel=2,3 org=Dafa\"neto web=a.test title=C;PO owner=minh "
		"note=one\ntwo, three\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv__reads__quotes_separators_and_line_ends_inside_quotes),
		cmocka_unit_test(csv__reads__what_stands_around_quotes),
		cmocka_unit_test(csv__tells_apart__separators),
		cmocka_unit_test(csv__reads__every_line_end),
		cmocka_unit_test(csv__finds_out__the_charset),
		cmocka_unit_test(csv__knows__google_columns),
		cmocka_unit_test(csv__knows__outlook_columns_in_its_languages),
		cmocka_unit_test(csv__takes_apart__addresses),
		cmocka_unit_test(csv__without_titles__tells_columns_by_their_looks),
		cmocka_unit_test(csv__survives__rows_of_other_lengths),
		cmocka_unit_test(csv__gives_up__a_quote_that_is_never_closed),
		cmocka_unit_test(csv__is_bounded__by_row_and_columns),
		cmocka_unit_test(csv__drops__what_attacks_a_terminal),
		cmocka_unit_test(csv__stops__when_the_handler_says_so),
		cmocka_unit_test(csv__takes__columns_as_told),
		cmocka_unit_test(csv__written__is_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
