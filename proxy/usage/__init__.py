"""Who calls what: names for callers and for unlisted paths that are bounded in number and give nobody away."""
