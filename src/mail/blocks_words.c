/* blocks_words.c - tables of phrases. Languages: en de fr es it pt nl pl sv da no fi ru uk vi zh
 * ja ko ar he tr cs hu ro el id th. */
#include "config.h"

#include "blocks_words.h"

#include <string.h>

#define LABEL_BYTES 64 /* a label and its colon take no more */

/* clang-format off */
static const char *const verbs[] = {
	"wrote", "writes", "schrieb", "schreibt", "a écrit", "écrit", "escribió", "ha scritto", "scrive", "escreveu",
	"schreef", "geschreven", "napisał", "napisała", "napisał(a)", "pisze", "skrev", "skriver", "kirjoitti",
	"написал", "написала", "написал(а)", "пишет", "пише", "написав", "đã viết", "viết",
	"写道", "寫道", "写", "的邮件", "のメール", "さんは書きました", "wrote(書きました)", "작성", "썼습니다",
	"كتب", "كتبت", "تمت كتابة", "כתב", "כתבה", "yazdı", "napsal", "napsala", "napsal(a)", "írta", "a scris",
	"έγραψε", "menulis", "เขียน", "เขียนว่า", "on behalf of",
};

/* What only the date line of a mail program begins with. */
static const char *const phrase_leads[] = {
	"On ", "Am ", "Le ", "El ", "Il ", "Il giorno ", "Em ", "Op ", "W dniu ", "Dnia ", "Den ", "Vào ", "Ngày ",
	"În ", "Pe ", "Dne ", "Στις ", "Pada ", "Tanggal ", "ในวันที่ ", "เมื่อ ", "Le\u00a0", "En ", "Em\u00a0", "в ", "В ",
	"在 ", "在", "于 ", "於 ", "في ", "بتاريخ ", "بتاريخ", "בתאריך ", "Đã gửi ", "Lúc ",
};

/* Weekdays and months that date lines without a preposition begin with. */
static const char *const date_leads[] = {
	"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "нд", "понедельник",
	"вторник", "среда", "четверг", "пятница", "суббота", "воскресенье", "man.", "tir.", "ons.", "tor.", "fre.", "lør.",
	"søn.", "mån", "tis", "tors", "lör", "sön", "pon", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz.", "ma ", "ti ", "ke ",
	"to ", "pe ", "la ", "su ", "po ", "út ", "st ", "čt ", "pá ", "so ", "ne ", "lun", "mar", "mié", "jue", "vie", "sáb",
	"dom", "يوم",
};

/* Sentences of one's own that end in a verb of the table and a colon hold one of these. */
static const char *const own_words[] = {
	"I", "we", "what", "that", "because", "but", "please", "as", "and", "see", "how", "which", "if", "when", "my", "me",
	"our", "ich", "wir", "was", "dass", "weil", "aber", "bitte", "wie", "und", "mein", "meine", "mir", "Sie", "sie",
	"je", "j'ai", "nous", "que", "ce", "comme", "mais", "vous", "tu", "lo", "como", "yo", "pero", "usted", "quello", "che",
	"come", "ik", "wat", "zoals", "maar", "wij", "jak", "że", "ale", "vad", "jag", "att", "som", "men", "vi",
	"eu", "mas", "você", "я", "мы", "что", "как", "но", "вы", "tôi", "như", "điều", "rằng", "nhưng", "bạn",
	"我", "我们", "你", "私", "أنا", "ما", "كما",
};

