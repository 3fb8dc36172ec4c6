/* motion.c - up, down, pages, ends; the window follows the cursor. */
#include "config.h"

#include "motion.h"

static size_t minus(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

bool motion_move(struct motion *m, enum action act, size_t page)
{
	size_t last = minus(m->n, 1);
	size_t half = page / 2 > 0 ? page / 2 : 1;

	switch ((int)act) {
	case ACTION_DOWN:
		m->sel++;
		break;
	case ACTION_UP:
		m->sel = minus(m->sel, 1);
		break;
	case ACTION_PAGE_DOWN:
		m->sel += page;
		break;
	case ACTION_PAGE_UP:
		m->sel = minus(m->sel, page);
		break;
	case ACTION_HALF_DOWN:
		m->sel += half;
		break;
	case ACTION_HALF_UP:
		m->sel = minus(m->sel, half);
		break;
	case ACTION_TOP:
		m->sel = 0;
		break;
	case ACTION_BOTTOM:
		m->sel = last;
		break;
	default:
		return false;
	}
	if (m->sel > last)
		m->sel = last;
	return true;
}

void motion_settle(struct motion *m, size_t page)
{
	size_t last = minus(m->n, 1);

	page = page > 0 ? page : 1;
	if (m->sel > last)
		m->sel = last;
	if (m->sel < m->top)
		m->top = m->sel;
	if (m->sel >= m->top + page)
		m->top = m->sel - page + 1;
	if (m->top + page > m->n) /* no empty lines below while rows are above */
		m->top = minus(m->n, page);
}
