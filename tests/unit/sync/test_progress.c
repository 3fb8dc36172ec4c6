/* test_progress.c - the line about the first download. */
#include "config.h"

#include <string.h>

#include "src/sync/progress.h"
#include "tests/unit/unit.h"

static void says(const struct progress *p, const char *want)
{
	char line[256];
	assert_true(progress_line(p, line, sizeof line));
	assert_string_equal(line, want);
}

static void progress__says_nothing__when_nothing_runs(void **state)
{
	(void)state;
	struct progress p = {.n = 0};
	char line[256];
	assert_false(progress_line(&p, line, sizeof line));
	progress_note(&p, 1000, 5, 5);
	assert_false(progress_line(&p, line, sizeof line));
	progress_note(&p, 2000, 0, 0);
	assert_false(progress_line(&p, line, sizeof line));
}

static void progress__leaves_out__a_speed_it_does_not_know(void **state)
{
	(void)state;
	struct progress p = {.n = 0};
	progress_note(&p, 1000, 0, 20000);
	says(&p, "Fetching mail: 0 of 20,000");
	progress_note(&p, 2500, 100, 20000);
	says(&p, "Fetching mail: 100 of 20,000");
}

static void progress__says__speed_and_time_left(void **state)
{
	(void)state;
	struct progress p = {.n = 0};
	progress_note(&p, 1000, 0, 20000);
	progress_note(&p, 11000, 1000, 20000);
	says(&p, "Fetching mail: 1,000 of 20,000 · 100 a second · 4 min left");
	progress_note(&p, 191000, 19500, 20000);
	says(&p, "Fetching mail: 19,500 of 20,000 · 102 a second · less than a minute left");
}

static void progress__counts__slow_ones_in_hours(void **state)
{
	(void)state;
	struct progress p = {.n = 0};
	progress_note(&p, 0, 0, 10000);
	progress_note(&p, 10000, 5, 10000);
	says(&p, "Fetching mail: 5 of 10,000 · 6 h left");
	progress_note(&p, 20000, 5, 10000);
	progress_note(&p, 40000000, 5, 10000);
	for (int i = 0; i < PROGRESS_SAMPLES; i++)
		progress_note(&p, 50000000 + i * 1000, 5, 10000);
	says(&p, "Fetching mail: 5 of 10,000");
}

static void progress__starts_anew__with_the_next_download(void **state)
{
	(void)state;
	struct progress p = {.n = 0};
	progress_note(&p, 1000, 0, 100);
	progress_note(&p, 11000, 90, 100);
	progress_note(&p, 12000, 0, 0);
	progress_note(&p, 13000, 0, 2000);
	says(&p, "Fetching mail: 0 of 2,000");
}

/* The last seconds count, not the whole download. */
static void progress__follows__a_change_of_speed(void **state)
{
	(void)state;
	struct progress p = {.n = 0};
	for (int i = 0; i <= 20; i++)
		progress_note(&p, i * 1000, i * 1000, 1000000);
	for (int i = 1; i <= PROGRESS_SAMPLES; i++)
		progress_note(&p, 20000 + i * 1000, 20000 + i * 10, 1000000);
	says(&p, "Fetching mail: 20,160 of 1,000,000 · 10 a second · 28 h left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress__says_nothing__when_nothing_runs),
		cmocka_unit_test(progress__leaves_out__a_speed_it_does_not_know),
		cmocka_unit_test(progress__says__speed_and_time_left),
		cmocka_unit_test(progress__counts__slow_ones_in_hours),
		cmocka_unit_test(progress__starts_anew__with_the_next_download),
		cmocka_unit_test(progress__follows__a_change_of_speed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