static const char *const originals[] = {
	"Original Message", "Original message", "Original Mail", "Original Email", "Original Appointment",
	"Ursprüngliche Nachricht", "Originalnachricht", "Original-Nachricht", "Original Nachricht", "Ursprünglicher Termin",
	"Message d'origine", "Message d’origine", "Message original", "E-mail d'origine", "Courriel original", "Mensaje original",
	"Messaggio originale", "Messaggio Originale", "Mensagem original", "Mensagem Original", "Oorspronkelijk bericht",
	"Oorspronkelijke bericht", "Wiadomość oryginalna", "Oryginalna wiadomość", "Ursprungligt meddelande",
	"Originalmeddelande", "Oprindelig meddelelse", "Opprinnelig melding", "Alkuperäinen viesti", "Исходное сообщение",
	"Оригинальное сообщение", "Первоначальное сообщение", "Вихідне повідомлення", "Thư gốc", "Tin nhắn gốc", "Email gốc",
	"原始邮件", "原始郵件", "原邮件", "邮件原件", "原始信件", "原始訊息", "元のメッセージ", "元メール", "Original Message 元のメッセージ",
	"원본 메시지", "원본 메일", "الرسالة الأصلية", "رسالة أصلية", "ההודעה המקורית", "הודעה מקורית", "Orijinal İleti", "Özgün İleti",
	"Orijinal Mesaj", "Původní zpráva", "Eredeti üzenet", "Mesaj original", "Mesajul original", "Αρχικό μήνυμα", "Pesan Asli",
	"ข้อความต้นฉบับ",
};

/* true: programs write the phrase on a line of its own without dashes. */
static const struct forward {
	const char *phrase;
	bool bare;
} forwards[] = {
	{"Forwarded message", false}, {"Forwarded Message", false}, {"Begin forwarded message", true}, {"Forwarded by", false},
	{"Weitergeleitete Nachricht", false}, {"Weitergeleitete Mail", false}, {"Anfang der weitergeleiteten Nachricht", true},
	{"Anfang der weitergeleiteten E-Mail", true}, {"Beginn der weitergeleiteten Nachricht", true},
	{"Message transféré", false}, {"Message transmis", false}, {"Début du message transféré", true},
	{"Début du message réexpédié", true}, {"Mensaje reenviado", false}, {"Inicio del mensaje reenviado", true},
	{"Messaggio inoltrato", false}, {"Inizio messaggio inoltrato", true}, {"Messaggio Inoltrato", false},
	{"Mensagem encaminhada", false}, {"Mensagem reencaminhada", false}, {"Início da mensagem encaminhada", true},
	{"Início da mensagem reencaminhada", true}, {"Doorgestuurd bericht", false}, {"Begin doorgestuurd bericht", true},
	{"Wiadomość przekazana", false}, {"Przekazana wiadomość", false}, {"Treść przekazanej wiadomości", true},
	{"Początek przekazanej wiadomości", true}, {"Przekazana wiadomość dalej", false}, {"Treść przekazanego e-maila", true},
	{"Vidarebefordrat meddelande", false}, {"Vidarebefordrat mejl", false}, {"Vidarebefordrat brev", true},
	{"Videresendt meddelelse", false}, {"Start på videresendt besked", true}, {"Videresendt besked", false},
	{"Videresendt melding", false}, {"Videresendt e-post", false}, {"Start på videresendt melding", true},
	{"Edelleenlähetetty viesti", false}, {"Välitetty viesti", false}, {"Välitetty viesti alkaa", true},
	{"Пересылаемое сообщение", false}, {"Пересланное сообщение", false}, {"Перенаправленное сообщение", false},
	{"Начало переадресованного сообщения", true}, {"Начало пересылаемого сообщения", true},
	{"Пересилане повідомлення", false}, {"Початок листа, що пересилається", true}, {"Thư đã chuyển tiếp", false},
	{"Thư được chuyển tiếp", false}, {"Tin nhắn được chuyển tiếp", false}, {"Tin nhắn đã chuyển tiếp", false},
	{"Bắt đầu thư được chuyển tiếp", true}, {"Bắt đầu tin nhắn được chuyển tiếp", true}, {"Email được chuyển tiếp", false},
	{"转发的邮件", true}, {"转发邮件", false}, {"转发邮件信息", false}, {"轉寄郵件", false}, {"轉寄的郵件", true}, {"转发的信息", false},
	{"已转发邮件", false}, {"開始轉寄郵件", true}, {"以下是转发的邮件", true}, {"以下是轉寄的郵件", true}, {"已轉寄郵件", false},
	{"転送されたメッセージ", true}, {"転送メッセージ", false}, {"転送されたメール", true}, {"以下は転送されたメッセージです", true},
	{"전달된 메일", false}, {"전달된 메시지", true}, {"رسالة معاد توجيهها", false}, {"رسالة مُعاد توجيهها", false},
	{"رسالة محولة", false}, {"الرسالة المعاد توجيهها", false}, {"بداية الرسالة المعاد توجيهها", true}, {"הודעה שהועברה", false},
	{"Yönlendirilen ileti", false}, {"İletilen mesaj", false}, {"İletilen ileti başlangıcı", true}, {"Přeposlaná zpráva", false},
	{"Začátek přeposílané zprávy", true}, {"Továbbított üzenet", false}, {"Továbbított levél kezdete", true},
	{"Mesaj redirecționat", false}, {"Mesaj redirecţionat", false}, {"Început mesaj redirecționat", true},
	{"Προωθημένο μήνυμα", false}, {"Pesan terusan", false}, {"ข้อความที่ส่งต่อ", false},
};

