"""The shell of the HTTP API, which knows no domain: app, tokens, roles, problems, parameters."""
