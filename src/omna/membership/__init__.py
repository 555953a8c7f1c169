"""How people arrive, join and leave: the stories that need accounts, workspaces, keys and the ledger together."""
