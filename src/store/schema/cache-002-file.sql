-- cache-002-file.sql - which bodies lie in a file, asked before the file goes.
CREATE INDEX body_file ON body (file) WHERE file IS NOT NULL;
