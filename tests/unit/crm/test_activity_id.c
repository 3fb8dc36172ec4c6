/* test_activity_id.c - the id two colleagues' machines must agree on; vectors from Python's
 * uuid. */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/crm/activity_id.h"
#include "tests/unit/unit.h"

static const char FROM[] = "Laura <l@x.example>";
static const char DATE[] = "Sat, 21 Nov 2026 10:00:00 +0000";
static const char SUBJECT[] = "Grüße";

static void mail_id(struct buf *out, const char *message_id)
{
	activity_mail_id(out, span_of(message_id), span_of(FROM), span_of(DATE), span_of(SUBJECT));
}

static void activity_id__drops_brackets__keeps_the_rest_as_written(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf id = BUF_INIT(1000);
	mail_id(&id, " <A.1@X.example> ");
	assert_string_equal(id.p, "A.1@X.example");
}

static void activity_id__equals_uuid5__with_a_message_id(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf id = BUF_INIT(1000);
	char out[37];
	mail_id(&id, "<a.1@x.example>");
	activity_id(out, "org-1", id.p, "contact", "C00001");
	assert_string_equal(out, "9af0584e-b847-564a-b6f6-e36082fd13a1");
}

static void activity_id__uses_a_digest__without_a_message_id(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf id = BUF_INIT(1000);
	char out[37];
	mail_id(&id, "");
	assert_string_equal(id.p, "sha256:4557fbeb39131b1af5261fd7a96af24b"
				  "a2c83724eb83dba3502982a3c2f9ee71");
	activity_id(out, "org-1", id.p, "partner", "P1");
	assert_string_equal(out, "bd5c5f4d-8cf5-5638-97cd-59ab5364f2cd");
}

static void activity_id__differs_by_target(void **state)
{
	(void)state;
	char a[37];
	char b[37];
	activity_id(a, "org-1", "a.1@x.example", "contact", "C00001");
	activity_id(b, "org-1", "a.1@x.example", "contact", "C00002");
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(activity_id__drops_brackets__keeps_the_rest_as_written),
		cmocka_unit_test(activity_id__equals_uuid5__with_a_message_id),
		cmocka_unit_test(activity_id__uses_a_digest__without_a_message_id),
		cmocka_unit_test(activity_id__differs_by_target),
	};
	return cmocka_run_group_tests_name("crm/activity_id", tests, NULL, NULL);
}
