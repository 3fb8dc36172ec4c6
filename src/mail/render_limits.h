/* render_limits.h - ceilings of what one rendered body may take. Private to src/mail. */
#ifndef CRMAIL_RENDER_LIMITS_H
#define CRMAIL_RENDER_LIMITS_H

#define RENDER_MAX_ENCODED ((size_t)20 << 20) /* bytes of one part that are read */
#define RENDER_MAX_SOURCE ((size_t)64 << 20)  /* the same decoded: at most three times */
#define RENDER_MAX_TEXT ((size_t)16 << 20)    /* bytes of rendered text */
#define RENDER_MAX_LINKS 10000                /* later ones are shown as text */
#define RENDER_MAX_RUNS 200000                /* later ones are shown unstyled */
#define RENDER_MAX_URL 8192                   /* bytes; longer ones are shown as text */
#define RENDER_MAX_BLOCKS 100000              /* the rest is one block of text */
#define RENDER_RULE "\u2500"                  /* a horizontal rule is a line of these */
#define RENDER_RULE_CELLS 24

#endif
