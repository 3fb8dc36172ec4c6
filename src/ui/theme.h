/*
 * theme.h - how a meaning looks: terminal colours and weights for enum style. Colours are the
 * terminal's own sixteen, so that every palette, light or dark, is inherited; with NO_COLOR or a
 * terminal without colours only weights are used. Pure; UI thread.
 */
#ifndef CRMAIL_UI_THEME_H
#define CRMAIL_UI_THEME_H

#include <stdbool.h>

struct theme {
	bool has_color;
	bool is_light; /* dark text on a light background */
};

struct look {
	int color; /* 0-15, or -1: the terminal's own */
	bool bold, dim, underline, reverse;
};

/* From the environment's words (NULL = not set): NO_COLOR, COLORFGBG ("0;15"); colors is what the
 * terminal can show. */
struct theme theme_choose(const char *no_color, const char *colorfgbg, int colors);
struct look theme_look(const struct theme *t, unsigned style);

#endif
