/* golden.c - golden screens: tests/golden/NAME-COLSxROWS.txt. */
#include "config.h"

#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "screen.h"
#include "tests/unit/unit.h"

const struct golden_size golden_sizes[3] = {{24, 80}, {40, 120}, {50, 200}};

static char *golden_path(const char *name, const struct screen *s)
{
	char file[256];
	const char *dir = getenv("CRMAIL_SRCDIR");

	snprintf(file, sizeof(file), "tests/golden/%s-%dx%d.txt", name, s->ui.grid.cols,
		s->ui.grid.rows);
	return fsx_join(dir ? dir : ".", file);
}

void golden_check(const char *name, struct screen *s, const char *const *says)
{
	CLEANUP(buf_release) struct buf want = BUF_INIT(1 << 20);
	char *path = golden_path(name, s);
	struct err e = ERR_INIT;
	const char *got;

	for (const char *const *text = says; *text; text++)
		if (!screen_shows(s, *text))
			fail_msg("%s at %dx%d does not say \"%s\":\n%s", name, s->ui.grid.cols,
				s->ui.grid.rows, *text, screen_dump(s));
	got = screen_dump(s);
	if (getenv("GENERATE"))
		assert_int_equal(fsx_write_file(path, got, strlen(got), false, &e), 0);
	if (fsx_read_file(path, &want, &e))
		fail_msg("%s: %s", path, e.msg);
	if (strcmp(want.p, got) != 0)
		fail_msg("%s is not the golden; the screen is:\n%s", path, got);
	free(path);
}
