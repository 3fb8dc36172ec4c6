/* test_signature.c - who wrote a mail, from its From field and the end of its text. */
#include "config.h"

#include "../unit.h"

#include <locale.h>

#include "crmail/base/arena.h"
#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/signature.h"

struct signature_case {
	const char *name, *addr, *reply_to; /* NULL = none */
	const char *text;
	const char *first, *last, *title, *company;
	const char *phones, *addrs; /* joined by " | "; NULL = none */
	const char *host;
};

static const struct signature_case cases[] = {
	/* English, with the separator of RFC 3676. */
	{"Laura Palmer", "laura@dafaneto.vn.example", NULL,
		"Hello,\n\nsee you at 10.\n\n-- \nLaura Palmer\nHead of Procurement\nDafaneto\n"
		"12 Quay Street, 10115 Berlin\nT +49 30 1234 567 | M: +49 (0)171 2345678\n"
		"Fax +49 30 1234 568\nwww.dafaneto.vn.example | l.palmer@home.example\n",
		"Laura", "Palmer", "Head of Procurement", "Dafaneto",
		"+49 30 1234 567 | +49 (0)171 2345678", "l.palmer@home.example",
		"dafaneto.vn.example"},
	/* Job and company on one line, after a closing phrase alone. */
	{"Denis Brown", "d.brown@tolabe.example", NULL,
		"I will call you on 2 May.\n\nBest regards,\nDenis Brown\n"
		"Sales Manager at Tolabe Trading Ltd.\nPhone: 020 7946 0123\n",
		"Denis", "Brown", "Sales Manager", "Tolabe Trading Ltd.", "020 7946 0123", NULL,
		NULL},
	/* Everything on the line of the name. */
	{"Ann Lee", "ann@mibo.example", NULL,
		"Yes.\n\n-- \nAnn Lee, Chief Buyer, Mibo | +44 20 7946 0999\n", "Ann", "Lee",
		"Chief Buyer", "Mibo", "+44 20 7946 0999", NULL, NULL},
	/* German: turned name, register and bank numbers, dates that are no phones. */
	{"Krüger, Björn", "bjoern.krueger@tolabe.example", NULL,
		"Guten Tag,\n\nTermin ist der 01.02.2027.\n\nMit freundlichen Grüßen\n\n"
		"i. A. Björn Krüger\nVertriebsleiter\n\nTolabe GmbH & Co. KG\n"
		"Tel.: 030 / 123 45-67\nTelefax: 030 / 123 45-68\nHRB 1234567\n"
		"IBAN DE89 3704 0044 0532 0130 00\nUSt-IdNr. DE123456789\n",
		"Björn", "Krüger", "Vertriebsleiter", "Tolabe GmbH & Co. KG", "030 / 123 45-67",
		NULL, NULL},
	{"Dr. Anna von der Heide", "avdh@mail.test", NULL, "Danke\n", "Anna", "von der Heide", NULL,
		NULL, NULL, NULL, NULL},
	/* Vietnamese, family name in front and behind. */
	{"Nguyễn Văn An", "an.nguyen@lebo.example", NULL,
		"Chào anh,\n\nTrân trọng,\nNguyễn Văn An\nTrưởng phòng Mua hàng\n"
		"Công ty TNHH Lebo\nĐT: 024 3825 1234 – DĐ: 0912.345.678\n",
		"Văn An", "Nguyễn", "Trưởng phòng Mua hàng", "Công ty TNHH Lebo",
		"024 3825 1234 | 0912.345.678", NULL, NULL},
	{"Minh Nguyễn", "minh@lebo.example", NULL, "OK\n", "Minh", "Nguyễn", NULL, NULL, NULL, NULL,
		NULL},
	{"Lê Thị Hoa", "hoa@lebo.example", NULL, "OK\n", "Thị Hoa", "Lê", NULL, NULL, NULL, NULL,
		NULL},
	/* French. */
	{"DUPONT Marie", "marie.dupont@société.example", NULL,
		"Bonjour,\n\nBien cordialement,\n\nMarie DUPONT\nResponsable des achats\n"
		"Société Exemple SAS\nTél. : 01 23 45 67 89\nPortable : 06 12 34 56 78\n",
		"Marie", "DUPONT", "Responsable des achats", "Société Exemple SAS",
		"01 23 45 67 89 | 06 12 34 56 78", NULL, NULL},
	/* Chinese, Japanese, Korean in their own writing. */
	{"王小明", "wang@firma.example", NULL,
		"您好\n\n-- \n王小明\n采购经理\n示例贸易有限公司\n电话：+86 10 1234 5678\n", "小明",
		"王", "采购经理", "示例贸易有限公司", "+86 10 1234 5678", NULL, NULL},
	{"欧阳小明", "o@firma.example", NULL, "", "小明", "欧阳", NULL, NULL, NULL, NULL, NULL},
	{"山田 太郎", "yamada@firma.example", NULL,
		"お世話になっております。\n\n-- \n例示株式会社\n営業部長 山田 太郎\n", "太郎",
		"山田", "営業部長", "例示株式会社", NULL, NULL, NULL},
	{"김민수", "kim@firma.example", NULL, "", "민수", "김", NULL, NULL, NULL, NULL, NULL},
	/* No name in From: the address, the signature, Reply-To. */
	{NULL, "laura.palmer@dafaneto.example", NULL, "Hi\n", "Laura", "Palmer", NULL, NULL, NULL,
		NULL, NULL},
	{NULL, "lp77@dafaneto.example", NULL, "Hi\n\nRegards\nLaura Palmer\nBuyer\n", "Laura",
		"Palmer", "Buyer", NULL, NULL, NULL, NULL},
	{NULL, "office@dafaneto.example", NULL, "Hi\n", NULL, NULL, NULL, NULL, NULL, NULL, NULL},
	{"Dafaneto GmbH", "office@dafaneto.example", "laura@dafaneto.example", "Hi\n", NULL, NULL,
		NULL, "Dafaneto GmbH", NULL, "laura@dafaneto.example", NULL},
	{"laura@dafaneto.example", "laura@dafaneto.example", NULL, "Hi\n", NULL, NULL, NULL, NULL,
		NULL, NULL, NULL},
	{"Laura Palmer (Dafaneto)", "laura@dafaneto.example", NULL, "", "Laura", "Palmer", NULL,
		NULL, NULL, NULL, NULL},
	/* What others wrote is not the writer's. */
	{"Laura Palmer", "laura@dafaneto.example", NULL,
		"Yes.\n\nOn Mon, 2 Nov 2026, Bob wrote:\n> No.\n> -- \n> Bob\n> Chief Buyer\n"
		"> +44 20 7946 0000\n",
		"Laura", "Palmer", NULL, NULL, NULL, NULL, NULL},
	{"Ada Novak", "ada@acme.example", NULL,
		"Hello,\n\n-- \nAda Novak\nAcme, Operations\n+43 1 555 7788\n", "Ada", "Novak",
		"Operations", "Acme", "+43 1 555 7788", NULL, NULL},
	{"Ada Novak", "ada@acme.example", NULL, "-- \nAda Novak\nBuyer\nAcme Tools, Inc.\n", "Ada",
		"Novak", "Buyer", "Acme Tools, Inc.", NULL, NULL, NULL},
	/* The title need not be one that is known; a slogan further down is none. */
	{"Laura Palmer", "laura@dafaneto.example", NULL,
		"-- \nLaura Palmer\nQuality and Test\nDafaneto - better by design\n"
		"https://www.linkedin.com/in/x\nhttps://dafaneto.example/team?x=1\n",
		"Laura", "Palmer", "Quality and Test", "Dafaneto", NULL, NULL, "dafaneto.example"},
};

