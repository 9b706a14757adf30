"""`fig dev`, started as a person starts it and asked as a client asks it."""
