"""Files that people hand in: checked by their structure, kept in the database."""
