/* test_entry.c - names of saved secrets: where they lie, and what a keyring shows of them. */
#include "config.h"

#include <string.h>

#include "crmail/base/entry.h"
#include "crmail/base/utf8.h"
#include "tests/unit/unit.h"

#define ID "0123456789abcdef01234567"

static void entry_name__says__where_a_secret_lies(void **state)
{
	(void)state;
	char name[ENTRY_MAX];
	entry_name(name, false, "minh@ourfirm.example", ID);
	assert_string_equal(name, ID);
	assert_false(entry_is_in_keyring(name));
	entry_name(name, true, "minh@ourfirm.example", ID);
	assert_string_equal(name, "keyring:minh@ourfirm.example:" ID);
	assert_true(entry_is_in_keyring(name));
	assert_false(entry_is_in_keyring(NULL));
}

static void entry_is_copy__knows__the_same_secret_in_the_other_place(void **state)
{
	(void)state;
	assert_true(entry_is_copy("keyring:minh@ourfirm.example:" ID, ID));
	assert_true(entry_is_copy(ID, "keyring::" ID));
	assert_false(entry_is_copy(ID, ID));
	assert_false(entry_is_copy("keyring:a:" ID, "keyring:b:" ID));
	assert_false(entry_is_copy("keyring:a:" ID, "0" ID));
}

static void entry_name__cuts__what_is_too_long_at_a_whole_character(void **state)
{
	(void)state;
	char name[ENTRY_MAX], whose[2 * ENTRY_WHOSE + 2] = "x";
	for (size_t i = 1; i + 2 < sizeof whose; i += 2)
		memcpy(whose + i, "ü", 3);
	entry_name(name, true, whose, ID);
	assert_true(utf8_is_valid(name, strlen(name)));
	assert_string_equal(name + strlen(name) - strlen(ID), ID);
}

static void entry_name_elsewhere__keeps__the_id(void **state)
{
	(void)state;
	char there[ENTRY_MAX], back[ENTRY_MAX];
	entry_name_elsewhere(there, ID, "a:b@c.example");
	assert_string_equal(there, "keyring:a:b@c.example:" ID);
	entry_name_elsewhere(back, there, "a:b@c.example");
	assert_string_equal(back, ID);
}

static void entry_name_beside__lies__in_the_same_place(void **state)
{
	(void)state;
	char name[ENTRY_MAX];
	entry_name_beside(name, "keyring:Our CRM:" ID, "crm-token-1");
	assert_string_equal(name, "keyring:Our CRM:crm-token-1");
	entry_name_beside(name, ID, "crm-token-1");
	assert_string_equal(name, "crm-token-1");
	entry_name_beside(name, NULL, "crm-token-1");
	assert_string_equal(name, "crm-token-1");
}

static void check_label(const char *name, const char *want)
{
	char label[256];
	entry_label(label, sizeof label, name);
	assert_string_equal(label, want);
}

static void entry_label__says__what_it_is_and_whose(void **state)
{
	(void)state;
	check_label("keyring:a@b.example:" ID, "crmail: password of a@b.example");
	check_label("keyring:a@b.example:" ID ".refresh", "crmail: refresh token of a@b.example");
	check_label("keyring:a@b.example:" ID ".access", "crmail: access token of a@b.example");
	check_label("keyring:Our CRM:crm-token-1", "crmail: refresh token of Our CRM");
	check_label("keyring::" ID, "crmail: password");
	check_label("keyring:", "crmail: password");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entry_name__says__where_a_secret_lies),
		cmocka_unit_test(entry_is_copy__knows__the_same_secret_in_the_other_place),
		cmocka_unit_test(entry_name__cuts__what_is_too_long_at_a_whole_character),
		cmocka_unit_test(entry_name_elsewhere__keeps__the_id),
		cmocka_unit_test(entry_name_beside__lies__in_the_same_place),
		cmocka_unit_test(entry_label__says__what_it_is_and_whose),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
