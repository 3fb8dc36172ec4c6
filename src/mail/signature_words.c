/* signature_words.c - see signature_words.h. Languages: en de vi fr es it pt nl pl sv da no fi ru
 * zh ja ko. */
#include "config.h"

#include "signature_words.h"

#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/str.h"

/* clang-format off */
static const char *const closings[] = {
	"best", "best regards", "best wishes", "kind regards", "warm regards", "warmest regards", "regards", "cheers",
	"thanks", "many thanks", "thank you", "thanks and regards", "sincerely", "yours sincerely", "yours faithfully",
	"yours truly", "with best regards", "with kind regards", "all the best", "cordially", "respectfully",
	"mit freundlichen grussen", "mit freundlichem gruss", "mit besten grussen", "mit herzlichen grussen", "freundliche grusse",
	"beste grusse", "viele grusse", "herzliche grusse", "liebe grusse", "schone grusse", "gruss", "grusse", "mfg", "lg", "vg",
	"danke", "vielen dank", "mit vielen grussen",
	"tran trong", "tran trong kinh chao", "kinh thu", "kinh chao", "than men", "thank va tran trong", "cam on", "xin cam on",
	"cordialement", "bien cordialement", "tres cordialement", "bien a vous", "sinceres salutations", "salutations",
	"salutations distinguees", "cdlt", "merci", "meilleures salutations", "amicalement",
	"saludos", "un saludo", "saludos cordiales", "atentamente", "un cordial saludo", "gracias",
	"cordiali saluti", "distinti saluti", "saluti", "un saluto", "grazie", "atenciosamente", "cumprimentos",
	"com os melhores cumprimentos", "abracos", "obrigado", "obrigada", "met vriendelijke groet", "met vriendelijke groeten",
	"groeten", "mvg", "vriendelijke groet", "z powazaniem", "pozdrawiam", "pozdrowienia", "serdecznie pozdrawiam",
	"med vanliga halsningar", "vanliga halsningar", "med vanlig halsning", "halsningar", "mvh", "med venlig hilsen",
	"venlig hilsen", "med vennlig hilsen", "vennlig hilsen", "hilsen", "ystavallisin terveisin", "terveisin",
	"с уважением", "с наилучшими пожеланиями", "всего доброго", "спасибо",
	"此致", "敬礼", "此致敬礼", "祝好", "祝商祺", "顺颂商祺", "谢谢", "敬具", "よろしくお願いいたします", "よろしくお願い致します", "감사합니다", NULL,
};

/* Whole words. */
static const char *const titles[] = {
	"manager", "director", "head", "chief", "officer", "president", "founder", "cofounder", "owner", "partner", "ceo", "cto",
	"cfo", "coo", "cmo", "cio", "cso", "cpo", "vp", "svp", "evp", "engineer", "consultant", "assistant", "executive", "lead",
	"leader", "specialist", "representative", "associate", "analyst", "architect", "developer", "designer", "buyer",
	"purchaser", "procurement", "accountant", "secretary", "coordinator", "administrator", "advisor", "adviser", "attorney",
	"lawyer", "counsel", "professor", "researcher", "technician", "supervisor", "controller", "planner", "recruiter",
	"leiter", "leiterin", "geschaftsfuhrer", "geschaftsfuhrerin", "geschaftsfuhrung", "vorstand", "prokurist", "prokuristin",
	"inhaber", "inhaberin", "einkaufer", "einkauferin", "einkauf", "vertrieb", "referent", "referentin", "sachbearbeiter",
	"sachbearbeiterin", "berater", "beraterin", "ingenieur", "ingenieurin", "assistenz", "assistentin", "sekretariat",
	"mitarbeiter", "mitarbeiterin", "buchhaltung", "projektleiter", "projektleiterin", "vertriebsleiter", "vertriebsleiterin",
	"einkaufsleiter", "einkaufsleiterin", "abteilungsleiter", "abteilungsleiterin", "entwickler", "entwicklerin",
	"directeur", "directrice", "responsable", "gerant", "gerante", "ingenieure", "acheteur", "acheteuse", "chef", "cheffe",
	"charge", "chargee", "conseiller", "conseillere", "consultante", "assistante", "fondateur", "fondatrice", "dirigeant",
	"commercial", "commerciale", "comptable", "presidente", "gerente", "directora", "jefe", "jefa", "direttore", "direttrice",
	"responsabile", "amministratore", "diretor", "diretora", "directeur", "inkoper", "kierownik", "dyrektor", "prezes",
	"specjalista", "handlowiec", "chef", "saljare", "inkopare", "direktor", "direktør", "indkober", "toimitusjohtaja",
	"директор", "менеджер", "руководитель", "начальник", "специалист", "инженер", "бухгалтер", "главный", "заместитель",
	NULL,
};

