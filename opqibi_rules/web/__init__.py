"""The page and the HTTP API: the same questions and answers as the command line, for a browser or a program."""
