"""Writers: each puts a document down in one format, and escapes every text in that format's own way."""