/* Anywhere, as languages write them that join words or have none between them. */
static const char *const title_parts[] = {
	"giam doc", "truong phong", "pho phong", "truong bo phan", "nhan vien", "chuyen vien", "ke toan", "ky su", "tro ly",
	"chu tich", "quan ly", "truong nhom", "phu trach", "co-founder", "managing director",
	"leiter", "经理", "總監", "总监", "总经理", "董事", "主管", "主任", "工程师", "部長", "課長", "係長", "社長", "取締役", "担当", "営業",
	"과장", "부장", "대리", "차장", "이사", "대표", "팀장", NULL,
};

/* Whole words; dots are left out before comparing. */
static const char *const legal_forms[] = {
	"gmbh", "mbh", "ag", "kg", "ug", "ohg", "gbr", "se", "ev", "eg", "kgaa", "ltd", "limited", "llc", "llp", "inc",
	"incorporated", "corp", "corporation", "plc", "co", "company", "pty", "sa", "sas", "sarl", "sasu", "eurl", "srl", "spa",
	"sl", "slu", "bv", "nv", "ab", "as", "asa", "aps", "oy", "oyj", "kft", "zrt", "sro", "doo", "jsc", "pjsc", "pte", "sdn",
	"bhd", "lda", "ltda", "group", "holding", "holdings", "gruppe", "groupe", "ooo", "ооо", "оао", "зао", "пао", "ао", "ип",
	NULL,
};
static const char *const company_parts[] = {
	"cong ty", "tnhh", "tap doan", "co phan", "sp. z o.o", "有限公司", "有限责任公司", "股份公司", "集团", "株式会社", "有限会社",
	"合同会社", "(株)", "주식회사", "(주)", NULL,
};

static const char *const voice_labels[] = {
	"t", "tel", "telefon", "telefono", "telefone", "telephone", "telefoon", "tel/fax", "fon", "phone", "ph", "p", "m", "mob",
	"mobil", "mobile", "movil", "mobiel", "cell", "c", "handy", "d", "direct", "direkt", "durchwahl", "office", "buro", "o",
	"portable", "gsm", "dt", "sdt", "dd", "dien thoai", "thoai", "dong", "hotline", "whatsapp", "zalo", "тел", "телефон", "моб",
	"电话", "電話", "手机", "手機", "携帯", "전화", "휴대폰", "h/p", NULL,
};
static const char *const fax_labels[] = {"f", "fax", "telefax", "telecopie", "факс", "传真", "傳真", "팩스", NULL};

