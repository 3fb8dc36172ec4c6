/* signature_words.h - the words that tell what a line of a signature is. All are folded as
 * fold_plain() does, so that case, accents and full width do not matter. Private to src/mail. */
#ifndef CRMAIL_MAIL_SIGNATURE_WORDS_H
#define CRMAIL_MAIL_SIGNATURE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum phone_label { PHONE_NO_LABEL, PHONE_VOICE, PHONE_FAX };

/* The line ends a letter: "best regards", "mit freundlichen grussen". */
bool signature_is_closing(const char *line);
/* Somewhere in it stands a word of a job. */
bool signature_is_title(const char *piece);
/* Somewhere in it stands a word of a company's legal form. */
bool signature_is_company(const char *piece);
/* The word in front of a number. */
enum phone_label signature_phone_label(const char *word);
bool signature_is_honorific(const char *word); /* "dr.", "frau" */
bool signature_is_particle(const char *word);  /* "von", "de": begins a last name */
/* has_accents: the name is written with any, so that short words count too. */
bool signature_is_vietnamese_family(const char *word, bool has_accents);
/* Two Han characters that are one family name. */
bool signature_is_double_family(const char *two);
bool signature_is_meeting_place(const char *host); /* of everybody: linkedin.com */

#endif
