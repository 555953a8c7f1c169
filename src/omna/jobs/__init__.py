"""Work in the background: jobs of the installation on PostgreSQL, and loops of one process. What the jobs do is the
business of `omna.worker`."""
