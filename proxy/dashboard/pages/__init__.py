"""The pages. What they say is HTML that pure functions make from a view; only grid, charts and dialogs are elements."""