static const struct label {
	const char *word;
	enum header_label label;
} labels[] = {
	{"From", LABEL_FROM}, {"Von", LABEL_FROM}, {"De", LABEL_FROM}, {"Expéditeur", LABEL_FROM}, {"Da", LABEL_FROM},
	{"Van", LABEL_FROM}, {"Od", LABEL_FROM}, {"Från", LABEL_FROM}, {"Fra", LABEL_FROM}, {"Lähettäjä", LABEL_FROM},
	{"От", LABEL_FROM}, {"От кого", LABEL_FROM}, {"Від", LABEL_FROM}, {"Từ", LABEL_FROM}, {"Người gửi", LABEL_FROM},
	{"发件人", LABEL_FROM}, {"寄件者", LABEL_FROM}, {"寄件人", LABEL_FROM}, {"差出人", LABEL_FROM}, {"送信者", LABEL_FROM},
	{"보낸 사람", LABEL_FROM}, {"보낸사람", LABEL_FROM}, {"من", LABEL_FROM}, {"מאת", LABEL_FROM}, {"Kimden", LABEL_FROM},
	{"Gönderen", LABEL_FROM}, {"Feladó", LABEL_FROM}, {"De la", LABEL_FROM}, {"Από", LABEL_FROM}, {"Dari", LABEL_FROM},
	{"จาก", LABEL_FROM}, {"Remitente", LABEL_FROM}, {"Mittente", LABEL_FROM}, {"Afzender", LABEL_FROM},
	{"Sent", LABEL_DATE}, {"Date", LABEL_DATE}, {"Gesendet", LABEL_DATE}, {"Datum", LABEL_DATE}, {"Envoyé", LABEL_DATE},
	{"Envoyé le", LABEL_DATE}, {"Enviado", LABEL_DATE}, {"Enviado el", LABEL_DATE}, {"Enviada", LABEL_DATE},
	{"Enviada em", LABEL_DATE}, {"Enviado em", LABEL_DATE}, {"Fecha", LABEL_DATE}, {"Data", LABEL_DATE},
	{"Inviato", LABEL_DATE}, {"Verzonden", LABEL_DATE}, {"Verstuurd", LABEL_DATE}, {"Wysłano", LABEL_DATE},
	{"Wysłane", LABEL_DATE}, {"Skickat", LABEL_DATE}, {"Sendt", LABEL_DATE}, {"Dato", LABEL_DATE}, {"Lähetetty", LABEL_DATE},
	{"Päivämäärä", LABEL_DATE}, {"Отправлено", LABEL_DATE}, {"Дата", LABEL_DATE}, {"Надіслано", LABEL_DATE},
	{"Đã gửi", LABEL_DATE}, {"Ngày", LABEL_DATE}, {"Ngày gửi", LABEL_DATE}, {"Gửi", LABEL_DATE}, {"Thời gian", LABEL_DATE},
	{"发送时间", LABEL_DATE}, {"日期", LABEL_DATE}, {"時間", LABEL_DATE}, {"时间", LABEL_DATE}, {"寄件日期", LABEL_DATE},
	{"傳送時間", LABEL_DATE}, {"送信日時", LABEL_DATE}, {"日時", LABEL_DATE}, {"送信", LABEL_DATE}, {"日付", LABEL_DATE},
	{"보낸 날짜", LABEL_DATE}, {"날짜", LABEL_DATE}, {"보냄", LABEL_DATE}, {"تاريخ الإرسال", LABEL_DATE}, {"التاريخ", LABEL_DATE},
	{"تم الإرسال", LABEL_DATE}, {"تاريخ", LABEL_DATE}, {"نشלח", LABEL_DATE}, {"נשלח", LABEL_DATE}, {"תאריך", LABEL_DATE},
	{"Gönderildi", LABEL_DATE}, {"Tarih", LABEL_DATE}, {"Odesláno", LABEL_DATE}, {"Elküldve", LABEL_DATE},
	{"Dátum", LABEL_DATE}, {"Trimis", LABEL_DATE}, {"Στάλθηκε", LABEL_DATE}, {"Ημερομηνία", LABEL_DATE},
	{"Dikirim", LABEL_DATE}, {"Tanggal", LABEL_DATE}, {"วันที่", LABEL_DATE},
	{"To", LABEL_TO}, {"An", LABEL_TO}, {"À", LABEL_TO}, {"A", LABEL_TO}, {"Para", LABEL_TO}, {"Destinataire", LABEL_TO},
	{"Aan", LABEL_TO}, {"Do", LABEL_TO}, {"Till", LABEL_TO}, {"Til", LABEL_TO}, {"Vastaanottaja", LABEL_TO}, {"Кому", LABEL_TO},
	{"Đến", LABEL_TO}, {"Tới", LABEL_TO}, {"Người nhận", LABEL_TO}, {"收件人", LABEL_TO}, {"收件者", LABEL_TO}, {"宛先", LABEL_TO},
	{"받는 사람", LABEL_TO}, {"받는사람", LABEL_TO}, {"إلى", LABEL_TO}, {"אל", LABEL_TO}, {"Kime", LABEL_TO}, {"Alıcı", LABEL_TO},
	{"Komu", LABEL_TO}, {"Címzett", LABEL_TO}, {"Către", LABEL_TO}, {"Προς", LABEL_TO}, {"Kepada", LABEL_TO}, {"ถึง", LABEL_TO},
	{"Cc", LABEL_CC}, {"Kopie", LABEL_CC}, {"Copie", LABEL_CC}, {"DW", LABEL_CC}, {"Kopia", LABEL_CC}, {"Копия", LABEL_CC},
	{"抄送", LABEL_CC}, {"副本", LABEL_CC}, {"참조", LABEL_CC}, {"نسخة", LABEL_CC}, {"Bilgi", LABEL_CC},
	{"Subject", LABEL_SUBJECT}, {"Betreff", LABEL_SUBJECT}, {"Objet", LABEL_SUBJECT}, {"Sujet", LABEL_SUBJECT},
	{"Asunto", LABEL_SUBJECT}, {"Oggetto", LABEL_SUBJECT}, {"Assunto", LABEL_SUBJECT}, {"Onderwerp", LABEL_SUBJECT},
	{"Temat", LABEL_SUBJECT}, {"Ämne", LABEL_SUBJECT}, {"Emne", LABEL_SUBJECT}, {"Aihe", LABEL_SUBJECT}, {"Тема", LABEL_SUBJECT},
	{"Chủ đề", LABEL_SUBJECT}, {"Tiêu đề", LABEL_SUBJECT}, {"主题", LABEL_SUBJECT}, {"主旨", LABEL_SUBJECT}, {"件名", LABEL_SUBJECT},
	{"제목", LABEL_SUBJECT}, {"الموضوع", LABEL_SUBJECT}, {"נושא", LABEL_SUBJECT}, {"Konu", LABEL_SUBJECT}, {"Předmět", LABEL_SUBJECT},
	{"Tárgy", LABEL_SUBJECT}, {"Subiect", LABEL_SUBJECT}, {"Θέμα", LABEL_SUBJECT}, {"Perihal", LABEL_SUBJECT},
	{"Subjek", LABEL_SUBJECT}, {"เรื่อง", LABEL_SUBJECT},
};

