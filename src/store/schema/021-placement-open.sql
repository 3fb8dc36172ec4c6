-- 021-placement-open.sql - what a listing has not seen again yet is found without a look at every
-- placement of the folder. Since schema 21.

CREATE INDEX placement_open ON placement (folder) WHERE seen_pass = 1;
