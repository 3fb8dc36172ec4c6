/*
 * roles.c - names that mail programs in ten languages give to Sent, Drafts, Trash, Archive and
 * Junk. Data only; the order within a role does not matter.
 */
#include "config.h"

#include "crmail/provider/roles.h"

#include <string.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/fold.h"

struct role_name {
	enum folder_role role;
	const char *names; /* folded, between bars */
};

static const struct role_name role_names[] = {
	{FOLDER_INBOX, "|inbox|"},
	{FOLDER_SENT,
		"|sent|sent mail|sent items|sent messages|gesendet|gesendete objekte|"
		"gesendete elemente|envoyes|elements envoyes|messages envoyes|enviados|"
		"elementos enviados|mensajes enviados|itens enviados|posta inviata|inviati|"
		"inviata|verzonden|verzonden items|wyslane|elementy wyslane|skickat|"
		"da gui|thu da gui|отправленные|送信済み|送信済みアイテム|已发送|已发送邮件|"},
	{FOLDER_DRAFTS, "|drafts|draft|entwurfe|brouillons|borradores|rascunhos|bozze|concepten|"
			"kladblok|wersje robocze|robocze|utkast|thu nhap|ban "
			"nhap|черновики|下書き|草稿|草稿箱|"},
	{FOLDER_TRASH,
		"|trash|deleted|deleted items|deleted messages|bin|papierkorb|"
		"geloschte objekte|geloschte elemente|corbeille|elements supprimes|papelera|"
		"elementos eliminados|lixeira|itens excluidos|cestino|posta eliminata|prullenbak|"
		"verwijderde items|kosz|elementy usuniete|papperskorgen|thung rac|корзина|"
		"удаленные|ごみ箱|削除済みアイテム|已删除|已删除邮件|废纸篓|"},
	{FOLDER_ARCHIVE, "|archive|archives|archiv|all mail|archivo|archivio|arquivo|archief|"
			 "archiwum|arkiv|luu tru|архив|アーカイブ|存档|归档|"},
	{FOLDER_JUNK,
		"|junk|spam|junk mail|junk e-mail|bulk mail|junk-e-mail|courrier indesirable|"
		"indesirables|correo no deseado|lixo eletronico|posta indesiderata|ongewenst|"
		"ongewenste e-mail|wiadomosci-smieci|skrappost|thu rac|спам|迷惑メール|垃圾邮件|"},
};

enum folder_role role_by_name(const char *name)
{
	const char *last = strrchr(name, '/');
	CLEANUP(buf_release) struct buf key = BUF_INIT(1024);
	buf_addch(&key, '|');
	last = last ? last + 1 : name;
	fold_plain(&key, last, strlen(last));
	buf_addch(&key, '|');
	for (size_t i = 0; i < ARRAY_SIZE(role_names); i++)
		if (strstr(role_names[i].names, key.p))
			return role_names[i].role;
	return FOLDER_OTHER;
}

const char *role_default_name(enum folder_role role)
{
	switch (role) {
	case FOLDER_SENT:
		return "Sent";
	case FOLDER_DRAFTS:
		return "Drafts";
	case FOLDER_TRASH:
		return "Trash";
	case FOLDER_ARCHIVE:
		return "Archive";
	case FOLDER_JUNK:
		return "Junk";
	case FOLDER_OTHER:
	case FOLDER_INBOX:
	case FOLDER_ALL:
	case FOLDER_FLAGGED:
	case FOLDER_ROLE_COUNT:
		break;
	}
	return NULL;
}
