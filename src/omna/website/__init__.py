"""Public pages: server-rendered, without JavaScript, answering while the database is away."""
