noinst_LIBRARIES += libcrm.a
libcrm_a_SOURCES =
