"""The staff interface under /api/console: one file per noun; every act names an actor and a reason."""
