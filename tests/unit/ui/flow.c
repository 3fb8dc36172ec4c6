/* flow.c - screens over the fake store: flows and scenes. */
#include "config.h"

#include "flow.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/mem.h"
#include "golden.h"

void flow_open(struct flow *f, void (*fill)(struct flow *f), int rows, int cols, const char *keys)
{
	*f = (struct flow){.store = {.n_accounts = 0}};
	fake_store_fill(&f->store);
	if (fill)
		fill(f);
	screen_open(&f->s, &f->store, rows, cols);
	if (keys)
		screen_keys(&f->s, keys);
}

void flow_close(struct flow *f)
{
	screen_close(&f->s);
	fake_store_release(&f->store);
}

void flow_shows(struct flow *f, const char *text)
{
	if (!screen_shows(&f->s, text))
		fail_msg("the screen does not say \"%s\":\n%s", text, screen_dump(&f->s));
}

void flow_turn(struct flow *f)
{
	screen_resize(&f->s, f->s.ui.grid.rows, f->s.ui.grid.cols);
}

void flow_tell(struct flow *f, struct event ev)
{
	event_post(f->s.events, &ev);
	ui_events(&f->s.ui);
	ui_turn(&f->s.ui);
}

void flow_fill_many(struct flow *f, size_t n_mail)
{
	fake_store_release(&f->store);
	fake_store_fill_many(&f->store, n_mail);
}

int flow_up(void **state)
{
	struct flow *f = xcalloc(1, sizeof(*f));

	flow_open(f, NULL, 40, 120, NULL);
	*state = f;
	return 0;
}

int flow_down(void **state)
{
	flow_close(*state);
	free(*state);
	return 0;
}

/* ---- scenes ---------------------------------------------------------------------------------- */

struct scene_test {
	const struct scene_set *set;
	const struct scene *scene; /* or */
	const struct scene_flow *flow;
	char name[96];
};

static void check_at(const struct scene_test *t, struct golden_size size)
{
	const struct scene *scene = t->scene;
	struct flow f = {.store = {.n_accounts = 0}};

	fake_store_fill(&f.store);
	if (t->set->fill)
		t->set->fill(&f);
	if (scene->fill)
		scene->fill(&f);
	screen_open(&f.s, &f.store, size.rows, size.cols);
	if (t->set->opened)
		t->set->opened(&f);
	if (scene->keys)
		screen_keys(&f.s, scene->keys);
	if (scene->play)
		scene->play(&f);
	golden_check(scene->name, &f.s, scene->says);
	if (t->set->closing)
		t->set->closing(&f);
	flow_close(&f);
}

static void scene_is_the_golden(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(golden_sizes); i++)
		check_at(*state, golden_sizes[i]);
}

static void flow_goes_well(void **state)
{
	const struct scene_test *t = *state;
	struct flow f;

	flow_open(&f, t->set->fill, 24, 80, NULL);
	if (t->set->opened)
		t->set->opened(&f);
	t->flow->test(&f);
	if (t->set->closing)
		t->set->closing(&f);
	flow_close(&f);
}

int scene_run(const struct scene_set *set)
{
	size_t n = set->n_scenes + set->n_flows;
	struct CMUnitTest *tests = xcalloc(n, sizeof(*tests));
	struct scene_test *v = xcalloc(n, sizeof(*v));
	int failed;

	flow_set_locale();
	for (size_t i = 0; i < n; i++) {
		v[i].set = set;
		if (i < set->n_scenes) {
			v[i].scene = &set->scenes[i];
			snprintf(v[i].name, sizeof(v[i].name), "scene__is_the_golden__%s",
				v[i].scene->name);
		} else {
			v[i].flow = &set->flows[i - set->n_scenes];
			snprintf(v[i].name, sizeof(v[i].name), "%s", v[i].flow->name);
		}
		tests[i] = (struct CMUnitTest){.name = v[i].name,
			.test_func = v[i].scene ? scene_is_the_golden : flow_goes_well,
			.initial_state = &v[i]};
	}
	failed = _cmocka_run_group_tests(set->name, tests, n, NULL, NULL);
	free(tests);
	free(v);
	return failed;
}

void flow_set_locale(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
}
