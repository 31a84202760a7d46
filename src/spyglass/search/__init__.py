"""The search language: one text, one tree; SQL is made of it in `store`, masks over live rows here."""
