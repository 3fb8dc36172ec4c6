/*
 * csv_columns.c - what the columns of a CSV file are about. Titles are compared folded (case and
 * accents do not count) and without their numbers, so that "E-mail 2 - Value" is an address like
 * the first.
 */
#include "config.h"

#include "csv.h"

#include <string.h>

#include "crmail/base/fold.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

static const char *const field_names[PEOPLE_FIELD_COUNT] = {
	[PEOPLE_NONE] = "-",
	[PEOPLE_NAME] = "name",
	[PEOPLE_FIRST] = "first_name",
	[PEOPLE_MIDDLE] = "middle_name",
	[PEOPLE_LAST] = "last_name",
	[PEOPLE_EMAIL] = "email",
	[PEOPLE_PHONE] = "phone",
	[PEOPLE_COMPANY] = "company",
	[PEOPLE_DOMAIN] = "domain",
	[PEOPLE_TITLE] = "title",
	[PEOPLE_NOTE] = "note",
	[PEOPLE_OWNER] = "owner",
};

/* Folded, letters only with single blanks between words, as squeeze() leaves a title. Those of
 * Google, Outlook (in its languages), Apple, LinkedIn and of CRMs' exports, and what people call
 * their columns. */
static const struct {
	enum people_field field;
	const char *titles; /* between bars */
} known[] = {
	{PEOPLE_NAME, "|name|full name|display name|contact|contact name|fn|person|anzeigename|"
		      "vollstandiger name|ganzer name|kontakt|ansprechpartner|nom complet|"
		      "nom affiche|nom et prenom|prenom et nom|ho va ten|ho ten|ten day du|"
		      "ten lien he|ten khach hang|ho ten day du|ten hien thi|"},
	{PEOPLE_FIRST, "|first name|firstname|given name|givenname|forename|vorname|prenom|"
		       "ten goi|ten rieng|first|"},
	{PEOPLE_MIDDLE, "|middle name|additional name|middlename|weitere vornamen|zweiter vorname|"
			"deuxieme prenom|ten dem|ten lot|ten dem va ten lot|"},
	{PEOPLE_LAST, "|last name|lastname|family name|familyname|surname|nachname|familienname|"
		      "zuname|nom de famille|ho|ho va ten dem|ho va dem|last|"},
	{PEOPLE_EMAIL, "|email|e mail|mail|email address|e mail address|emails|email addresses|"
		       "e mail value|email value|other emails|primary email|secondary email|"
		       "work email|home email|personal email|business email|email work|email home|"
		       "e mail adresse|e mail adressen|email adresse|mailadresse|adresse mail|"
		       "e mail geschaftlich|e mail privat|adresse e mail|adresse email|courriel|"
		       "adresse de messagerie|adresse electronique|mel|dia chi email|"
		       "dia chi e mail|thu dien tu|hop thu|dia chi thu dien tu|contact email|"
		       "email cong ty|email ca nhan|"},
	{PEOPLE_PHONE,
		"|phone|phones|phone number|telephone|tel|mobile|mobile phone|cell|"
		"cell phone|phone value|business phone|home phone|primary phone|"
		"work phone|other phone|company main phone|mobile number|mobile phone number|"
		"telefon|telefonnummer|mobil|mobiltelefon|handy|telefon geschaftlich|"
		"telefon privat|telefon firma|festnetz|rufnummer|telephone bureau|"
		"tel bureau|tel mobile|telephone mobile|telephone domicile|tel domicile|"
		"portable|numero de telephone|dien thoai|so dien thoai|di dong|sdt|dtdd|"
		"so di dong|dien thoai di dong|dien thoai ban|dien thoai co quan|so dt|"},
	{PEOPLE_COMPANY, "|company|company name|organization|organisation|organization name|"
			 "organisation name|account|account name|associated company|employer|"
			 "partner|partner name|firma|firmenname|unternehmen|societe|entreprise|"
			 "organisme|nom de l entreprise|nom de la societe|cong ty|ten cong ty|"
			 "to chuc|don vi|co quan|doanh nghiep|"},
	{PEOPLE_DOMAIN, "|website|web site|web page|webpage|homepage|domain|domains|company domain|"
			"company domain name|website value|company website|url website|internet|"
			"webseite|internetseite|site web|page web|site internet|domaine|"
			"trang web|ten mien|"},
	{PEOPLE_TITLE, "|job title|jobtitle|title|position|role|organization title|"
		       "organisation title|function|funktion|berufsbezeichnung|stelle|beruf|"
		       "fonction|poste|titre professionnel|profession|chuc vu|chuc danh|vi tri|"},
	{PEOPLE_NOTE, "|notes|note|comments|comment|description|remarks|notizen|notiz|bemerkung|"
		      "bemerkungen|anmerkung|anmerkungen|kommentar|remarque|remarques|"
		      "commentaire|commentaires|ghi chu|mo ta|nhan xet|"},
	{PEOPLE_OWNER, "|owner|contact owner|account owner|record owner|assigned to|responsible|"
		       "zustandig|betreuer|besitzer|verantwortlich|proprietaire|responsable|"
		       "nguoi phu trach|phu trach|nguoi so huu|nhan vien phu trach|"},
};