static void read_case(struct arena *a, const struct signature_case *c, struct signature *out)
{
	struct signature_in in = {.from = {c->name, c->addr}, .reply_to = {NULL, c->reply_to}};
	struct render_doc doc;

	render_plain(a, c->text, strlen(c->text), &doc);
	in.blocks = doc.blocks;
	in.n_blocks = doc.n_blocks;
	signature_read(a, &in, out);
}

static void assert_text(size_t i, const char *what, const char *got, const char *want)
{
	if ((got == NULL) != (want == NULL) || (got && strcmp(got, want) != 0))
		fail_msg("case %zu (%s): %s is \"%s\", not \"%s\"", i,
			cases[i].name ? cases[i].name : cases[i].addr, what, got ? got : "(none)",
			want ? want : "(none)");
}

static void assert_list(size_t i, const char *what, const char *const *v, size_t n,
	const char *want)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1000);

	for (size_t k = 0; k < n; k++)
		buf_addf(&b, "%s%s", k ? " | " : "", v[k]);
	assert_text(i, what, n ? b.p : NULL, want);
}

static void signature__tells__who_wrote(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct signature s;

		read_case(&a, &cases[i], &s);
		assert_text(i, "first name", s.first_name, cases[i].first);
		assert_text(i, "last name", s.last_name, cases[i].last);
		assert_text(i, "title", s.title, cases[i].title);
		assert_text(i, "company", s.company, cases[i].company);
		assert_list(i, "phones", s.phones, s.n_phones, cases[i].phones);
		assert_list(i, "addresses", s.addrs, s.n_addrs, cases[i].addrs);
		assert_text(i, "host", s.host, cases[i].host);
	}
}

