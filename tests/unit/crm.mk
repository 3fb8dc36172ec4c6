# Unit tests of src/crm.
