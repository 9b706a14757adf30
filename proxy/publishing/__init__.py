"""Publishing, flipping, rolling back and freezing: one code for the `fig` command, `fig dev` and the dashboard."""
