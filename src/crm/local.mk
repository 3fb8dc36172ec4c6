noinst_LIBRARIES += libcrm.a
libcrm_a_SOURCES = \
	include/crmail/crm/activity_id.h include/crmail/crm/crm.h include/crmail/crm/match.h \
	include/crmail/crm/profile.h include/crmail/crm/write.h \
	src/crm/engine.h src/crm/match_list.h src/crm/match_private.h src/crm/profile.h src/crm/template.h \
	src/crm/activity_id.c src/crm/auth.c src/crm/call.c src/crm/engine.c src/crm/filter.c \
	src/crm/organization.c \
	src/crm/jwt.c src/crm/log.c src/crm/match.c src/crm/match_list.c src/crm/match_person.c src/crm/match_rule.c src/crm/profile.c src/crm/profile_check.c src/crm/pull.c \
	src/crm/record.c src/crm/request.c src/crm/show.c src/crm/steps.c src/crm/template.c src/crm/web.c \
	src/crm/write.c src/crm/write_field.c