static const struct {
	const char *name, *first, *last;
} names[] = {
	{"Laura Palmer", "Laura", "Palmer"},
	{"Laura", "Laura", NULL},
	{"Mr. John Q. Public, PhD", "John Q.", "Public"},
	{"Prof. Dr. Eva Maria Muster", "Eva Maria", "Muster"},
	{"van der Berg, Jan", "Jan", "van der Berg"},
	{"Jan van der Berg", "Jan", "van der Berg"},
	{"Юлия Смирнова", "Юлия", "Смирнова"},
	{"LAURA PALMER", "LAURA", "PALMER"},
	{"Trần Hưng Đạo", "Hưng Đạo", "Trần"},
	{"Hoa Le", "Hoa", "Le"},
	{"司马相如", "相如", "司马"},
	{"さくら", NULL, "さくら"},
	{"", NULL, NULL},
	{"  ,  ", NULL, NULL},
};

static void name__is_split__by_the_order_it_is_written_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const char *first, *last;

		signature_split_name(&a, names[i].name, &first, &last);
		if ((first == NULL) != (names[i].first == NULL) ||
			(last == NULL) != (names[i].last == NULL) ||
			(first && strcmp(first, names[i].first) != 0) ||
			(last && strcmp(last, names[i].last) != 0))
			fail_msg("%s: \"%s\", \"%s\"", names[i].name, first ? first : "(none)",
				last ? last : "(none)");
	}
}

/* A million lines that each look like the beginning of something cost no more than a few. */
static void signature__stays_small__whatever_the_text(void **state)
{
	static const char *const lines[] = {"+49 30 1234567 ", "a@b.example ", "www.a.example|",
		"((((((((((", "Best regards\n", "-- \n", "Manager, ", "\xC2\xB7"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT, mine = ARENA_INIT;
		CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
		struct signature_in in = {.from = {"Laura Palmer", "laura@dafaneto.example"}};
		struct render_block block = {.kind = BLOCK_SIGNATURE};
		struct signature s;

		for (size_t k = 0; k < 200000; k++)
			buf_addstr(&b, lines[i]);
		block.text = (struct span){b.p, b.len};
		in.blocks = &block;
		in.n_blocks = 1;
		for (int kind = 0; kind < 2; kind++) {
			block.kind = kind ? BLOCK_TEXT : BLOCK_SIGNATURE;
			signature_read(&mine, &in, &s);
			assert_true(mine.used < 1 << 18);
			assert_string_equal(s.last_name, "Palmer");
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signature__tells__who_wrote),
		cmocka_unit_test(name__is_split__by_the_order_it_is_written_in),
		cmocka_unit_test(signature__stays_small__whatever_the_text),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
