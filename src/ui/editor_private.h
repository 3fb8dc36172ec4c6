/* editor_private.h - between editor.c (text) and editor_show.c (screen lines). */
#ifndef CRMAIL_UI_EDITOR_PRIVATE_H
#define CRMAIL_UI_EDITOR_PRIVATE_H

#include "editor.h"

void editor_rewrap(struct editor *e); /* lines anew, at the width asked for last */
/* The lines again after `n` bytes at `at` gave way to `len`: only as far as they differ. */
void editor_rewrap_part(struct editor *e, size_t at, size_t n, size_t len);
size_t editor_line_of(const struct editor *e, size_t at); /* screen line of an offset */
int editor_col_of(const struct editor *e, size_t at);
size_t editor_offset_at(const struct editor *e, size_t line, int col);

#endif
