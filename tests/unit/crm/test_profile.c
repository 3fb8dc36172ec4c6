/* test_profile.c - what loads, and the sentence and place for what does not. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/crm/profile.h"
#include "crmail/crm/write.h"
#include "tests/unit/unit.h"

static void refuse(const char *json, const char *what, const char *where)
{
	struct crm_profile *p = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(crm_profile_parse("t", json, strlen(json), &p, &e), -1);
	assert_null(p);
	if (!strstr(e.msg, what) || !strstr(e.msg, where))
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", e.msg, what, where);
}

#define HEAD "{\"schema\":1,\"name\":\"t\",\"title\":\"T\","
#define AUTH "\"auth\":{\"type\":\"none\"}"
#define LIST_HEAD HEAD AUTH ",\"base_url\":\"{{config.url}}\",\"objects\":{\"contact\":{\"list\":{"
#define MAP "\"map\":{\"id\":\"/i\",\"updated\":\"/u\",\"emails\":\"/e\"}"

#define OBJECT LIST_HEAD "\"request\":{\"path\":\"/c\"},\"records\":\"\",\"page_size\":5}," MAP

static void profile__loads_the_shipped_ones(void **state)
{
	(void)state;
	static const char *const names[] = {"local", "supabase"};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *path = arena_printf(&a, "%s/share/crmail/crm/%s.json",
			getenv("CRMAIL_SRCDIR"), names[i]);
		struct crm_profile *p = NULL;
		struct err e = ERR_INIT;
		if (crm_profile_load(path, &p, &e))
			fail_msg("%s", e.msg);
		assert_string_equal(crm_profile_name(p), names[i]);
		assert_int_equal(crm_profile_is_remote(p), i == 1);
		crm_profile_free(p);
	}
}

static void profile__without_a_remote__can_write_everything_but_users(void **state)
{
	(void)state;
	static const char json[] = HEAD AUTH "}";
	struct crm_profile *p = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(crm_profile_parse("t", json, sizeof(json) - 1, &p, &e), 0);
	for (int o = 0; o < CRM_OBJECT_COUNT; o++)
		for (int v = 0; v < CRM_VERB_COUNT; v++)
			assert_int_equal(!!(crm_profile_abilities(p) & CRM_ABILITY(o, v)),
				o != CRM_USER);
	assert_true(crm_profile_can_write(p, CRM_CONTACT, CRM_UPDATE, "phone"));
	assert_false(crm_profile_can_write(p, CRM_CONTACT, CRM_UPDATE, "stage"));
	crm_profile_free(p);
}

static void profile__refuses_unknown_keys__with_their_place(void **state)
{
	(void)state;
	refuse(HEAD AUTH ",\"foo\":1}", "unknown key \"foo\"", "(at /)");
	refuse(LIST_HEAD "\"request\":{\"path\":\"/c\",\"verb\":\"GET\"}}}}}", "\"verb\"",
		"/objects/contact/list/request");
	refuse(HEAD AUTH ",\"auth\":{\"type\":\"none\"}}", "twice", "(at /)");
}

static void profile__refuses_missing_and_mistyped(void **state)
{
	(void)state;
	refuse("{\"schema\":2,\"name\":\"t\",\"title\":\"T\"," AUTH "}", "1 to 1", "/schema");
	refuse(HEAD "\"auth\":{\"type\":\"magic\"}}", "none header login", "/auth/type");
	refuse("{\"schema\":1,\"title\":\"T\"," AUTH "}", "\"name\" is missing", "(at /)");
	refuse(HEAD "\"auth\":{\"type\":\"login\"}}", "\"token\"", "/auth");
	refuse("[]", "object", "(at /)");
	refuse("{", "JSON", "t");
	refuse(LIST_HEAD "\"request\":{\"path\":\"/c\"},\"records\":\"x\",\"page_size\":5}," MAP
			 "}}}",
		"pointer", "/objects/contact/list/records");
	refuse(LIST_HEAD "\"request\":{\"path\":\"/c\"},\"records\":\"\",\"page_size\":0}," MAP
			 "}}}",
		"1 to 1000", "page_size");
	refuse(HEAD AUTH ",\"log\":{\"steps\":[],\"find\":{\"request\":{},\"found\":\"\"}}}",
		"1 to 8", "/log/steps");
	refuse(OBJECT ",\"update\":{\"steps\":[{\"request\":{},\"capture\":{\"crm_id\":\"\"}}]}}}}",
		"\"read\"", "/objects/contact");
	refuse(OBJECT ",\"read\":{\"request\":{},\"record\":\"\"},\"update\":{\"steps\":[{"
		      "\"request\":{}}]}}}}",
		"\"crm_id\"", "/objects/contact");
	refuse(OBJECT ",\"create\":{\"steps\":[{\"request\":{}}]}}}}", "\"find\" is missing",
		"/objects/contact/create");
	refuse(OBJECT ",\"delete\":{\"steps\":[{\"request\":{\"method\":\"ERASE\"}}]}}}}",
		"GET POST PUT PATCH DELETE", "/objects/contact/delete/steps/0/request/method");
}

static void profile__refuses_wrong_templates(void **state)
{
	(void)state;
	refuse(LIST_HEAD "\"request\":{\"path\":\"/{{nope}}\"}}}}}", "\"nope\"",
		"/objects/contact/list/request/path");
	refuse(LIST_HEAD "\"request\":{\"body\":{\"a\":[\"{{secret.key}}\"]}}}}}}", "secret.key",
		"/request/body");
	refuse(LIST_HEAD "\"request\":{\"query\":{\"q\":\"{{since|soql}}\"}}}}}}", "soql",
		"/query/q");
}

static void profile__refuses_deep_bodies(void **state)
{
	(void)state;
	char json[4096] = LIST_HEAD "\"request\":{\"body\":";
	for (int i = 0; i < 100; i++)
		memcpy(json + strlen(json), "[", 2);
	for (int i = 0; i < 100; i++)
		memcpy(json + strlen(json), "]", 2);
	memcpy(json + strlen(json), "}}}}}", 6);
	refuse(json, "deep", "/request/body");
}

static void profile__names_its_keys(void **state)
{
	(void)state;
	static const char json[] = HEAD AUTH ",\"config\":{\"a\":{\"required\":true}},"
					     "\"secrets\":{\"k\":{\"label\":\"Key\"}}}";
	struct crm_profile *p = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(crm_profile_parse("t", json, sizeof(json) - 1, &p, &e), 0);
	struct crm_profile_key k;
	assert_true(crm_profile_key_at(p, 0, &k) && k.is_required && !k.is_secret);
	assert_true(crm_profile_key_at(p, 1, &k) && !k.is_required && k.is_secret);
	assert_string_equal(k.label, "Key");
	assert_false(crm_profile_key_at(p, 2, &k));
	assert_string_equal(crm_profile_first_secret(p), "k");
	crm_profile_free(p);
}

static void profile__never_log__is_one_list(void **state)
{
	(void)state;
	static const char json[] = HEAD AUTH ",\"never_log\":[\"@board.test\",\"ann@x.test\"]}";
	static const char none[] = HEAD AUTH "}";
	struct arena a = ARENA_INIT;
	struct crm_profile *p = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(crm_profile_parse("t", json, sizeof(json) - 1, &p, &e), 0);
	assert_string_equal(crm_profile_never_log(p, &a), "@board.test ann@x.test");
	crm_profile_free(p);
	assert_int_equal(crm_profile_parse("t", none, sizeof(none) - 1, &p, &e), 0);
	assert_null(crm_profile_never_log(p, &a));
	crm_profile_free(p);
	arena_release(&a);
	refuse(HEAD AUTH ",\"never_log\":[]}", "1 to 1000", "/never_log");
	refuse(HEAD AUTH ",\"never_log\":[1]}", "a string", "/never_log/0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profile__loads_the_shipped_ones),
		cmocka_unit_test(profile__without_a_remote__can_write_everything_but_users),
		cmocka_unit_test(profile__refuses_unknown_keys__with_their_place),
		cmocka_unit_test(profile__refuses_missing_and_mistyped),
		cmocka_unit_test(profile__refuses_wrong_templates),
		cmocka_unit_test(profile__refuses_deep_bodies),
		cmocka_unit_test(profile__names_its_keys),
		cmocka_unit_test(profile__never_log__is_one_list),
	};
	return cmocka_run_group_tests_name("crm/profile", tests, NULL, NULL);
}
