"""Published figures against figures made here."""
