"""Names in the database that Omna gives."""

#: The role everything belongs to, which migrates; nobody signs in as it.
OWNER = "omna_owner"
#: The role every process works as.
RUNTIME = "omna_runtime"
SCHEMA = "omna"
