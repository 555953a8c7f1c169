"""Background jobs on PostgreSQL: the wiring of the job library. What the jobs do is the business of `omna.worker`."""
