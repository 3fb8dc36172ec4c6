# Unit tests of src/mail.