const char *people_field_name(enum people_field f)
{
	return field_names[f];
}

bool people_field_of(const char *name, enum people_field *out)
{
	for (int i = 0; i < PEOPLE_FIELD_COUNT; i++) {
		if (strcmp(field_names[i], name) != 0)
			continue;
		*out = (enum people_field)i;
		return true;
	}
	return false;
}

/* Folded words of letters, one blank between two; numbers and signs go. */
static void squeeze(struct buf *out, const char *title)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(4096);
	bool is_gap = false;
	fold_plain(&folded, title, strlen(title));
	for (const char *p = folded.p; *p; p++) {
		bool is_letter = ascii_isalpha(*p) || (unsigned char)*p >= 0x80;
		if (is_letter && is_gap && out->len)
			buf_addch(out, ' ');
		is_gap = !is_letter;
		if (is_letter)
			buf_addch(out, *p);
	}
}

static enum people_field find(const char *squeezed)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(4200);
	if (!*squeezed)
		return PEOPLE_NONE;
	buf_addf(&key, "|%s|", squeezed);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(known[i].titles, key.p))
			return known[i].field;
	return PEOPLE_NONE;
}

static bool has(const struct people_column *v, size_t n, enum people_field field)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].field == field)
			return true;
	return false;
}

static bool is_called(const struct people_column *c, const char *word)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
	squeeze(&b, c->title);
	return !strcmp(b.p, word);
}

/* Words that mean one thing beside some other column, and another without it: the "Nom" of
 * Outlook is the family name beside "Prénom", "Tên" the given name beside "Họ", "Name" the family
 * name beside a given one alone; "Title" and its likes beside "Job Title" is Mr. or Dr. */
static void settle_words(struct people_column *v, size_t n)
{
	bool has_first = has(v, n, PEOPLE_FIRST);
	bool has_last = has(v, n, PEOPLE_LAST);
	for (size_t i = 0; i < n; i++) {
		if (is_called(&v[i], "nom") || is_called(&v[i], "name"))
			v[i].field = has_first && !has_last ? PEOPLE_LAST : PEOPLE_NAME;
		else if (is_called(&v[i], "ten"))
			v[i].field = has_last && !has_first ? PEOPLE_FIRST : PEOPLE_NAME;
	}
	for (size_t i = 0; i < n; i++) {
		if (!is_called(&v[i], "title") && !is_called(&v[i], "titel") &&
			!is_called(&v[i], "titre"))
			continue;
		v[i].field = PEOPLE_NONE;
		if (!has(v, n, PEOPLE_TITLE))
			v[i].field = PEOPLE_TITLE;
	}
}

bool csv_columns_find(const char *const *titles, size_t n, struct people_column *out)
{
	bool is_known = false;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
		squeeze(&b, titles[i]);
		out[i] = (struct people_column){titles[i], find(b.p)};
	}
	settle_words(out, n);
	for (size_t i = 0; i < n; i++)
		is_known = is_known || out[i].field != PEOPLE_NONE;
	return is_known;
}

static bool same_title(const char *a, const char *b)
{
	CLEANUP(buf_release) struct buf x = BUF_INIT(4096);
	CLEANUP(buf_release) struct buf y = BUF_INIT(4096);
	fold_plain(&x, a, strlen(a));
	fold_plain(&y, b, strlen(b));
	return !strcmp(x.p, y.p);
}

int csv_columns_map(const struct people_column *map, size_t n_map, struct people_column *columns,
	size_t n, struct err *e)
{
	for (size_t i = 0; i < n_map; i++) {
		int64_t number = 0;
		size_t k = 0;
		while (k < n && !same_title(columns[k].title, map[i].title))
			k++;
		if (k == n && str_to_i64(map[i].title, 1, (int64_t)n, &number))
			k = (size_t)number - 1;
		if (k == n)
			return err_set(e, ERR_USAGE, _("The file has no column \"%s\"."),
				map[i].title);
		columns[k].field = map[i].field;
	}
	return 0;
}

static bool looks_like_address(const char *cell)
{
	const char *at = strchr(cell, '@');
	return at && at != cell && strchr(at, '.') && !strpbrk(cell, " \t\n");
}

bool csv_columns_guess(const char *const *cells, size_t n, struct people_column *out)
{
	bool has_name = false;
	bool has_address = false;
	for (size_t i = 0; i < n; i++) {
		bool is_address = looks_like_address(cells[i]);
		bool is_name = !is_address && !has_name && *cells[i] && !ascii_isdigit(*cells[i]);
		out[i] = (struct people_column){"", is_address ? PEOPLE_EMAIL
						    : is_name  ? PEOPLE_NAME
							       : PEOPLE_NONE};
		has_name = has_name || is_name;
		has_address = has_address || is_address;
	}
	for (size_t i = 0; !has_address && i < n; i++)
		out[i].field = PEOPLE_NONE;
	return has_address;
}
