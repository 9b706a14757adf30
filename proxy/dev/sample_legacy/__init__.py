"""A sample legacy system: a shop on Flask and SQLite, with the habits that make real ones hard to replace."""
