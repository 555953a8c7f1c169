"""The staff interface: one file per page; every action names an actor and a reason."""