static const char *const honorifics[] = {
	"mr", "mrs", "ms", "miss", "mx", "sir", "dr", "prof", "herr", "frau", "dipl", "ing", "dipl-ing", "mba", "phd", "msc", "bsc",
	"llm", "mme", "mlle", "monsieur", "madame", "sra", "sig", "mag", "med", "jur", "rer", "habil", NULL,
};
static const char *const particles[] = {
	"von", "van", "vom", "zu", "zur", "zum", "de", "del", "della", "der", "den", "di", "da", "dos", "das", "du", "la", "le",
	"las", "los", "el", "al", "bin", "ibn", "ter", "ten", "af", "av", "st", NULL,
};
static const char *const vietnamese[] = {
	"nguyen", "tran", "pham", "huynh", "hoang", "phan", "vu", "vo", "dang", "bui", "ngo", "duong", "dinh", "trinh", "truong",
	"doan", "luong", NULL,
};
/* Words of other languages when written without accents. */
static const char *const vietnamese_accented[] = {"le", "do", "ho", "ly", "ta", "lam", "ha", NULL};
static const char *const doubles[] = {
	"欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "公孙", "公孫", "慕容", "令狐", "司徒", "남궁",
	"황보", "제갈", "선우", NULL,
};
static const char *const meeting_places[] = {
	"linkedin.com", "xing.com", "facebook.com", "fb.com", "twitter.com", "x.com", "instagram.com", "youtube.com", "youtu.be",
	"t.me", "wa.me", "zalo.me", "calendly.com", "github.com", "tiktok.com", "aka.ms", "goo.gl", "bit.ly", "maps.google.com",
	"google.com", "zoom.us", "teams.microsoft.com", NULL,
};
/* clang-format on */

static bool is_listed(const char *const *list, const char *word, size_t n)
{
	for (; *list; list++)
		if (strlen(*list) == n && memcmp(*list, word, n) == 0)
			return true;
	return false;
}

static bool has_part(const char *const *list, const char *text)
{
	for (; *list; list++)
		if (strstr(text, *list))
			return true;
	return false;
}

/* Bytes of other scripts belong to words; dots are passed over, so that "S.A." is "sa". */
static bool is_word_byte(char c)
{
	return ascii_isalnum(c) || (unsigned char)c >= 0x80 || c == '.';
}

static bool has_word(const char *const *list, const char *text)
{
	char word[32];
	size_t n = 0;

	for (;; text++) {
		if (is_word_byte(*text)) {
			if (*text != '.' && n < sizeof(word))
				word[n++] = *text;
			continue;
		}
		if (n > 0 && n < sizeof(word) && is_listed(list, word, n))
			return true;
		if (!*text)
			return false;
		n = 0;
	}
}

bool signature_is_closing(const char *line)
{
	size_t n = strlen(line);

	while (n > 0 && strchr(" ,.!;:", line[n - 1]))
		n--;
	return is_listed(closings, line, n);
}

bool signature_is_title(const char *piece)
{
	return has_word(titles, piece) || has_part(title_parts, piece);
}

bool signature_is_company(const char *piece)
{
	return has_word(legal_forms, piece) || has_part(company_parts, piece);
}

enum phone_label signature_phone_label(const char *word)
{
	if (is_listed(fax_labels, word, strlen(word)))
		return PHONE_FAX;
	return is_listed(voice_labels, word, strlen(word)) ? PHONE_VOICE : PHONE_NO_LABEL;
}

static bool is_listed_bare(const char *const *list, const char *word)
{
	size_t n = strlen(word);

	while (n > 0 && (word[n - 1] == '.' || word[n - 1] == ','))
		n--;
	return is_listed(list, word, n);
}

bool signature_is_honorific(const char *word)
{
	return is_listed_bare(honorifics, word);
}

bool signature_is_particle(const char *word)
{
	return is_listed_bare(particles, word);
}

bool signature_is_vietnamese_family(const char *word, bool has_accents)
{
	return is_listed_bare(vietnamese, word) ||
	       (has_accents && is_listed_bare(vietnamese_accented, word));
}

bool signature_is_double_family(const char *two)
{
	return is_listed(doubles, two, strlen(two));
}

bool signature_is_meeting_place(const char *host)
{
	for (const char *const *m = meeting_places; *m; m++)
		if (str_ends(host, *m) &&
			(strlen(host) == strlen(*m) || host[strlen(host) - strlen(*m) - 1] == '.'))
			return true;
	return false;
}