/* A device footer holds a phrase of the first table and a device or program of the second. */
static const char *const device_phrases[] = {
	"Sent from", "Sent via", "Sent with", "Get Outlook for", "Get BlueMail for", "gesendet", "Holen Sie sich Outlook für",
	"Outlook für", "Envoyé de", "Envoyé depuis", "Envoyé à partir", "Télécharger Outlook", "Obtenez Outlook",
	"Obtenir Outlook", "Enviado desde", "Obtener Outlook", "Inviato da", "Ottieni Outlook", "Scarica Outlook", "Enviado do",
	"Enviado de", "Enviado a partir", "Obter o Outlook", "Verstuurd vanaf", "Verzonden vanaf", "Verzonden met", "Download Outlook",
	"Outlook voor", "Wysłane z", "Wysłano z", "Pobierz aplikację Outlook", "Pobierz Outlook", "Skickat från", "Hämta Outlook",
	"Sendt fra", "Hent Outlook", "Lähetetty", "Hanki Outlook", "Отправлено с", "Отправлено из", "Скачать Outlook",
	"Получить Outlook", "Надіслано з", "Gửi từ", "Được gửi từ", "Đã gửi từ", "Tải Outlook", "发自", "从我的", "從我的", "来自我的",
	"傳送自", "获取", "下载适用于", "取得", "から送信", "を入手", "에서 보냄", "다운로드", "أرسل من", "تم الإرسال من", "أُرسلت من", "مرسل من",
	"الحصول على Outlook", "נשלח מה", "tarafından gönderildi", "gönderildi", "Odesláno z", "Küldve", "Trimis de pe", "Στάλθηκε από",
	"Dikirim dari", "ส่งจาก",
};
static const char *const devices[] = {
	"iPhone", "iPad", "iPod", "Android", "Galaxy", "Samsung", "Huawei", "Xiaomi", "Pixel", "BlackBerry", "mobile", "phone", "smartphone",
	"Handy", "Outlook", "Yahoo", "Mail", "Proton", "Spark", "Nokia", "Windows", "Watch", "tablet", "Mobil", "móvil", "mobiel",
	"portable", "celular", "telefon", "cellulare", "telefoon", "telefonu", "téléphone", "телефон", "устройства", "手机", "手機",
	"携帯", "スマートフォン", "điện thoại", "di động", "الهاتف", "هاتفي", "BlueMail", "HUAWEI", "OnePlus", "OPPO", "Nine",
	"Thunderbird", "QQ邮箱", "网易",
};
/* clang-format on */

