/* theme.c - the table of meanings and their looks. Talks to no terminal. */
#include "config.h"

#include "theme.h"

#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/str.h"
#include "draw.h"

/* Readable on both: light yellow and cyan vanish on white, dark blue on black. */
static const struct {
	int dark, light;
} colors_of[] = {
	[STYLE_NORMAL] = {-1, -1},
	[STYLE_ACCENT] = {6, 4},
	[STYLE_KNOWN] = {2, 2},
	[STYLE_WAITING] = {3, 5},
	[STYLE_FAILED] = {1, 1},
	[STYLE_QUOTE] = {-1, -1},
};

struct theme theme_choose(const char *no_color, const char *colorfgbg, int colors)
{
	struct theme t = {.has_color = colors >= 8 && !(no_color && *no_color)};
	const char *last = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
	int64_t bg;

	if (last && str_to_i64(last + 1, 0, 255, &bg))
		t.is_light = bg == 7 || bg == 15;
	return t;
}

struct look theme_look(const struct theme *t, unsigned style)
{
	unsigned meaning = style & STYLE_MEANING;
	struct look l = {
		.color = -1,
		.bold = (style & STYLE_BOLD) != 0,
		.dim = (style & STYLE_DIM) != 0 || meaning == STYLE_QUOTE,
		.underline = (style & STYLE_UNDERLINE) != 0,
		.reverse = (style & (STYLE_SELECTED | STYLE_MARKED)) != 0,
	};

	if (t->has_color && meaning < ARRAY_SIZE(colors_of))
		l.color = t->is_light ? colors_of[meaning].light : colors_of[meaning].dark;
	if (!t->has_color && (meaning == STYLE_FAILED || meaning == STYLE_WAITING))
		l.bold = true;
	if (l.reverse)
		l.dim = false; /* dim on reversed video is unreadable on many terminals */
	return l;
}
