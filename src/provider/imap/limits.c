/*
 * limits.c - refuses server answers that libetpan's parser cannot survive: deep nesting, endless
 * lines, absurd literals. It follows strings and literals, nothing more of the grammar.
 */
#include "config.h"

#include "session.h"

enum limits_state { IN_LINE, IN_QUOTED, AFTER_BACKSLASH, IN_COUNT, AFTER_COUNT };

static bool in_line(struct imap_limits *l, char c)
{
	switch (c) {
	case '"':
		l->state = IN_QUOTED;
		break;
	case '{':
		l->state = IN_COUNT;
		l->number = 0;
		break;
	case '(':
	case '[':
		return ++l->depth <= IMAP_MAX_NESTING;
	case ')':
	case ']':
		if (l->depth)
			l->depth--;
		break;
	case '\n':
		l->depth = 0;
		l->line = 0;
		break;
	default:
		break;
	}
	return true;
}

/* "{123}" or the "{123+}" and "~{123}" of extensions; anything else was plain text. */
static bool in_count(struct imap_limits *l, char c)
{
	if (c >= '0' && c <= '9') {
		l->number = l->number * 10 + (uint64_t)(c - '0');
		return l->number <= IMAP_MAX_LITERAL;
	}
	if (c == '}') {
		l->state = AFTER_COUNT;
		return true;
	}
	if (c == '+')
		return true;
	l->state = IN_LINE;
	return in_line(l, c);
}

static bool feed_one(struct imap_limits *l, char c)
{
	if (++l->line > IMAP_MAX_LINE)
		return false;
	switch ((enum limits_state)l->state) {
	case IN_LINE:
		return in_line(l, c);
	case IN_QUOTED:
		if (c == '\\')
			l->state = AFTER_BACKSLASH;
		else if (c == '"')
			l->state = IN_LINE;
		else if (c == '\n') { /* free text held a lone quote */
			l->state = IN_LINE;
			return in_line(l, c);
		}
		return true;
	case AFTER_BACKSLASH:
		l->state = IN_QUOTED;
		return true;
	case IN_COUNT:
		return in_count(l, c);
	case AFTER_COUNT:
		if (c == '\r')
			return true;
		l->state = IN_LINE;
		if (c == '\n') {
			l->literal_left = l->number; /* the line goes on behind it: depth stays */
			return true;
		}
		return in_line(l, c);
	}
	return false;
}

bool imap_limits_feed(struct imap_limits *l, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (l->literal_left) {
			uint64_t take = n - i < l->literal_left ? n - i : l->literal_left;
			l->literal_left -= take;
			i += (size_t)take - 1;
		} else if (!feed_one(l, p[i])) {
			return false;
		}
	}
	return true;
}
