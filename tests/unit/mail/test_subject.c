/* test_subject.c - reply and forward prefixes. */
#include "config.h"

#include "../unit.h"

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/mail/subject.h"

static void assert_base(const char *subject, const char *want, bool want_reply, bool want_forward)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT(4096);
	bool reply, forward;
	subject_base(&got, subject, &reply, &forward);
	assert_string_equal(got.p, want);
	assert_int_equal(reply, want_reply);
	assert_int_equal(forward, want_forward);
}

static void subject_base__strips__prefixes_of_many_languages(void **state)
{
	(void)state;
	static const char *const replies[] = {"Re: ", "RE:", "re : ", "AW: ", "Antw: ", "SV: ",
		"VS: ", "Odp: ", "Vá: ", "Ynt: ", "RES: ", "R: ", "Trả lời: ", "回复: ", "回复：",
		"答复:", "Re[2]: ", "Re(3): ", "RE^4: ", "Re*5: ", "Re: AW: Re: ", "Отв: ",
		"Ответ: ", "ΑΠ: ", "رد: ", "השב: ", "返信: ", "답장: ", "회신: ", "ตอบ: "};
	static const char *const forwards[] = {"Fwd: ", "FW:", "WG: ", "TR : ", "RV: ", "ENC: ",
		"VL: ", "Doorst: ", "PD: ", "İLT: ", "转发：", "轉寄: ", "Chuyển tiếp: ",
		"Fwd: WG: ", "إعادة توجيه: ", "ส่งต่อ: ", "전달: ", "転送: ", "ΠΡΘ: ", "הועבר: "};
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		CLEANUP(buf_release) struct buf s = BUF_INIT(200);
		buf_addf(&s, "%sGrüße  an ALLE", replies[i]);
		assert_base(s.p, "grusse an alle", true, false);
	}
	for (size_t i = 0; i < ARRAY_SIZE(forwards); i++) {
		CLEANUP(buf_release) struct buf s = BUF_INIT(200);
		buf_addf(&s, "%sOffer", forwards[i]);
		assert_base(s.p, "offer", false, true);
	}
	assert_base("Re: Fwd: x", "x", true, true);
	assert_base("[Fwd: x]", "x", false, true);
	assert_base("x (fwd)", "x", false, true);
	assert_base("[list] Re: x", "[list] x", true, false);
	assert_base("Re: [list] x", "[list] x", true, false);
}

static void subject_base__keeps__the_writers_words(void **state)
{
	(void)state;
	assert_base("Regarding: x", "regarding: x", false, false);
	assert_base("Reminder: call", "reminder: call", false, false);
	assert_base("Re", "re", false, false);
	assert_base("2: x", "2: x", false, false);
	assert_base("Re[x]: y", "re[x]: y", false, false);
	assert_base("", "", false, false);
	assert_base("Re:", "", true, false);
	assert_base("[tag]", "[tag]", false, false);
	assert_base("12:30 at noon", "12:30 at noon", false, false);
}

static void assert_made(void (*make)(struct buf *, const char *), const char *in, const char *want)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT(4096);
	make(&got, in);
	assert_string_equal(got.p, want);
}

static void subject_reply__puts__one_prefix(void **state)
{
	(void)state;
	assert_made(subject_reply, "x", "Re: x");
	assert_made(subject_reply, "Re: AW: re[2]: x", "Re: x");
	assert_made(subject_reply, "Re: Fwd: Re: x", "Re: Fwd: Re: x");
	assert_made(subject_reply, "WG: x", "Re: WG: x");
	assert_made(subject_reply, "", "Re: ");
	assert_made(subject_forward, "Fwd: WG: Re: x", "Fwd: Re: x");
	assert_made(subject_forward, "x", "Fwd: x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subject_base__strips__prefixes_of_many_languages),
		cmocka_unit_test(subject_base__keeps__the_writers_words),
		cmocka_unit_test(subject_reply__puts__one_prefix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
