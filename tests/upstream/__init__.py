"""A real HTTP server that speaks chat completions well or badly, as the model id says."""
