"""Numbers for people who look: what each side serves, how well, and what is left. Never on the request path."""
