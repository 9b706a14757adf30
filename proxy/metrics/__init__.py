"""Numbers for people who look: how much traffic each side serves, how well, and what is left. Never on the request path."""