static bool starts(struct span s, const char *word)
{
	if (!s.len || ascii_lower(*s.p) != ascii_lower(*word))
		return false;
	size_t n = strlen(word);
	return s.len >= n && str_ncasecmp(s.p, word, n) == 0;
}

/* A letter or digit for the purpose of word ends: scripts without blanks have none. */
static bool is_word_byte(char c, const char *word)
{
	unsigned char w = (unsigned char)word[0];
	bool spaceless = w >= 0xE3 && w <= 0xED;

	return !spaceless && (ascii_isalnum(c) || ((c & 0x80) && !(w & 0x80 && w >= 0xE0)));
}

/* `word` stands in s and no letter touches it. */
static bool has_word(struct span s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.len; i++) {
		if (ascii_lower(s.p[i]) != ascii_lower(word[0]) ||
			str_ncasecmp(s.p + i, word, n) != 0)
			continue;
		bool before = i > 0 && is_word_byte(s.p[i - 1], word);
		bool behind = i + n < s.len && is_word_byte(s.p[i + n], word);
		if (!before && !behind)
			return true;
	}
	return false;
}

static bool has_any(struct span s, const char *const *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (has_word(s, table[i]))
			return true;
	}
	return false;
}

static bool starts_any(struct span s, const char *const *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (starts(s, table[i]))
			return true;
	}
	return false;
}

bool words_have_verb(struct span s)
{
	return has_any(s, verbs, ARRAY_SIZE(verbs));
}

bool words_are_phrase_lead(struct span s)
{
	return starts_any(s, phrase_leads, ARRAY_SIZE(phrase_leads));
}

bool words_are_lead(struct span s)
{
	return (s.len && ascii_isdigit(*s.p)) || words_are_phrase_lead(s) ||
	       starts_any(s, date_leads, ARRAY_SIZE(date_leads));
}

bool words_have_own(struct span s)
{
	return has_any(s, own_words, ARRAY_SIZE(own_words));
}

/* The phrase, with nothing but a colon, dots or a name in quotes behind it. */
static bool is_phrase(struct span s, const char *phrase)
{
	if (!starts(s, phrase))
		return false;
	size_t n = strlen(phrase);
	for (; n < s.len; n++) {
		char c = s.p[n];
		bool wide_colon = s.len - n >= 3 && memcmp(s.p + n, "\uFF1A", 3) == 0;
		if (wide_colon)
			n += 2;
		else if (c != ' ' && c != ':' && c != '.')
			return false;
	}
	return true;
}

bool words_are_original(struct span s)
{
	for (size_t i = 0; i < ARRAY_SIZE(originals); i++) {
		if (is_phrase(s, originals[i]))
			return true;
	}
	return false;
}

bool words_are_forward(struct span s, bool *bare)
{
	for (size_t i = 0; i < ARRAY_SIZE(forwards); i++) {
		if (!is_phrase(s, forwards[i].phrase))
			continue;
		*bare = forwards[i].bare;
		return true;
	}
	return false;
}

/* Behind a label: a colon, narrow or wide, maybe after a blank or the end of bold. */
static bool is_label_end(struct span s)
{
	while (s.len && (*s.p == ' ' || *s.p == '*')) {
		s.p++;
		s.len--;
	}
	bool nbsp = s.len >= 2 && memcmp(s.p, "\u00A0", 2) == 0;
	if (nbsp) {
		s.p += 2;
		s.len -= 2;
	}
	return s.len && (*s.p == ':' || (s.len >= 3 && memcmp(s.p, "\uFF1A", 3) == 0));
}

enum header_label words_label(struct span s)
{
	struct span head = {s.p, s.len < LABEL_BYTES ? s.len : LABEL_BYTES};

	if (!s.len || (!memchr(head.p, ':', head.len) && !memchr(head.p, '\xEF', head.len)))
		return LABEL_NONE;
	while (s.len && (*s.p == '*' || *s.p == ' ')) {
		s.p++;
		s.len--;
	}
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		if (!starts(s, labels[i].word))
			continue;
		size_t n = strlen(labels[i].word);
		if (is_label_end((struct span){s.p + n, s.len - n}))
			return labels[i].label;
	}
	return LABEL_NONE;
}

/* One of the phrases stands in s, at the start of a word where it begins with an ASCII letter. */
static bool has_phrase(struct span s, const char *const *table, size_t n)
{
	bool begins[256] = {false};

	for (size_t i = 0; i < n; i++)
		begins[(unsigned char)ascii_lower(*table[i])] = true;
	for (size_t at = 0; at < s.len; at++) {
		unsigned char c = (unsigned char)ascii_lower(s.p[at]);
		if (!begins[c] || (at > 0 && ascii_isalnum(s.p[at - 1]) && c < 0x80))
			continue;
		if (starts_any((struct span){s.p + at, s.len - at}, table, n))
			return true;
	}
	return false;
}

bool words_are_device(struct span s)
{
	return has_phrase(s, device_phrases, ARRAY_SIZE(device_phrases)) &&
	       has_phrase(s, devices, ARRAY_SIZE(devices));
}
